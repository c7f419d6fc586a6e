//! Frames that the suite holds: stamped when they are taken, checked when they are given back.

use crate::{FRAME_BYTES, Frame, Frames};
use core::num::NonZeroUsize;

/// A run, every frame stamped.
#[derive(Clone, Copy)]
pub struct Owned {
    pub first: Frame,
    pub count: usize,
}

impl Owned {
    pub fn new(first: Frame, count: usize) -> Self {
        (0..count).for_each(|i| stamp(frame_at(first.get() + i * FRAME_BYTES)));
        Self { first, count }
    }

    pub fn free(self, frames: &impl Frames) {
        (0..self.count).for_each(|i| check(frame_at(self.first.get() + i * FRAME_BYTES)));
        // SAFETY: ours by construction, and forgotten here.
        unsafe { frames.free(self.first, self.count) }
    }

    /// Frees all but the first `kept` frames, one by one.
    pub fn keep(self, frames: &impl Frames, kept: usize) -> Self {
        for i in kept..self.count {
            Self { first: frame_at(self.first.get() + i * FRAME_BYTES), count: 1 }.free(frames);
        }
        Self { first: self.first, count: kept }
    }
}

/// Takes single frames until there are none, and chains them through their first words.
pub fn drain(frames: &impl Frames, mut each: impl FnMut(Frame)) -> Option<Frame> {
    let mut chain = None::<Frame>;
    while let Ok(frame) = frames.allocate(1, 1) {
        assert_eq!(frame.get() % FRAME_BYTES, 0, "{frame:#x} is not the start of a frame");
        each(frame);
        stamp(frame);
        // SAFETY: an owned frame, and an aligned word in it.
        unsafe { word(frame, 1).write(chain.map_or(0, NonZeroUsize::get)) }
        chain = Some(frame);
    }
    chain
}

pub fn give_back(frames: &impl Frames, mut chain: Option<Frame>) {
    while let Some(frame) = chain {
        check(frame);
        // SAFETY: an owned frame whose second word `drain` has written.
        chain = NonZeroUsize::new(unsafe { word(frame, 1).read() });
        // SAFETY: taken by `drain`, and no longer used.
        unsafe { frames.free(frame, 1) }
    }
}

const LAST_WORD: usize = FRAME_BYTES / size_of::<usize>() - 1;

fn stamp(frame: Frame) {
    // SAFETY: an owned frame, and aligned words in it.
    unsafe {
        word(frame, 0).write(frame.get());
        word(frame, LAST_WORD).write(!frame.get());
    }
}

fn check(frame: Frame) {
    // SAFETY: an owned frame, and words that `stamp` has written.
    let words = unsafe { (word(frame, 0).read(), word(frame, LAST_WORD).read()) };
    assert_eq!(words, (frame.get(), !frame.get()), "somebody wrote to frame {frame:#x} while it was owned");
}

fn word(frame: Frame, index: usize) -> *mut usize {
    core::ptr::with_exposed_provenance_mut::<usize>(frame.get()).wrapping_add(index)
}

pub fn frame_at(address: usize) -> Frame {
    NonZeroUsize::new(address).expect("a frame is not at address zero")
}
