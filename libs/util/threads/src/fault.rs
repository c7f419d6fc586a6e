//! What becomes of a fault that the address space did not resolve.
//!
//! The application gets the first word if it installed a handler (`std` does, to tell stack overflows) and
//! the fault is its own; a fault at an instruction of the OS is the OS's, and ends the image with a report.
//! The texts are put together by hand: `core::fmt` would weigh more than the rest of the image's core.

use crate::core_::{Core, HasThreads};
use crate::thread::Thread;
use core::sync::atomic::Ordering;
use kit_iface_arch::{Arch, Fault, FaultKind};
use kit_iface_console::{Console, log_str};
use kit_iface_platform::{EXIT_FAULT, Platform};

/// How the application's handler is entered: `handler(argument0, argument1)` on the stack that ends at
/// `stack_top`.
#[derive(Clone, Copy, Debug)]
pub struct Redirect {
    /// Address of the handler.
    pub handler: usize,
    /// First argument (the signal number).
    pub argument0: usize,
    /// Second argument (the address of the signal's information).
    pub argument1: usize,
    /// End of the stack to run on.
    pub stack_top: *mut u8,
}

/// Decides about a fault of the application: its own handler, or `None`, and the image ends.
/// Runs with interrupts masked; it must not block.
pub type FaultHandler = fn(&Fault) -> Option<Redirect>;

unsafe extern "C" {
    safe static __kit_os_text_start: u8;
    safe static __kit_os_text_end: u8;
}

impl<I: HasThreads> Core<I> {
    /// See [`kit_iface_platform::hooks::fault`].
    ///
    /// # Safety
    /// `frame` is the faulting state, and interrupts are masked.
    pub unsafe fn fault(&self, frame: *mut (), fault: &Fault) -> bool {
        let is_overflow = self.is_stack_overflow(fault);
        let os_text = &raw const __kit_os_text_start as usize..&raw const __kit_os_text_end as usize;
        let is_of_os = self.faulting().is_none_or(|me| me.thread_pointer == 0);
        let is_ours = is_of_os || (os_text.contains(&fault.instruction) && !is_overflow);
        if !is_ours && let Some(redirect) = self.ask(fault) {
            // SAFETY: `frame` is the faulting state; the handler's stack is the one the application set aside.
            unsafe {
                I::Arch::redirect(
                    frame.cast(),
                    redirect.handler,
                    redirect.argument0,
                    redirect.argument1,
                    redirect.stack_top,
                )
            };
            return true;
        }
        self.report(fault, is_ours)
    }

    /// Ends the image because of a fault that nobody handled: what and where on the console, the backtrace to
    /// the host tool. `is_ours` says that the OS is to blame; else the exit status is what a shell shows for
    /// the signal that Linux would have sent.
    pub fn report(&self, fault: &Fault, is_ours: bool) -> ! {
        let (what, status) = describe(fault.kind);
        log_str(if is_ours { "kit: fault inside the OS: " } else { "kit: fault in the application: " });
        log_str(if self.is_stack_overflow(fault) { "stack overflow" } else { what });
        log_hex(" at address ", fault.address);
        log_hex(", instruction ", fault.instruction);
        log_hex(", stack ", fault.stack_pointer);
        log_str(", thread ");
        let name = self.faulting().map_or(*b"boot\0\0\0\0\0\0\0\0\0\0\0\0", Thread::name);
        let length = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        I::console().write(&name[..length]);
        log_str("\n");
        let mut addresses = [0; 32];
        let count = backtrace::<I>(fault, &mut addresses);
        I::platform().report_fault(if is_ours { "os" } else { "app" }, &addresses[..count]);
        I::platform().exit(if is_ours { EXIT_FAULT } else { status })
    }

    /// The thread that faulted; `None` before there are threads, or in an image that has none.
    fn faulting(&self) -> Option<&Thread<I::Arch>> {
        // SAFETY: a fault runs masked on the only CPU, and a thread may look at itself; `current` is one word,
        // whole at every moment, and the running thread is alive.
        unsafe { self.state.peek().current.map(|current| current.as_ref()) }
    }

    fn is_stack_overflow(&self, fault: &Fault) -> bool {
        matches!(fault.kind, FaultKind::Page { .. })
            && self.faulting().is_some_and(|me| me.guards(fault.address))
    }

    fn ask(&self, fault: &Fault) -> Option<Redirect> {
        let handler = self.fault_handler.load(Ordering::Acquire);
        if handler.is_null() {
            return None;
        }
        // SAFETY: only `set_fault_handler` stores here, and it stores a `FaultHandler`.
        let handler: FaultHandler = unsafe { core::mem::transmute(handler) };
        handler(fault)
    }
}

fn backtrace<I: HasThreads>(fault: &Fault, addresses: &mut [usize; 32]) -> usize {
    addresses[0] = fault.instruction;
    let mut count = 1;
    let base = fault.stack_pointer;
    let near = |address: usize| address >= base && address - base < 64 * 1024 && address.is_multiple_of(8);
    I::Arch::backtrace(fault.frame_pointer, &near, &mut |address| {
        if count < addresses.len() {
            addresses[count] = address;
            count += 1;
        }
    });
    count
}

/// Words for a fault, and the status of a process that its signal ends: SIGSEGV, SIGILL, SIGFPE, SIGTRAP.
fn describe(kind: FaultKind) -> (&'static str, u8) {
    match kind {
        FaultKind::Page { write: true, .. } => ("refused write", 139),
        FaultKind::Page { execute: true, .. } => ("refused execution", 139),
        FaultKind::Page { .. } => ("refused read", 139),
        FaultKind::IllegalInstruction => ("illegal instruction", 132),
        FaultKind::Arithmetic => ("arithmetic exception", 136),
        FaultKind::Breakpoint => ("breakpoint", 133),
        FaultKind::Other(_) => ("exception", 139),
    }
}

fn log_hex(label: &str, value: usize) {
    let mut digits = [0; 18];
    let mut at = digits.len();
    let mut rest = value;
    loop {
        at -= 1;
        digits[at] = b"0123456789abcdef"[rest & 15];
        rest >>= 4;
        if rest == 0 {
            break;
        }
    }
    digits[at - 1] = b'x';
    digits[at - 2] = b'0';
    log_str(label);
    log_str(core::str::from_utf8(&digits[at - 2..]).unwrap_or_default());
}
