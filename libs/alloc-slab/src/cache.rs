//! A list of free blocks that is its own lock, and that nobody ever waits for.
//!
//! The list's head is taken out by an exchange with [`BUSY`] and put back, changed, by a store. Who finds `BUSY` knows that
//! somebody is at work: perhaps the very code that it has interrupted. So it does not wait, it is told, and does without
//! the list. One exchange and one store are all that a request costs; there is no way to lose a block or to hand one
//! out twice, however many processors share the list (`tests/loom.rs` tries every order). The list is looked at only
//! while it is held, so it does not matter if the same head has come back meanwhile (no ABA).

use super::sync::{AtomicPtr, AtomicUsize, Ordering};
use core::ptr::NonNull;

/// What the first word of a free block holds: the next one of its list.
pub struct Free {
    // Atomic for the test's sake; the stores and loads are plain ones.
    next: AtomicPtr<Free>,
}

/// Somebody is at work on the list. No block is at this address.
const BUSY: *mut Free = core::ptr::without_provenance_mut(1);

/// The list.
pub struct Cache {
    head: AtomicPtr<Free>,
    // Changed only by who holds the list; others may look.
    count: AtomicUsize,
}

/// What became of a request.
pub enum Pop {
    /// A block.
    Block(NonNull<u8>),
    /// There is none.
    Empty,
    /// Somebody is at work on the list.
    Busy,
}

/// What became of a block that was given. Unless it was kept it is still the caller's.
#[derive(Debug, PartialEq, Eq)]
pub enum Push {
    /// It is in the list.
    Kept,
    /// The list is as long as it may be.
    Full,
    /// Somebody is at work on the list.
    Busy,
}

impl Cache {
    /// A list from a null pointer and a zero, which loom cannot make in a constant.
    pub const fn new(head: AtomicPtr<Free>, count: AtomicUsize) -> Self {
        Self { head, count }
    }

    /// How many blocks there are.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Takes hold of the list, unless somebody else has it: its head, to be given back by [`Cache::put_back`]. Writes
    /// nothing in vain, so that who holds the list is not slowed by who asks.
    #[inline]
    fn hold(&self) -> Option<*mut Free> {
        let head = self.head.load(Ordering::Relaxed);
        let is_ours = head != BUSY
            && self.head.compare_exchange(head, BUSY, Ordering::Acquire, Ordering::Relaxed).is_ok();
        is_ours.then_some(head)
    }

    #[inline]
    fn put_back(&self, head: *mut Free) {
        self.head.store(head, Ordering::Release);
    }

    /// Takes the newest block.
    #[inline]
    pub fn pop(&self) -> Pop {
        let Some(head) = self.hold() else { return Pop::Busy };
        let Some(block) = NonNull::new(head) else {
            self.put_back(head);
            return Pop::Empty;
        };
        // SAFETY: a block of the list is free memory that `push` or `fill` has written, and the list is ours.
        let next = unsafe { block.as_ref() }.next.load(Ordering::Relaxed);
        self.change_count(-1);
        self.put_back(next);
        Pop::Block(block.cast())
    }

    /// Puts a block into the list unless it has `limit` already.
    ///
    /// # Safety
    /// The block is free memory of at least a word, aligned to one, and nobody else's. If it is kept, it is the list's.
    #[inline]
    pub unsafe fn push(&self, block: NonNull<u8>, limit: usize) -> Push {
        let Some(head) = self.hold() else { return Push::Busy };
        if self.count() >= limit {
            self.put_back(head);
            return Push::Full;
        }
        // SAFETY: forwarded to the caller.
        let head = unsafe { link(block, head) };
        self.change_count(1);
        self.put_back(head);
        Push::Kept
    }

    /// Puts up to `count` blocks into the list, if nobody is at work on it. `next` stops early with `None`; its blocks
    /// are as [`Cache::push`] wants them.
    pub fn fill(&self, count: usize, mut next: impl FnMut() -> Option<NonNull<u8>>) {
        let Some(mut head) = self.hold() else { return };
        for block in (0..count).map_while(|_| next()) {
            // SAFETY: `next` promises as much.
            head = unsafe { link(block, head) };
            self.change_count(1);
        }
        self.put_back(head);
    }

    /// Hands all blocks but `kept` to `each`, if nobody is at work on the list.
    pub fn empty_to(&self, kept: usize, mut each: impl FnMut(NonNull<u8>)) {
        let Some(mut head) = self.hold() else { return };
        while self.count() > kept
            && let Some(block) = NonNull::new(head)
        {
            // SAFETY: as in `pop`.
            head = unsafe { block.as_ref() }.next.load(Ordering::Relaxed);
            self.change_count(-1);
            each(block.cast());
        }
        self.put_back(head);
    }

    /// The list is ours: nobody else changes the count.
    #[inline]
    fn change_count(&self, by: isize) {
        self.count.store(self.count().wrapping_add_signed(by), Ordering::Relaxed);
    }
}

/// Writes the link into a block, and returns the block as a list.
///
/// # Safety
/// As [`Cache::push`].
#[inline]
unsafe fn link(block: NonNull<u8>, next: *mut Free) -> *mut Free {
    let block = block.cast::<Free>();
    // SAFETY: forwarded to the caller.
    unsafe { block.write(Free { next: AtomicPtr::new(next) }) };
    block.as_ptr()
}
