//! The tables: three levels below one entry of the root, the top one made with the first mapping.

use super::entry::Entry;
use crate::{boot, reserve};
use core::sync::atomic::{AtomicU64, Ordering};
use kit_arch_x86_64::paging::{ENTRIES, Table, index, span};

/// Where mappings begin: the third entry of the root.
pub(super) const START: usize = 2 * span(3);
/// Where they end.
pub(super) const END: usize = START + span(3);
/// The level of the top table.
pub(super) const TOP: usize = 2;

/// A table. They are shared with fault handlers, so access is atomic, one word at a time.
#[derive(Clone, Copy)]
pub(super) struct Node(&'static Table);

impl Node {
    /// The top table, if there is one yet.
    pub(super) fn top() -> Option<Self> {
        Self::below(Entry(boot::root_entry(START).load(Ordering::Acquire)))
    }

    /// The top table, made if need be. Not for fault handlers; the lock of the address space is held.
    pub(super) fn top_or_new() -> Option<Self> {
        if let Some(top) = Self::top() {
            return Some(top);
        }
        let table = reserve::allocate_table()?;
        boot::root_entry(START).store(table as u64 | boot::TO_TABLE, Ordering::Release);
        Self::top()
    }

    /// The table that an entry above level 0 refers to.
    pub(super) fn below(entry: Entry) -> Option<Self> {
        // SAFETY: a present entry above level 0 refers to a table of ours; it is unlinked before it is freed,
        // under the lock and with interrupts masked, and whoever holds a `Node` holds the lock or is a fault
        // handler, which does not keep it.
        entry.is_present().then(|| Self(unsafe { &*(entry.address() as *const Table) }))
    }

    /// The entry of this table of `level` for `address`.
    pub(super) fn slot(self, address: usize, level: usize) -> &'static AtomicU64 {
        &self.0.0[index(address, level)]
    }

    /// All entries.
    pub(super) fn slots(self) -> &'static [AtomicU64; ENTRIES] {
        &self.0.0
    }
}

/// What the entry holds.
pub(super) fn load(slot: &AtomicU64) -> Entry {
    Entry(slot.load(Ordering::Acquire))
}

/// Replaces `from` by `to`; false if a fault has changed the entry meanwhile.
pub(super) fn exchange(slot: &AtomicU64, from: Entry, to: Entry) -> bool {
    slot.compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Acquire).is_ok()
}

/// Turns a promise (or nothing) above level 0 into a table of 512 equal ones, in `frame`.
pub(super) fn split(slot: &AtomicU64, from: Entry, frame: usize) -> bool {
    // SAFETY: the frame is the caller's, and in no table yet.
    unsafe { reserve::repeat(frame, from.0) };
    exchange(slot, from, Entry(frame as u64 | boot::TO_TABLE))
}
