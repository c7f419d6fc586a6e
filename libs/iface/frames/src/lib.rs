//! The page-frame slot: who owns which 4 KiB of physical memory.
//!
//! One allocator hands out all memory of an image: the heap grows from it, stacks and mappings are backed by
//! it, drivers take their rings from it. There is no static split to get wrong: memory runs out only when all
//! of it is used. Frames are identity-mapped, so a [`Frame`]'s address is both physical and usable by the CPU.
//!
//! Implementations keep their book-keeping inside the free frames or in frames that they keep for themselves: a
//! frame allocator cannot allocate. So whatever a frame held is gone once it is freed.
//!
//! [`conformance`] checks an implementation; [`fake`] has one that refuses on demand, for tests of its users.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

use core::num::NonZeroUsize;

/// Bytes of one frame.
pub const FRAME_BYTES: usize = 4096;

/// The address of the first byte of a frame, or of a run of frames. Never zero, always a multiple of
/// [`FRAME_BYTES`].
pub type Frame = NonZeroUsize;

/// Why no frames were handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramesError {
    /// No free run is long enough (or aligned enough). Nothing has changed; smaller requests may still succeed.
    Exhausted,
    /// The caller asked for zero frames or for an alignment that is not a power of two.
    BadRequest,
}

/// Counters of a frame allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct FramesUsage {
    /// Frames that were ever added, also those that an implementation keeps for its book-keeping.
    pub total: usize,
    /// Frames that are free now: this many single frames can be allocated.
    pub free: usize,
}

/// A page-frame allocator. All methods may be called with interrupts masked, from any context but a fault
/// handler (a fault may strike inside of the allocator itself), and never block.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a page-frame allocator",
    note = "choose one with `[config] FRAMES_… = true`; `kit doctor` lists them"
)]
pub trait Frames: Sync + 'static {
    /// Gives the memory `start..end` (addresses in bytes) to the allocator. Partial frames at both ends are left
    /// alone. Ranges may come in any order; whether runs reach across two that touch is up to the implementation.
    ///
    /// # Safety
    /// The range is RAM, mapped at its own address, used by nobody, and was not added before.
    unsafe fn add(&self, start: usize, end: usize);

    /// Takes `count` contiguous frames whose first address is a multiple of `align_frames` frames.
    /// Their contents are unspecified.
    fn allocate(&self, count: usize, align_frames: usize) -> Result<Frame, FramesError>;

    /// Gives back a run, or a part of one: any frame that was allocated may be freed alone.
    ///
    /// # Safety
    /// These frames were allocated from this allocator, are not free, and nobody uses them any more.
    unsafe fn free(&self, first: Frame, count: usize);

    /// Counters, for reports and tests.
    fn usage(&self) -> FramesUsage;

    /// Whether no call is under way on this processor. A fault may strike inside of a call; the fault handler asks
    /// this before it calls anything else here. An implementation that cannot tell says no, and the handler
    /// does with what it has set aside.
    fn is_at_rest(&self) -> bool {
        false
    }
}

/// A page-frame allocator that can be told where frames must lie: for devices that reach only a part of memory.
///
/// A trait of its own, so that an image without such a device has nothing of it: a driver asks for `F: FramesBelow`.
pub trait FramesBelow: Frames {
    /// As [`Frames::allocate`], all of the frames below the address `end` (in bytes): 16 MiB for ISA's DMA, 4 GiB for a
    /// device with 32 address bits. [`FramesError::Exhausted`] says that there are none there, whatever there is above.
    /// They are given back by [`Frames::free`].
    fn allocate_below(&self, end: usize, count: usize, align_frames: usize) -> Result<Frame, FramesError>;
}
