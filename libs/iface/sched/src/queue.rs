//! The intrusive run queue that policies are made of. All `unsafe` of the slot is here, so that a policy can
//! `#![forbid(unsafe_code)]`.

use crate::Urgency;
use core::cell::Cell;
use core::ptr::NonNull;

/// What a policy sees of a thread: links for one queue or heap, and the numbers it may decide by.
#[derive(Debug)]
pub struct Links {
    /// In a heap: the left child.
    pub(crate) next: Cell<Option<NonNull<Links>>>,
    /// In a heap: the parent.
    pub(crate) previous: Cell<Option<NonNull<Links>>>,
    /// In a heap: the right child.
    pub(crate) right: Cell<Option<NonNull<Links>>>,
    /// In a heap: when it came in, modulo 2^32.
    pub(crate) arrival: Cell<u32>,
    /// In a heap: the least number of steps down to a missing child, counted from 1.
    pub(crate) rank: Cell<u8>,
    pub(crate) queued: Cell<bool>,
    /// Its level as it counts now: its own, or one that it has been lent. See [`Urgency`].
    pub level: Cell<u8>,
    /// See [`Urgency::has_slice`].
    pub has_slice: Cell<bool>,
    /// One word for the policy's own book-keeping (a virtual time, a deadline, a level).
    pub tag: Cell<u64>,
}

impl Links {
    /// Links of a thread that is in no queue.
    pub const fn new(urgency: Urgency) -> Self {
        Self {
            next: Cell::new(None),
            previous: Cell::new(None),
            right: Cell::new(None),
            arrival: Cell::new(0),
            rank: Cell::new(0),
            queued: Cell::new(false),
            level: Cell::new(urgency.level),
            has_slice: Cell::new(urgency.has_slice),
            tag: Cell::new(0),
        }
    }
}

/// A thread, as policies pass it around: a pointer that the mechanism keeps valid while a policy holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadRef(pub(crate) NonNull<Links>);

// SAFETY: the links are only touched by the policy that holds the thread, under the mechanism's lock.
unsafe impl Send for ThreadRef {}

impl ThreadRef {
    /// Wraps a thread's links.
    ///
    /// # Safety
    /// `links` stays valid and in place for as long as the reference is in a queue or in use, and is touched
    /// by one context at a time.
    pub const unsafe fn new(links: NonNull<Links>) -> Self {
        Self(links)
    }

    /// The wrapped pointer, for the mechanism to get its thread back.
    pub const fn as_ptr(self) -> NonNull<Links> {
        self.0
    }

    /// The numbers that a policy may decide by.
    pub fn links(&self) -> &Links {
        // SAFETY: by the contract of `new` the pointer is valid while the reference is in use.
        unsafe { self.0.as_ref() }
    }
}

/// A doubly linked first-in-first-out queue of threads: no allocation, every operation `O(1)`.
#[derive(Debug, Default)]
pub struct Queue {
    head: Option<ThreadRef>,
    tail: Option<ThreadRef>,
}

impl Queue {
    /// An empty queue.
    pub const fn new() -> Self {
        Self { head: None, tail: None }
    }

    /// Whether there is nobody in the queue.
    pub const fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// The thread that [`Queue::pop`] would return.
    pub const fn first(&self) -> Option<ThreadRef> {
        self.head
    }

    /// The oldest thread for which `predicate` holds; it stays queued.
    pub fn find(&self, mut predicate: impl FnMut(&ThreadRef) -> bool) -> Option<ThreadRef> {
        let mut next = self.head;
        while let Some(thread) = next {
            if predicate(&thread) {
                return Some(thread);
            }
            next = thread.links().next.get().map(ThreadRef);
        }
        None
    }

    /// Appends `thread`, which must be in no queue.
    pub fn push(&mut self, thread: ThreadRef) {
        let links = thread.links();
        debug_assert!(!links.queued.get(), "a thread is in one queue at a time");
        links.queued.set(true);
        links.next.set(None);
        links.previous.set(self.tail.map(ThreadRef::as_ptr));
        match self.tail {
            Some(tail) => tail.links().next.set(Some(thread.0)),
            None => self.head = Some(thread),
        }
        self.tail = Some(thread);
    }

    /// Puts `thread`, which must be in no queue, before all others.
    pub fn push_first(&mut self, thread: ThreadRef) {
        let links = thread.links();
        debug_assert!(!links.queued.get(), "a thread is in one queue at a time");
        links.queued.set(true);
        links.previous.set(None);
        links.next.set(self.head.map(ThreadRef::as_ptr));
        match self.head {
            Some(head) => head.links().previous.set(Some(thread.0)),
            None => self.tail = Some(thread),
        }
        self.head = Some(thread);
    }

    /// Takes the oldest thread out.
    pub fn pop(&mut self) -> Option<ThreadRef> {
        let thread = self.head?;
        self.remove(thread);
        Some(thread)
    }

    /// Takes `thread` out; it must be in *this* queue or in none. Returns whether it was queued.
    pub fn remove(&mut self, thread: ThreadRef) -> bool {
        let links = thread.links();
        if !links.queued.replace(false) {
            return false;
        }
        let (next, previous) = (links.next.take().map(ThreadRef), links.previous.take().map(ThreadRef));
        match previous {
            Some(previous) => previous.links().next.set(next.map(ThreadRef::as_ptr)),
            None => self.head = next,
        }
        match next {
            Some(next) => next.links().previous.set(previous.map(ThreadRef::as_ptr)),
            None => self.tail = previous,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads<const N: usize>(links: &[Links; N]) -> [ThreadRef; N] {
        // SAFETY: the links outlive the queue in each test, which is single-threaded.
        core::array::from_fn(|i| unsafe { ThreadRef::new(NonNull::from(&links[i])) })
    }

    #[test]
    fn first_in_first_out() {
        let links: [Links; 3] = core::array::from_fn(|_| Links::new(Urgency::NORMAL));
        let threads = threads(&links);
        let mut queue = Queue::new();
        threads.iter().for_each(|t| queue.push(*t));
        assert_eq!(
            [queue.pop(), queue.pop(), queue.pop(), queue.pop()].map(|t| t.map(|t| t.as_ptr())),
            [Some(threads[0].as_ptr()), Some(threads[1].as_ptr()), Some(threads[2].as_ptr()), None]
        );
        assert!(queue.is_empty());
    }

    #[test]
    fn who_goes_first_goes_first() {
        let links: [Links; 3] = core::array::from_fn(|_| Links::new(Urgency::NORMAL));
        let threads = threads(&links);
        let mut queue = Queue::new();
        queue.push_first(threads[0]);
        queue.push(threads[1]);
        queue.push_first(threads[2]);
        let order = [queue.pop(), queue.pop(), queue.pop(), queue.pop()];
        assert_eq!(order, [Some(threads[2]), Some(threads[0]), Some(threads[1]), None]);
    }

    #[test]
    fn removal_from_the_middle_and_of_a_stranger() {
        let links: [Links; 4] = core::array::from_fn(|_| Links::new(Urgency::NORMAL));
        let threads = threads(&links);
        let mut queue = Queue::new();
        threads[..3].iter().for_each(|t| queue.push(*t));
        assert!(queue.remove(threads[1]));
        assert!(!queue.remove(threads[3]));
        assert_eq!(queue.pop(), Some(threads[0]));
        assert_eq!(queue.pop(), Some(threads[2]));
        assert_eq!(queue.pop(), None);
    }
}
