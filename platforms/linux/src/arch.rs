//! x86-64 as a process sees it.
//!
//! What differs from the bare machine is the interrupt frame, which is the kernel's signal frame, and the thread
//! pointer, which is a system call unless kernel and processor offer the unprivileged instruction: a switch
//! without it costs ten times as much.

use crate::context::{self, Context};
use crate::entry;
use crate::signal_frame::SignalFrame;
use core::arch::asm;
use core::sync::atomic::{AtomicBool, Ordering};
use kit_arch_x86_64::X86_64;
use kit_iface_arch::{Arch, Entry};
use kit_util_linux::{set_thread_pointer, thread_pointer};

/// Entry of the auxiliary vector with what the kernel lets processes use, and its bit for the instructions that
/// set the FS base (Linux 5.9, `Documentation/arch/x86/x86_64/fsgs.rst`).
const AT_HWCAP2: usize = 26;
const HWCAP2_FSGSBASE: usize = 1 << 1;

static HAS_FSGSBASE: AtomicBool = AtomicBool::new(false);

/// Learns what the processor lets a process do.
pub(crate) fn start() {
    let has_it = entry::auxiliary(AT_HWCAP2).is_some_and(|bits| bits & HWCAP2_FSGSBASE != 0);
    HAS_FSGSBASE.store(has_it, Ordering::Relaxed);
}

/// x86-64 in a Linux process.
pub struct HostX86_64;

// SAFETY: `context` saves and restores what the ABI lets code rely on.
unsafe impl Arch for HostX86_64 {
    const PAGE_BYTES: usize = 4096;
    const STACK_ALIGN: usize = 16;

    type Context = Context;
    type InterruptFrame = SignalFrame;

    unsafe fn new_context(stack_top: *mut u8, entry: Entry, argument: usize) -> Self::Context {
        // SAFETY: forwarded to the caller.
        unsafe { Context::new(stack_top, entry, argument) }
    }

    fn boot_context() -> Self::Context {
        Context::empty()
    }

    #[inline]
    unsafe fn switch(from: *mut Self::Context, to: *mut Self::Context) {
        // SAFETY: forwarded to the caller.
        unsafe { context::switch(from, to) }
    }

    unsafe fn resume(to: *mut Self::Context) -> ! {
        // SAFETY: forwarded to the caller.
        unsafe { context::resume(to) }
    }

    unsafe fn switch_from_interrupt(
        frame: *mut SignalFrame,
        from: *mut Self::Context,
        to: *mut Self::Context,
    ) -> ! {
        // SAFETY: forwarded to the caller; the frame is the kernel's, on the signal stack.
        unsafe { context::switch_from_interrupt(&*frame, from, to) }
    }

    #[inline]
    unsafe fn set_thread_pointer(pointer: usize) {
        if HAS_FSGSBASE.load(Ordering::Relaxed) {
            // SAFETY: the kernel has said that the instruction may be used; the value is the caller's promise.
            unsafe { asm!("wrfsbase {}", in(reg) pointer, options(nostack, preserves_flags)) };
        } else {
            // SAFETY: forwarded to the caller. The kernel refuses only addresses that no code could use.
            let _ = unsafe { set_thread_pointer(pointer) };
        }
    }

    fn thread_pointer() -> usize {
        thread_pointer()
    }

    unsafe fn redirect(
        frame: *mut SignalFrame,
        handler: usize,
        argument0: usize,
        argument1: usize,
        stack_top: *mut u8,
    ) {
        // SAFETY: the caller passes the frame of the handler that is running, which nobody else looks at.
        unsafe { &mut *frame }.redirect(handler, argument0, argument1, stack_top.addr());
    }

    fn backtrace(frame_pointer: usize, is_mapped: &dyn Fn(usize) -> bool, visit: &mut dyn FnMut(usize)) {
        // Code compiled for a process keeps the same chain.
        X86_64::backtrace(frame_pointer, is_mapped, visit);
    }
}
