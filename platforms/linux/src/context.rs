//! The suspended state of a thread, and the switches.
//!
//! A thread that gave the processor up by itself has called a function, so only what the ABI keeps across calls
//! is saved, on its own stack: rbx, rbp, r12–r15, the MXCSR control bits and the x87 control word (System V
//! ABI, AMD64 supplement, 3.2.1). An interrupted thread's state is the kernel's signal frame; it is moved to
//! the top of the thread's stack, above its first call, so that nothing is pushed near the interrupted stack
//! pointer and the red zone survives.

use crate::mask;
use crate::signal_frame::SignalFrame;
use core::arch::{asm, global_asm, naked_asm};
use kit_iface_arch::Entry;

/// A suspended thread.
#[repr(C)]
pub struct Context {
    /// Where a voluntary switch left the stack; null if the thread was interrupted.
    stack_pointer: *mut u64,
    /// Room for the frame of an interrupt; null for the boot path, which runs masked.
    saved_frame: *mut u8,
}

// SAFETY: both pointers are into the thread's own stack, which goes where the thread goes.
unsafe impl Send for Context {}

/// Values of MXCSR and of the x87 control word that a program starts with (ABI, table 3.4).
const INITIAL_CONTROL: u64 = 0x037f_0000_1f80;

impl Context {
    /// A context to be filled by a switch away from it.
    pub(crate) const fn empty() -> Self {
        Self { stack_pointer: core::ptr::null_mut(), saved_frame: core::ptr::null_mut() }
    }

    /// A context that calls `entry(argument)`.
    ///
    /// # Safety
    /// See `Arch::new_context`.
    pub(crate) unsafe fn new(stack_top: *mut u8, entry: Entry, argument: usize) -> Self {
        let entry = entry as usize as u64;
        let begin = begin as *const () as usize as u64;
        // What `resume` pops, lowest address first; `begin` then finds the stack aligned for its call.
        let first = [INITIAL_CONTROL, 0, 0, entry, argument as u64, 0, 0, begin, 0, 0];
        let saved_frame =
            stack_top.wrapping_sub(SignalFrame::saved_bytes()).map_addr(|address| address & !63);
        // SAFETY: the caller provides the room.
        unsafe {
            let stack_pointer = saved_frame.cast::<[u64; 10]>().sub(1);
            stack_pointer.write(first);
            Self { stack_pointer: stack_pointer.cast(), saved_frame }
        }
    }
}

/// Saves the caller into `from` and continues `to`.
///
/// # Safety
/// See `Arch::switch`.
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
        "mov [rdi], rsp",
        "mov rdi, rsi",
        "jmp {resume}",
        resume = sym resume,
    )
}

/// Continues `to` and forgets the caller.
///
/// # Safety
/// See `Arch::resume`.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn resume(to: *mut Context) -> ! {
    naked_asm!(
        "mov rax, [rdi]",
        "test rax, rax",
        "jz 2f",
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
        // This stack is free below its pointer: its thread has been saved, or has ended.
        "2:",
        "and rsp, -16",
        "call {resume_interrupted}",
        resume_interrupted = sym resume_interrupted,
    )
}

/// Sets the interrupted thread `from` aside and continues `to`. The caller is the alarm's handler.
///
/// # Safety
/// See `Arch::switch_from_interrupt`.
pub(crate) unsafe fn switch_from_interrupt(frame: &SignalFrame, from: *mut Context, to: *mut Context) -> ! {
    // SAFETY: `from` is the thread that the frame belongs to, and its room is not in use: a thread is
    // interrupted once before it is resumed.
    unsafe {
        debug_assert!(!(*from).saved_frame.is_null());
        frame.save((*from).saved_frame);
        (*from).stack_pointer = core::ptr::null_mut();
        // The kernel blocks alarms in their handler, which is left for good here. An interrupted thread's frame
        // unblocks them by itself.
        if !(*to).stack_pointer.is_null() {
            mask::unblock_alarms();
        }
        resume(to)
    }
}

/// Continues a thread that an alarm interrupted.
unsafe extern "C" fn resume_interrupted(to: *mut Context) -> ! {
    // SAFETY: the caller says that `to` is suspended.
    let frame = unsafe { (*to).saved_frame };
    // An alarm from here on would be taken for an interrupt of `to`, whose saved frame is still needed: the
    // kernel holds alarms back until it has restored the frame, and with it the empty signal mask.
    mask::open_behind_blocked_alarms();
    // SAFETY: the frame is one that the kernel wrote and `save` moved; the kernel expects the stack pointer
    // behind the return address.
    unsafe {
        asm!("mov rsp, {}", "mov eax, {}", "syscall", "ud2", in(reg) frame.add(8),
            const libc::SYS_rt_sigreturn, options(noreturn))
    }
}

// The first instructions of a thread: the entry is in r13, its argument in r12. The unwinding entry says that
// nobody called it, which ends every backtrace; a naked function could not carry it.
global_asm!(
    ".section .text.kit_thread_begin,\"ax\",@progbits",
    "kit_thread_begin:",
    ".cfi_startproc",
    ".cfi_undefined rip",
    "mov rdi, r12",
    "call r13",
    "ud2",
    ".cfi_endproc",
);

unsafe extern "C" {
    #[link_name = "kit_thread_begin"]
    fn begin() -> !;
}
