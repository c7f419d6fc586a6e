//! Changing a range of the address space, entry by entry, largest first.
//!
//! Two steps. First the boundaries: where one of them falls inside of a large promise, the promise is split
//! into a table of smaller ones, which changes nothing that anybody sees; this may want memory and fail. Then the
//! walk, which never fails: every entry lies wholly inside or outside.

use super::entry::Entry;
use super::places;
use super::tree::{END, Node, START, TOP, exchange, load, split};
use crate::reserve;
use core::ptr::NonNull;
use core::sync::atomic::AtomicU64;
use kit_arch_x86_64::paging::{PAGE_BYTES, flush_page, index, span};
use kit_iface_vm::{Access, VmError};

/// Bytes that one turn of the lock may change: bounds for how long interrupts stay masked.
const STRIDE: usize = 8 << 20;

/// What becomes of a range.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// Nothing is there any more.
    Unmap,
    /// Other rights.
    Protect(Access),
    /// The promise again, without the memory.
    Discard,
}

/// Changes a range, if all of it is mapped.
///
/// # Safety
/// Nobody relies on what the change takes away.
pub(super) unsafe fn run(start: NonNull<u8>, bytes: usize, change: Change) -> Result<(), VmError> {
    let first = start.as_ptr() as usize;
    let end = first.checked_add(bytes).ok_or(VmError::BadRange)?;
    if first < START || end > END || !first.is_multiple_of(PAGE_BYTES) {
        return Err(VmError::BadRange);
    }
    {
        let _places = super::PLACES.lock();
        let top = Node::top().ok_or(VmError::BadRange)?;
        if !is_mapped(top, TOP, first, end) {
            return Err(VmError::BadRange);
        }
    }
    // SAFETY: forwarded to the caller; the range was looked at above.
    unsafe { run_mapped(start, bytes, change) }
}

/// Changes a range that is known to be mapped.
///
/// # Safety
/// As [`run`]; the range was mapped by this address space.
pub(super) unsafe fn run_mapped(start: NonNull<u8>, bytes: usize, change: Change) -> Result<(), VmError> {
    let start = start.as_ptr() as usize;
    let end = start + bytes;
    reserve::top_up();
    {
        let _places = super::PLACES.lock();
        let top = Node::top().ok_or(VmError::BadRange)?;
        bound(top, start)?;
        bound(top, end)?;
    }
    let mut at = start;
    while at < end {
        // A promise of a GiB is one entry, so it must not be cut up here.
        let next = if end - at >= span(2) && at.is_multiple_of(span(2)) {
            at + span(2)
        } else {
            end.min((at + STRIDE) & !(STRIDE - 1))
        };
        let _places = super::PLACES.lock();
        if let Some(top) = Node::top() {
            walk(top, TOP, at, next, change);
        }
        at = next;
    }
    Ok(())
}

/// Promises an empty range. The lock is held.
pub(super) fn promise(start: usize, bytes: usize, access: Access) -> Result<(), VmError> {
    let top = Node::top_or_new().ok_or(VmError::Exhausted)?;
    bound(top, start)?;
    bound(top, start + bytes)?;
    fill(top, TOP, start, start + bytes, Entry::promise(access));
    Ok(())
}

/// The entries of `node` that `start..end` touches, each with the part of the range that it covers.
fn entries(
    node: Node,
    level: usize,
    start: usize,
    end: usize,
) -> impl Iterator<Item = (&'static AtomicU64, usize, usize)> {
    let mut at = start;
    core::iter::from_fn(move || {
        (at < end).then(|| {
            let part = (at, end.min((at & !(span(level) - 1)) + span(level)));
            at = part.1;
            (node.slot(part.0, level), part.0, part.1)
        })
    })
}

fn is_mapped(node: Node, level: usize, start: usize, end: usize) -> bool {
    if level == 0 {
        let slots = &node.slots()[index(start, 0)..=index(end - 1, 0)];
        return slots.iter().all(|slot| !load(slot).is_nothing());
    }
    entries(node, level, start, end).all(|(slot, start, end)| {
        let entry = load(slot);
        match Node::below(entry) {
            Some(below) => is_mapped(below, level - 1, start, end),
            None => !entry.is_nothing(),
        }
    })
}

