//! The suspended state of a thread, and the switches.
//!
//! A *voluntary* switch is a function call to the compiler, so only what the System V ABI keeps across calls is
//! saved, on the thread's own stack: six registers, MXCSR and the x87 control word (ABI, 3.2.1). An
//! *interrupted* thread's state is everything: the trap entry has already saved the vector state to the
//! thread's save area, and [`Context::park`] moves the frame beside it. Save area and frame lie at the very
//! end of the stack, above the thread's first call, so nothing is ever pushed near the interrupted stack
//! pointer and the red zone survives.
//!
//! ```text
//! stack_top ─► ┌────────────────────┐
//!              │ InterruptFrame     │ written when the thread is interrupted and another goes on
//!              │ save area (XSAVE)  │ written at every interrupt of the thread
//!              ├────────────────────┤ 64-aligned; the thread's first call starts here
//!              │ thread's frames  ▼ │
//! ```

use crate::InterruptFrame;
use crate::cpu::{Cpu, save_area_below};
use crate::traps::restore_frame;
use core::arch::naked_asm;
use core::mem::offset_of;
use kit_iface_arch::Entry;

/// What MXCSR and the x87 control word hold at process start (ABI, table 3.4): exceptions masked, round to
/// nearest, 64-bit x87 mantissa.
const INITIAL_CONTROL: usize = 0x1f80 | 0x37f << 32;
/// XSAVE's header: must be zero before the first save, as XRSTOR refuses unknown bits in it.
const XSAVE_HEADER: core::ops::Range<usize> = 512..576;

/// A suspended thread: two words.
#[repr(C)]
#[derive(Debug)]
pub struct Context {
    /// Stack pointer of a voluntary switch, or, with the lowest bit set, the address of an interrupted frame.
    stack: usize,
    /// The thread's save area.
    save_area: *mut u8,
}

// SAFETY: the pointer is into the thread's own stack, which goes wherever the thread goes.
unsafe impl Send for Context {}

impl Context {
    const STACK: usize = offset_of!(Context, stack);
    const AREA: usize = offset_of!(Context, save_area);
    const INTERRUPTED: usize = 1;

    /// See [`kit_iface_arch::Arch::new_context`].
    ///
    /// # Safety
    /// As there.
    pub(crate) unsafe fn new(stack_top: *mut u8, entry: Entry, argument: usize) -> Self {
        let bytes = Cpu::save_area_bytes();
        let save_area = save_area_below(stack_top, bytes);
        // What `switch` pops: control words, r15, r14, r13, r12, rbx, rbp, and the address it returns to.
        let first =
            [INITIAL_CONTROL, 0, 0, argument, entry as usize, 0, 0, thread_start as *const () as usize];
        // SAFETY: the caller gives 4 KiB below `stack_top`: these are within 3 KiB of it.
        unsafe {
            if bytes >= XSAVE_HEADER.end {
                save_area.add(XSAVE_HEADER.start).cast::<[u64; 8]>().write([0; 8]);
            }
            let stack = save_area.cast::<[usize; 8]>().sub(1);
            stack.write(first);
            Self { stack: stack as usize, save_area }
        }
    }

    /// The context of the code that is running: its first switch fills the stack pointer in.
    pub(crate) fn boot() -> Self {
        Self { stack: 0, save_area: Cpu::save_area() }
    }

    /// Keeps the frame of the thread that was interrupted, whose context this is.
    pub(crate) fn park(&mut self, frame: &InterruptFrame) {
        // The trap entry has saved the vector state there: it must be this thread's.
        debug_assert_eq!(self.save_area, Cpu::save_area());
        let place = self.save_area.wrapping_add(Cpu::save_area_bytes()).cast::<InterruptFrame>();
        // SAFETY: save area and frame fit between the thread's first call and the end of its stack; the
        // save area's length is a multiple of 64, so the frame is aligned.
        unsafe { place.write(*frame) };
        self.stack = place as usize | Self::INTERRUPTED;
    }
}

/// See [`kit_iface_arch::Arch::switch`].
///
/// # Safety
/// As there.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn switch(from: *mut Context, to: *mut Context) {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 8",
        "stmxcsr [rsp]",
        "fnstcw [rsp + 4]",
        "mov [rdi + {stack}], rsp",
        "mov rdi, rsi",
        "jmp {resume}",
        stack = const Context::STACK,
        resume = sym resume,
    )
}

/// See [`kit_iface_arch::Arch::resume`].
///
/// # Safety
/// As there.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn resume(to: *mut Context) -> ! {
    naked_asm!(
        "mov rbx, [rdi + {area}]",
        "mov gs:[{save_area}], rbx",
        "mov rax, [rdi + {stack}]",
        "test al, {interrupted}",
        "jnz 2f",
        "mov rsp, rax",
        "ldmxcsr [rsp]",
        "fldcw [rsp + 4]",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
        "2:",
        "lea rsp, [rax - {interrupted}]",
        "jmp {restore_frame}",
        area = const Context::AREA,
        stack = const Context::STACK,
        interrupted = const Context::INTERRUPTED,
        save_area = const Cpu::SAVE_AREA,
        restore_frame = sym restore_frame,
    )
}

/// First code of a thread: r12 is its entry and r13 the argument, see [`Context::new`]. The end of the stack for
/// unwinders: no return address, no frame pointer.
#[unsafe(naked)]
extern "C" fn thread_start() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip",
        "mov rdi, r13",
        "xor ebp, ebp",
        "call r12",
        "ud2",
        ".cfi_endproc"
    )
}

#[cfg(test)]
mod tests {
    extern crate std;
    use crate::X86_64;
    use kit_iface_arch::conformance;
    use std::vec;

    /// Voluntary switches need no privilege, only the processor's block behind GS: a Linux process may set that too.
    #[test]
    fn keeps_the_promises_of_the_slot() {
        crate::cpu::pretend();
        conformance::check::<X86_64>(&mut vec![0; conformance::STACK_BYTES]);
    }
}
