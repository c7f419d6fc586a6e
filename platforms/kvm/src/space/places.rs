//! Room for new mappings: runs of empty entries, first fit, in a window per level.
//!
//! A mapping is placed by the entries of the level that suits its size (pages, 2 MiB, GiB), so that it takes few
//! of them; each level has a window of its own, so that pages do not break up the GiBs. What is lowest and maybe
//! free is remembered, which makes the common case, one thread going and the next coming, a look at one entry.

use super::tree::{Node, START, load};
use kit_arch_x86_64::paging::{index, span};

const LEVELS: usize = 3;
/// The windows, in GiB from [`START`]: 64 for pages, 192 for 2 MiB (stacks: 90,000 of them), 256 for GiBs.
const WINDOWS: [(usize, usize); LEVELS] = [(0, 64), (64, 256), (256, 512)];

/// Where to look first, per level.
pub(super) struct Places {
    lowest_free: [usize; LEVELS],
}

const fn window(level: usize) -> (usize, usize) {
    (START + WINDOWS[level].0 * span(2), START + WINDOWS[level].1 * span(2))
}

/// Whether `address` lies in the window of single pages, whose tables stay when they become empty.
pub(super) fn keeps_tables(address: usize) -> bool {
    address < window(0).1
}

impl Places {
    pub(super) const fn new() -> Self {
        Self { lowest_free: [window(0).0, window(1).0, window(2).0] }
    }

    /// The lowest address in the window of `level` from which `bytes` are free.
    pub(super) fn find(&self, bytes: usize, level: usize) -> Option<usize> {
        find(self.lowest_free[level], window(level).1, bytes, level, free_run)
    }

    /// `bytes` from `start`, which [`Places::find`] answered, are in use now.
    pub(super) fn note_taken(&mut self, start: usize, bytes: usize, level: usize) {
        if self.lowest_free[level] == start {
            self.lowest_free[level] = (start + bytes).next_multiple_of(span(level));
        }
    }

    /// The mapping at `start`, or a part of it, is free now.
    pub(super) fn note_free(&mut self, start: usize) {
        for level in 0..LEVELS {
            let (first, end) = window(level);
            if (first..end).contains(&start) {
                let slot = start & !(span(level) - 1);
                self.lowest_free[level] = self.lowest_free[level].min(slot);
            }
        }
    }
}

/// First fit. `free_run(address, wanted, level)` says up to which address all entries from `address` on are empty, as
/// far as one look tells, or as `wanted` bytes go; `address` itself if it is taken.
fn find(
    from: usize,
    end: usize,
    bytes: usize,
    level: usize,
    free_run: impl Fn(usize, usize, usize) -> usize,
) -> Option<usize> {
    let (mut start, mut at) = (from, from);
    while end - start >= bytes {
        let free_to = free_run(at, bytes - (at - start), level);
        if free_to - start >= bytes && free_to > at {
            return Some(start);
        }
        if free_to == at {
            at += span(level);
            start = at;
        } else {
            at = free_to;
        }
        if at >= end {
            return None;
        }
    }
    None
}

fn free_run(address: usize, wanted: usize, level: usize) -> usize {
    let mut here = super::tree::TOP;
    let Some(mut node) = Node::top() else { return window(level).1 };
    loop {
        let entry = load(node.slot(address, here));
        if entry.is_nothing() {
            break;
        }
        match Node::below(entry).filter(|_| here > level) {
            Some(below) => (node, here) = (below, here - 1),
            None => return address,
        }
    }
    if here > level {
        return (address & !(span(here) - 1)) + span(here);
    }
    let slots = &node.slots()[index(address, level)..];
    let wanted = wanted.div_ceil(span(level));
    address + slots.iter().take(wanted).take_while(|slot| load(slot).is_nothing()).count() * span(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB2: usize = span(1);

    /// Finds among 16 entries, of which `taken` are; a run is told in pieces of at most four entries.
    fn fit(taken: &[usize], entries: usize) -> Option<usize> {
        let free_run = |address: usize, _, _| {
            let first = address / MIB2;
            let piece_end = (first / 4 + 1) * 4;
            (first..piece_end).find(|entry| taken.contains(entry)).unwrap_or(piece_end) * MIB2
        };
        find(0, 16 * MIB2, entries * MIB2, 1, free_run).map(|address| address / MIB2)
    }

    #[test]
    fn first_fit_across_pieces() {
        assert_eq!(fit(&[], 1), Some(0));
        assert_eq!(fit(&[], 16), Some(0));
        assert_eq!(fit(&[], 17), None);
        assert_eq!(fit(&[0, 1], 3), Some(2));
        assert_eq!(fit(&[3, 5], 2), Some(0));
        assert_eq!(fit(&[1, 3, 5], 6), Some(6));
        assert_eq!(fit(&[1, 3, 5, 11], 6), None);
        assert_eq!(fit(&[15], 15), Some(0));
        assert_eq!(fit(&[14], 2), Some(0));
        assert_eq!(fit(&[0, 14], 14), None);
    }

    #[test]
    fn windows_are_apart_and_inside() {
        for level in 0..LEVELS {
            let (start, end) = window(level);
            assert!(start < end && start.is_multiple_of(span(level)) && end <= super::super::tree::END);
        }
        assert!(window(0).1 <= window(1).0 && window(1).1 <= window(2).0);
    }

    #[test]
    fn what_is_freed_is_looked_at_again() {
        let mut places = Places::new();
        let start = window(1).0;
        places.note_taken(start, 3 * MIB2 + 4096, 1);
        assert_eq!(places.lowest_free[1], start + 4 * MIB2);
        places.note_taken(start + 9 * MIB2, MIB2, 1);
        assert_eq!(places.lowest_free[1], start + 4 * MIB2);
        places.note_free(start + MIB2 + 4096);
        assert_eq!(places.lowest_free[1], start + MIB2);
        assert_eq!(places.lowest_free[0], window(0).0);
    }
}
