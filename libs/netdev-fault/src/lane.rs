//! One direction: what becomes of its frames, and those that it holds back.

use crate::fate::{Fate, Fates, Rates};
use alloc::vec::Vec;

/// Frames that a lane holds back at most; more than that arrive at once.
const MOST_HELD: usize = 64;
/// How long an overtaken frame waits for the one that overtakes it.
const OVERTAKING_NS: u64 = 20_000_000;

/// See the module's description.
pub(crate) struct Lane {
    fates: Fates,
    delay_ns: u64,
    /// In the order in which they came.
    held: Vec<Held>,
}

struct Held {
    due_ns: u64,
    /// Due as soon as another frame has passed.
    is_overtaken: bool,
    frame: Vec<u8>,
}

impl Lane {
    pub fn new(rates: Rates, number: u64) -> Self {
        let delay_ns = u64::from(rates.delay_ms) * 1_000_000;
        Self { fates: Fates::new(rates, number), delay_ns, held: Vec::new() }
    }

    /// What becomes of the next frame.
    pub fn next(&mut self) -> Fate {
        match self.fates.next() {
            Fate::Duplicate | Fate::Reorder | Fate::Delay if self.held.len() >= MOST_HELD => Fate::Arrive,
            fate => fate,
        }
    }

    /// Holds a frame back, as its fate says. Without memory for that it is lost.
    pub fn hold(&mut self, frame: Vec<u8>, fate: Fate, now_ns: u64) {
        let (wait_ns, is_overtaken) = match fate {
            Fate::Reorder => (OVERTAKING_NS, true),
            Fate::Delay => (self.delay_ns, false),
            _ => (0, false),
        };
        if self.held.try_reserve(1).is_ok() {
            self.held.push(Held { due_ns: now_ns + wait_ns, is_overtaken, frame });
        }
    }

    /// A frame has passed: those that it overtook are due.
    pub fn passed(&mut self) {
        for held in self.held.iter_mut().filter(|held| held.is_overtaken) {
            held.due_ns = 0;
        }
    }

    /// Takes the frame that has been due longest.
    pub fn take_due(&mut self, now_ns: u64) -> Option<Vec<u8>> {
        let (place, first) = self.held.iter().enumerate().min_by_key(|(_, held)| held.due_ns)?;
        (first.due_ns <= now_ns).then(|| self.held.remove(place).frame)
    }

    /// When the next frame is due.
    pub fn next_due_ns(&self) -> Option<u64> {
        self.held.iter().map(|held| held.due_ns).min()
    }
}

/// A frame of zeros; `None` without memory for it.
pub(crate) fn room(bytes: usize) -> Option<Vec<u8>> {
    let mut frame = Vec::new();
    frame.try_reserve_exact(bytes).ok()?;
    frame.resize(bytes, 0);
    Some(frame)
}

/// A copy of a frame; `None` without memory for it.
pub(crate) fn copy(frame: &[u8]) -> Option<Vec<u8>> {
    let mut copy = room(frame.len())?;
    copy.copy_from_slice(frame);
    Some(copy)
}