/// Makes `address` a boundary between entries.
fn bound(top: Node, address: usize) -> Result<(), VmError> {
    let (mut node, mut level) = (top, TOP);
    while !address.is_multiple_of(span(level)) {
        let slot = node.slot(address, level);
        let entry = load(slot);
        if let Some(below) = Node::below(entry) {
            (node, level) = (below, level - 1);
            continue;
        }
        let frame = reserve::allocate().ok_or(VmError::Exhausted)?;
        if !split(slot, entry, frame.get()) {
            // A fault on the caller's own stack has split it first: look again.
            // SAFETY: allocated above, and linked nowhere.
            unsafe { reserve::free(frame.get()) };
        }
    }
    Ok(())
}

/// Writes `promise` to the empty entries of the range.
fn fill(node: Node, level: usize, start: usize, end: usize, promise: Entry) {
    for (slot, start, end) in entries(node, level, start, end) {
        match Node::below(load(slot)).filter(|_| level > 0) {
            Some(below) => fill(below, level - 1, start, end, promise),
            None => {
                // Nobody can redeem what has not been promised, so the entry is as it was found: empty.
                let is_changed = exchange(slot, Entry::NOTHING, promise);
                debug_assert!(is_changed);
            }
        }
    }
}

/// Changes the range; all its boundaries are boundaries of entries.
fn walk(node: Node, level: usize, start: usize, end: usize, change: Change) {
    for (slot, start, end) in entries(node, level, start, end) {
        loop {
            let entry = load(slot);
            if level > 0
                && let Some(below) = Node::below(entry)
            {
                let is_whole = end - start == span(level);
                if level == 1 && is_whole && matches!(change, Change::Unmap) {
                    if exchange(slot, entry, Entry::NOTHING) {
                        free_pages(below, start);
                        free_table(entry, start);
                    }
                    break;
                }
                walk(below, level - 1, start, end, change);
                // Where pages are placed singly, the next mapping will want the table again. Elsewhere an empty one
                // would block its place; it is looked at as far as its first entry in use.
                let is_checked = matches!(change, Change::Unmap)
                    && (is_whole || level == 1 && !places::keeps_tables(start));
                let is_empty = || below.slots().iter().all(|slot| load(slot).is_nothing());
                if is_checked && is_empty() && exchange(slot, entry, Entry::NOTHING) {
                    free_table(entry, start);
                }
                break;
            }
            let new = match change {
                Change::Unmap => Entry::NOTHING,
                Change::Protect(access) => entry.with_access(access),
                Change::Discard => Entry::promise(entry.access()),
            };
            if !exchange(slot, entry, new) {
                // Redeemed by a fault of the caller's own stack: look again.
                continue;
            }
            if entry.is_present() {
                flush_page(start);
            }
            if entry.address() != 0 && new.address() == 0 {
                // SAFETY: the frame was this page's alone, and no translation to it is left.
                unsafe { reserve::free(entry.address()) };
            }
            break;
        }
    }
}

/// Frees all pages of a level-0 table that was unlinked; the processor may still remember them.
fn free_pages(table: Node, start: usize) {
    for (number, slot) in table.slots().iter().enumerate() {
        let entry = load(slot);
        if entry.address() != 0 {
            flush_page(start + number * PAGE_BYTES);
            // SAFETY: the frame was this page's alone, and no translation to it is left.
            unsafe { reserve::free(entry.address()) };
        }
    }
}

/// Frees a table that was unlinked. `address` is any that it translated.
fn free_table(entry: Entry, address: usize) {
    // Drops what the processor remembers of tables, whatever the address (SDM volume 3, 4.10.4.1).
    flush_page(address);
    // SAFETY: a table of ours that nothing refers to any more.
    unsafe { reserve::free(entry.address()) };
}
