//! The processor slot: everything about threads and faults that differs between instruction sets.
//!
//! One architecture is one crate below `archs/`. It knows registers, not policy: who runs next is decided by
//! the thread core (`libs/util/threads`) through the scheduler slot; which frames back a stack, by the address
//! space. What it owes its callers is written at each method; the facts behind the two kinds of switch are in
//! `archs/x86_64/README.md`.
//!
//! # Two kinds of switch
//! A thread leaves the processor either *voluntarily*, by calling [`Arch::switch`], or *interrupted*, when an
//! interrupt handler decides so. Applications are prebuilt with the red zone and with SIMD, so an interrupt
//! may push nothing on the interrupted stack and must save the whole register file: an architecture keeps it in
//! the thread's [`Arch::Context`] or above the thread's first call, never below its stack pointer.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

/// Where the first instruction of a new thread jumps. It never returns; `argument` is handed over unchanged.
pub type Entry = extern "C" fn(argument: usize) -> !;

/// A synchronous fault, decoded far enough that no caller needs the raw frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What happened.
    pub kind: FaultKind,
    /// Address of the instruction that faulted.
    pub instruction: usize,
    /// Stack pointer at the fault.
    pub stack_pointer: usize,
    /// Frame pointer at the fault: the head of the chain that a backtrace walks.
    pub frame_pointer: usize,
    /// The data address, for [`FaultKind::Page`]; zero otherwise.
    pub address: usize,
}

/// The kinds of synchronous fault that callers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An access that the page tables refuse.
    Page {
        /// The access was a store.
        write: bool,
        /// The access was an instruction fetch.
        execute: bool,
        /// A translation exists and its rights refuse the access; false where nothing is mapped.
        present: bool,
    },
    /// An undefined or privileged instruction.
    IllegalInstruction,
    /// An integer or floating-point exception that is unmasked.
    Arithmetic,
    /// A breakpoint instruction.
    Breakpoint,
    /// Any other exception; the number is the architecture's own.
    Other(u8),
}

/// A processor architecture.
///
/// # Safety
/// Implementations promise that a context which was saved and is resumed once continues with every register
/// that the ABI (voluntary) or the instruction set (interrupted) lets code rely on, bit for bit.
pub unsafe trait Arch: 'static {
    /// Bytes of the smallest page.
    const PAGE_BYTES: usize;
    /// Required alignment of a stack pointer at a call boundary, in bytes.
    const STACK_ALIGN: usize;

    /// The suspended state of one thread. Opaque, pinned: its address is handed to assembly.
    type Context: Send;
    /// The state of an interrupted instruction, as the interrupt path presents it to handlers.
    type InterruptFrame;

    /// Makes the context of a thread that will call `entry(argument)` on the stack that ends at `stack_top`.
    ///
    /// # Safety
    /// `stack_top` is aligned to [`Arch::STACK_ALIGN`] and at least 8 KiB of writable stack lie below it: an
    /// architecture may keep the registers of an interrupted thread at the top. The stack stays mapped for as
    /// long as the context can be resumed.
    unsafe fn new_context(stack_top: *mut u8, entry: Entry, argument: usize) -> Self::Context;

    /// The context of the code that is running now (the boot path), to be filled by its first switch.
    fn boot_context() -> Self::Context;

    /// Saves the caller into `from` and resumes `to`. Returns when somebody resumes `from`. Never blocks.
    ///
    /// # Safety
    /// Interrupts are masked. `to` was made by [`Arch::new_context`] or saved by a switch, has not been resumed
    /// since, and neither context moves while suspended.
    unsafe fn switch(from: *mut Self::Context, to: *mut Self::Context);

    /// Resumes `to` for good, from a stack that is not needed any more.
    ///
    /// # Safety
    /// As [`Arch::switch`].
    unsafe fn resume(to: *mut Self::Context) -> !;

    /// Inside an interrupt: parks the interrupted code in `from` and resumes `to` in its place.
    ///
    /// # Safety
    /// As [`Arch::switch`]; `frame` is the one that the interrupt path handed to the handler that is running.
    unsafe fn switch_from_interrupt(
        frame: *mut Self::InterruptFrame,
        from: *mut Self::Context,
        to: *mut Self::Context,
    ) -> !;

    /// Sets the user-visible thread pointer (x86-64: the FS base) of this processor.
    ///
    /// # Safety
    /// `pointer` is what the ABI's thread-local accesses expect, for the thread that runs next.
    unsafe fn set_thread_pointer(pointer: usize);

    /// The user-visible thread pointer of this processor.
    fn thread_pointer() -> usize;

    /// Turns the faulting frame into a call of `handler(argument0, argument1)` on `stack_top`, as a signal
    /// frame would. The handler must not return.
    ///
    /// # Safety
    /// `frame` is the one that the fault path handed out; the stack is mapped and not in use.
    unsafe fn redirect(
        frame: *mut Self::InterruptFrame,
        handler: usize,
        argument0: usize,
        argument1: usize,
        stack_top: *mut u8,
    );

    /// Walks frame pointers from `frame_pointer` and calls `visit` with each return address, nearest first.
    /// Reads only addresses for which `is_mapped` says true; stops at the first frame that does not make sense.
    fn backtrace(frame_pointer: usize, is_mapped: &dyn Fn(usize) -> bool, visit: &mut dyn FnMut(usize));
}
