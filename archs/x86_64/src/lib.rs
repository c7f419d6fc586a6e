//! x86-64: what a thread's registers are, and how a processor leaves one thread for another.
//!
//! * [`X86_64`] implements the processor slot ([`kit_iface_arch::Arch`]); `context` holds the two switches.
//! * [`Cpu`] is the block that each processor finds behind GS: descriptor tables, save areas, features.
//! * [`traps`] enters Rust from interrupts and exceptions; [`InterruptFrame`] is what it pushes.
//! * [`paging`] is the format of page tables; policy lives in the platforms.
//! * [`mask_interrupts`] and [`restore_interrupts`] are the ambient interrupt mask.
//!
//! Three facts shape everything here (measured in the recipe that kit started from). Prebuilt `std` uses the
//! red zone and SSE, so every gate switches stacks (IST) and saves the vector state before the first Rust
//! instruction. A save area is needed per *thread*, so it lies at the top of the thread's own stack and costs
//! no allocation that could fail. And a page fault may strike anywhere, inside another handler too, so the
//! fault stack moves out of the way while it is in use.
#![no_std]
#![deny(missing_docs)]

mod backtrace;
mod context;
mod control;
mod cpu;
mod descriptors;
mod frame;
mod interrupts;
pub mod paging;
mod thread_pointer;
pub mod traps;

pub use context::Context;
pub use cpu::{Cpu, Stacks};
pub use frame::InterruptFrame;
pub use interrupts::{halt, halt_forever, mask_interrupts, restore_interrupts, were_enabled};

use kit_iface_arch::{Arch, Entry};

/// The x86-64 architecture.
pub struct X86_64;

// SAFETY: `context` saves what the System V ABI keeps across calls for voluntary switches, and all general
// registers plus XSAVE's components for interrupted ones.
unsafe impl Arch for X86_64 {
    const PAGE_BYTES: usize = paging::PAGE_BYTES;
    const STACK_ALIGN: usize = 16;

    type Context = Context;
    type InterruptFrame = InterruptFrame;

    unsafe fn new_context(stack_top: *mut u8, entry: Entry, argument: usize) -> Context {
        // SAFETY: forwarded to the caller.
        unsafe { Context::new(stack_top, entry, argument) }
    }

    fn boot_context() -> Context {
        Context::boot()
    }

    #[inline]
    unsafe fn switch(from: *mut Context, to: *mut Context) {
        // SAFETY: forwarded to the caller.
        unsafe { context::switch(from, to) }
    }

    unsafe fn resume(to: *mut Context) -> ! {
        // SAFETY: forwarded to the caller.
        unsafe { context::resume(to) }
    }

    unsafe fn switch_from_interrupt(frame: *mut InterruptFrame, from: *mut Context, to: *mut Context) -> ! {
        // SAFETY: forwarded to the caller.
        unsafe {
            (*from).park(&*frame);
            context::resume(to)
        }
    }

    #[inline]
    unsafe fn set_thread_pointer(pointer: usize) {
        // SAFETY: forwarded to the caller.
        unsafe { thread_pointer::set(pointer) }
    }

    fn thread_pointer() -> usize {
        thread_pointer::get()
    }

    unsafe fn redirect(
        frame: *mut InterruptFrame,
        handler: usize,
        argument0: usize,
        argument1: usize,
        stack_top: *mut u8,
    ) {
        // SAFETY: the fault path hands out a frame that nobody else refers to.
        unsafe { &mut *frame }.redirect(handler, argument0, argument1, stack_top as usize);
    }

    fn backtrace(frame_pointer: usize, is_mapped: &dyn Fn(usize) -> bool, visit: &mut dyn FnMut(usize)) {
        backtrace::walk(frame_pointer, is_mapped, visit)
    }
}
