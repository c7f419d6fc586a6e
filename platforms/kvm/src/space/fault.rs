//! Redeeming promises: the page-fault path. Takes no lock and never fails half way.

use super::entry::Entry;
use super::tree::{END, Node, START, TOP, exchange, load, split};
use crate::reserve;
use kit_arch_x86_64::paging::flush_page;
use kit_iface_arch::{Fault, FaultKind};
use kit_iface_vm::FaultOutcome;

/// Answers a page fault; see [`reserve`] for the second argument.
pub(crate) fn resolve(fault: &Fault, were_interrupts_enabled: bool) -> FaultOutcome {
    let FaultKind::Page { write, execute, .. } = fault.kind else { return FaultOutcome::Refused };
    let is_at_rest = reserve::is_at_rest(were_interrupts_enabled);
    if is_at_rest {
        reserve::top_up();
    }
    touch(fault.address, write, execute, is_at_rest)
}

/// Backs the page at `address`, which was promised for writing; if memory is short, the first access will say so.
pub(super) fn redeem(address: usize) {
    touch(address, true, false, true);
}

fn touch(address: usize, write: bool, execute: bool, is_at_rest: bool) -> FaultOutcome {
    if !(START..END).contains(&address) {
        return FaultOutcome::Refused;
    }
    let Some(mut node) = Node::top() else { return FaultOutcome::Refused };
    let mut level = TOP;
    loop {
        let slot = node.slot(address, level);
        let entry = load(slot);
        if level > 0
            && let Some(below) = Node::below(entry)
        {
            (node, level) = (below, level - 1);
            continue;
        }
        if entry.is_nothing() || !entry.allows(write, execute) {
            return FaultOutcome::Refused;
        }
        if entry.is_present() {
            // The rights have grown and the processor remembered the old ones.
            flush_page(address);
            return FaultOutcome::Resolved;
        }
        let Some(frame) = reserve::take(is_at_rest) else { return FaultOutcome::OutOfMemory };
        let is_changed = if level > 0 {
            split(slot, entry, frame)
        } else {
            // SAFETY: the frame is ours, and in no table yet.
            unsafe { reserve::clear(frame) };
            exchange(slot, entry, Entry::page(frame, entry.access()))
        };
        if is_changed && level == 0 {
            return FaultOutcome::Resolved;
        }
        // One processor runs and handlers are not interrupted, so the exchange cannot fail today; where it can,
        // somebody else has redeemed the promise, and this frame is not needed.
        if !is_changed && is_at_rest {
            // SAFETY: taken above, and linked nowhere.
            unsafe { reserve::free(frame) };
        }
    }
}
