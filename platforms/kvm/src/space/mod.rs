//! The address space above 1 TiB: stacks and mappings that cost memory only once they are touched.
//!
//! There is no list of mappings: the page tables say it all. An entry that the processor finds not present is
//! free for our use, and holds either nothing or a *promise*: "this page (or these 2 MiB, this GiB) may be used
//! for …" (`entry`). A promise costs no memory however large it is; a touch redeems it, one page at a time
//! (`fault`). So the fault path reads one word per level and needs no lock, which matters, because a fault may
//! strike while somebody changes this very structure: every change is one atomic store.
//!
//! `places` finds room for a new mapping by looking for empty entries; `change` walks a range.

mod change;
mod entry;
mod fault;
mod places;
mod tree;

pub(crate) use fault::resolve;

use crate::reserve;
use change::Change;
use core::marker::PhantomData;
use core::ptr::NonNull;
use kit_arch_x86_64::paging::{PAGE_BYTES, span};
use kit_iface_frames::Frames;
use kit_iface_vm::{Access, Vm, VmError};
use kit_util_sync::IrqLock;
use places::Places;

/// Stacks from here on are placed by 2 MiB, so that mapping one is a store or two; smaller ones share tables.
const LARGE_STACK: usize = 1 << 20;

static PLACES: IrqLock<Places> = IrqLock::new(Places::new());

/// The machine's address space. Memory comes from the frame allocator that the platform was started with,
/// which the type names so that the root's choice is visible.
pub struct AddressSpace<F: Frames> {
    frames: PhantomData<&'static F>,
}

impl<F: Frames> AddressSpace<F> {
    /// The address space over `frames`. One static, made by the composed root.
    pub const fn new(_frames: &'static F) -> Self {
        Self { frames: PhantomData }
    }
}

impl<F: Frames> Vm for AddressSpace<F> {
    fn map(&self, bytes: usize, access: Access) -> Result<NonNull<u8>, VmError> {
        let bytes = to_map(bytes)?;
        let level = usize::from(bytes >= span(1)) + usize::from(bytes >= span(2));
        map_at_level(bytes, access, level)
    }

    unsafe fn unmap(&self, start: NonNull<u8>, bytes: usize) -> Result<(), VmError> {
        let bytes = whole_pages(bytes)?;
        // SAFETY: forwarded to the caller.
        unsafe { change::run(start, bytes, Change::Unmap)? };
        PLACES.lock().note_free(start.as_ptr() as usize);
        Ok(())
    }

    unsafe fn protect(&self, start: NonNull<u8>, bytes: usize, access: Access) -> Result<(), VmError> {
        // SAFETY: forwarded to the caller.
        unsafe { change::run(start, whole_pages(bytes)?, Change::Protect(access)) }
    }

    unsafe fn discard(&self, start: NonNull<u8>, bytes: usize) -> Result<(), VmError> {
        // SAFETY: forwarded to the caller.
        unsafe { change::run(start, whole_pages(bytes)?, Change::Discard) }
    }

    fn map_stack(&self, bytes: usize) -> Result<(NonNull<u8>, usize), VmError> {
        let bytes = to_map(bytes.max(1))?;
        let (unit, level) = stack_unit(bytes);
        let usable = bytes.next_multiple_of(unit);
        // The guard is a promise of nothing: the place below stays taken, and faults.
        let guard =
            map_at_level(usable.checked_add(unit).ok_or(VmError::Exhausted)?, Access::ReadWrite, level)?;
        // SAFETY: mapped on the line above; the sum stays inside of the mapping.
        let lowest = unsafe {
            change::run_mapped(guard, unit, Change::Protect(Access::None))?;
            guard.add(unit)
        };
        // A new thread's first frames lie in the last page: redeem it now instead of by a fault.
        fault::redeem(lowest.as_ptr() as usize + usable - PAGE_BYTES);
        Ok((lowest, usable))
    }

    unsafe fn unmap_stack(&self, lowest: NonNull<u8>, usable: usize) {
        let (unit, _) = stack_unit(usable);
        // SAFETY: `map_stack` mapped a unit below the stack, and whole units; the caller gives them up.
        let result = unsafe {
            let guard = lowest.sub(unit);
            PLACES.lock().note_free(guard.as_ptr() as usize);
            change::run_mapped(guard, usable + unit, Change::Unmap)
        };
        debug_assert!(result.is_ok());
    }
}

/// Whether `bytes` from `start` have their own physical address: everything that is not a mapping.
pub(crate) fn is_identity_mapped(start: usize, bytes: usize) -> bool {
    start.checked_add(bytes).is_some_and(|end| end <= tree::START)
}

/// How stacks of `bytes` are placed: the size of their guard and the level of the tables.
fn stack_unit(bytes: usize) -> (usize, usize) {
    if bytes >= LARGE_STACK { (span(1), 1) } else { (span(0), 0) }
}

fn whole_pages(bytes: usize) -> Result<usize, VmError> {
    match bytes.checked_next_multiple_of(PAGE_BYTES) {
        Some(0) | None => Err(VmError::BadRange),
        Some(bytes) => Ok(bytes),
    }
}

/// The whole pages that a mapping of `bytes` takes. More than all there is cannot be had.
fn to_map(bytes: usize) -> Result<usize, VmError> {
    if bytes > tree::END - tree::START { Err(VmError::Exhausted) } else { whole_pages(bytes) }
}

/// Maps whole pages at a place that begins with an entry of a table of `level`.
fn map_at_level(bytes: usize, access: Access, level: usize) -> Result<NonNull<u8>, VmError> {
    reserve::top_up();
    let mut places = PLACES.lock();
    let start = places.find(bytes, level).ok_or(VmError::Exhausted)?;
    change::promise(start, bytes, access)?;
    places.note_taken(start, bytes, level);
    NonNull::new(start as *mut u8).ok_or(VmError::Exhausted)
}
