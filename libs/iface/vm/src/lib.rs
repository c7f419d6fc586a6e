//! The address-space slot: mappings that cost memory only once they are touched.
//!
//! Thread stacks of 2 MiB and `mmap` reservations far larger than RAM are ordinary in Rust programs; what an
//! image pays is what it writes to. A mapping is therefore a promise of address space; frames come with the
//! first access, zeroed. In a Linux process the host does this; elsewhere the platform's page-fault path does,
//! from a small reserve of frames, because a fault may strike in the middle of the frame allocator itself.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

use core::ptr::NonNull;

/// Bytes of one page: every address and length here is a multiple of it.
pub const PAGE_BYTES: usize = 4096;

/// What a mapping may be used for. Writable and executable at once does not exist (W^X).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: every access faults. Guards and reservations.
    None,
    /// Loads.
    Read,
    /// Loads and stores.
    ReadWrite,
    /// Loads and instruction fetches.
    ReadExecute,
}

/// Why a mapping could not be made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VmError {
    /// No memory for page tables or book-keeping, or no address space left. Nothing has changed.
    Exhausted,
    /// Zero length, an unaligned address, or a range that is not (wholly) mapped.
    BadRange,
}

/// How a page fault in this address space ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultOutcome {
    /// The page is there now: retry the instruction.
    Resolved,
    /// The access was refused: outside every mapping, or against its rights.
    Refused,
    /// The access was legal and there is no memory to back it.
    OutOfMemory,
}

/// An address space. Methods may be called by any thread and never block.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an address space",
    note = "the platform provides it: choose another platform in `[image] platform`"
)]
pub trait Vm: Sync + 'static {
    /// Reserves `bytes` (rounded up to pages) of address space with `access`; reads see zeroes.
    fn map(&self, bytes: usize, access: Access) -> Result<NonNull<u8>, VmError>;

    /// Gives a range back. It may be any page-aligned part of a mapping.
    ///
    /// # Safety
    /// Nobody uses the range any more.
    unsafe fn unmap(&self, start: NonNull<u8>, bytes: usize) -> Result<(), VmError>;

    /// Changes what a range may be used for. Contents stay.
    ///
    /// # Safety
    /// No code relies on rights that this takes away.
    unsafe fn protect(&self, start: NonNull<u8>, bytes: usize, access: Access) -> Result<(), VmError>;

    /// Frees the memory behind a range; it reads as zeroes again (`MADV_DONTNEED`).
    ///
    /// # Safety
    /// Nobody needs the contents.
    unsafe fn discard(&self, start: NonNull<u8>, bytes: usize) -> Result<(), VmError>;

    /// Reserves a stack of at least `bytes`, below it one guard page that faults on any access.
    /// Returns the lowest usable address and the usable length; [`Vm::unmap_stack`] gives both back.
    fn map_stack(&self, bytes: usize) -> Result<(NonNull<u8>, usize), VmError> {
        let usable = bytes.max(1).next_multiple_of(PAGE_BYTES);
        let guard = self.map(usable + PAGE_BYTES, Access::ReadWrite)?;
        // SAFETY: the range was mapped on the line above and nobody knows of it yet.
        unsafe { self.protect(guard, PAGE_BYTES, Access::None)? };
        // SAFETY: the mapping is one page longer than `usable`, so the sum stays inside of it.
        Ok((unsafe { guard.add(PAGE_BYTES) }, usable))
    }

    /// Gives a stack of [`Vm::map_stack`] back, its guard included.
    ///
    /// # Safety
    /// Nobody runs on it, and both values are those that `map_stack` returned.
    unsafe fn unmap_stack(&self, lowest: NonNull<u8>, usable: usize) {
        // SAFETY: the guard page lies right below the stack, by `map_stack`; the caller owns both.
        let result = unsafe { self.unmap(lowest.sub(PAGE_BYTES), usable + PAGE_BYTES) };
        debug_assert!(result.is_ok());
    }
}
