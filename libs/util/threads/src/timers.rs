//! Deadlines of sleeping threads: a binary heap whose entries know their place, so that a wake-up before the
//! deadline removes its entry in `O(log n)`.
//!
//! Room for every thread is made when the thread is made; nothing allocates while interrupts are masked.

use crate::thread::Thread;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::NonNull;
use kit_iface_arch::Arch;

extern crate alloc;

/// "Not in the heap".
pub(crate) const NO_SLOT: u32 = u32::MAX;

struct Entry<A: Arch> {
    deadline_ns: u64,
    thread: NonNull<Thread<A>>,
}

impl<A: Arch> Clone for Entry<A> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

/// The heap, nearest deadline first. An empty one is all zero bytes, as a `Vec` is not: it lies in a static, and
/// an image does not carry zeroes.
pub(crate) struct Timers<A: Arch> {
    /// Room for every thread; the first `used` are the heap, the rest is stale.
    slots: Option<Box<[Entry<A>]>>,
    used: usize,
}

// SAFETY: the pointers are to threads, which the core's lock guards together with this heap.
unsafe impl<A: Arch> Send for Timers<A> {}

impl<A: Arch> Timers<A> {
    pub(crate) const fn new() -> Self {
        Self { slots: None, used: 0 }
    }

    /// Makes room for `threads` entries, in steps that grow with them. False if there is no memory for them.
    pub(crate) fn reserve(&mut self, threads: usize) -> bool {
        let room = self.slots.as_ref().map_or(0, |slots| slots.len());
        if threads <= room {
            return true;
        }
        let mut slots = Vec::new();
        let wanted = threads.max(2 * room).max(4);
        if slots.try_reserve_exact(wanted).is_err() {
            return false;
        }
        slots.extend_from_slice(self.entries());
        slots.resize(wanted, Entry { deadline_ns: u64::MAX, thread: NonNull::dangling() });
        self.slots = Some(slots.into_boxed_slice());
        true
    }

    fn entries(&self) -> &[Entry<A>] {
        self.slots.as_ref().map_or(&[], |slots| &slots[..self.used])
    }

    fn entries_mut(&mut self) -> &mut [Entry<A>] {
        self.slots.as_mut().map_or(&mut [], |slots| &mut slots[..self.used])
    }

    /// The nearest deadline; `u64::MAX` if there is none.
    pub(crate) fn nearest(&self) -> u64 {
        self.entries().first().map_or(u64::MAX, |entry| entry.deadline_ns)
    }

    /// Adds a thread that is not in the heap.
    pub(crate) fn insert(&mut self, thread: NonNull<Thread<A>>, deadline_ns: u64) {
        self.used += 1;
        let last = self.used - 1;
        self.entries_mut()[last] = Entry { deadline_ns, thread };
        self.rise(last);
    }

    /// Removes a thread if it is in the heap.
    pub(crate) fn remove(&mut self, thread: NonNull<Thread<A>>) {
        // SAFETY: threads outlive their entries; the caller holds the core's lock.
        let slot = unsafe { thread.as_ref() }.timer_slot.replace(NO_SLOT);
        if slot == NO_SLOT {
            return;
        }
        let slot = slot as usize;
        let last = self.used - 1;
        self.entries_mut().swap(slot, last);
        self.used = last;
        if slot < last {
            self.sink(slot);
            self.rise(slot);
        }
    }

    /// Takes one thread out whose deadline is at or before `now_ns`.
    pub(crate) fn take_due(&mut self, now_ns: u64) -> Option<NonNull<Thread<A>>> {
        let first = self.entries().first()?;
        if first.deadline_ns > now_ns {
            return None;
        }
        let thread = first.thread;
        self.remove(thread);
        Some(thread)
    }

    fn rise(&mut self, mut slot: usize) {
        while slot > 0 {
            let parent = (slot - 1) / 2;
            let entries = self.entries();
            if entries[parent].deadline_ns <= entries[slot].deadline_ns {
                break;
            }
            self.swap(slot, parent);
            slot = parent;
        }
        self.note(slot);
    }

    fn sink(&mut self, mut slot: usize) {
        loop {
            let (entries, mut least) = (self.entries(), slot);
            for child in [2 * slot + 1, 2 * slot + 2] {
                if child < entries.len() && entries[child].deadline_ns < entries[least].deadline_ns {
                    least = child;
                }
            }
            if least == slot {
                return self.note(slot);
            }
            self.swap(slot, least);
            slot = least;
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.entries_mut().swap(a, b);
        self.note(a);
        self.note(b);
    }

    fn note(&self, slot: usize) {
        // SAFETY: threads outlive their entries; the caller holds the core's lock.
        unsafe { self.entries()[slot].thread.as_ref() }.timer_slot.set(slot as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thread::{Spawn, Stack};
    use alloc::boxed::Box;
    use kit_iface_arch::fake::FakeArch;
    use kit_iface_sched::{ThreadId, Urgency};

    fn thread(id: u32) -> NonNull<Thread<FakeArch>> {
        let stack = Stack::Given { lowest: NonNull::dangling(), bytes: 0 };
        let spawn = Spawn {
            name: b"t",
            entry: |_| {},
            argument: 0,
            stack,
            urgency: Urgency::NORMAL,
            thread_pointer: 0,
            reaped: None,
        };
        let context = FakeArch::boot_context();
        NonNull::from(Box::leak(Box::new(Thread::new(
            ThreadId(id),
            context,
            core::ptr::null_mut(),
            0,
            &spawn,
        ))))
    }

    fn drain(timers: &mut Timers<FakeArch>, now_ns: u64) -> Vec<u32> {
        core::iter::from_fn(|| timers.take_due(now_ns))
            // SAFETY: the threads are leaked, hence alive.
            .map(|thread| unsafe { thread.as_ref() }.id.0)
            .collect()
    }

    #[test]
    fn due_threads_come_out_by_deadline_and_others_stay() {
        let mut timers = Timers::new();
        assert!(timers.reserve(6));
        for (id, deadline_ns) in [(1, 50), (2, 10), (3, 40), (4, 20), (5, 30), (6, 90)] {
            timers.insert(thread(id), deadline_ns);
        }
        assert_eq!(timers.nearest(), 10);
        assert_eq!(drain(&mut timers, 50), [2, 4, 5, 3, 1]);
        assert_eq!(timers.nearest(), 90);
    }

    #[test]
    fn removal_anywhere_keeps_the_order() {
        // Every way to remove one of ten from a heap that was filled in a scrambled order.
        for removed in 0..10u32 {
            let mut timers = Timers::new();
            assert!(timers.reserve(10));
            let threads: Vec<_> = (0..10).map(thread).collect();
            for step in 0..10u32 {
                let id = step * 7 % 10;
                timers.insert(threads[id as usize], u64::from(id));
            }
            timers.remove(threads[removed as usize]);
            timers.remove(threads[removed as usize]);
            let expected: Vec<u32> = (0..10).filter(|id| *id != removed).collect();
            assert_eq!(drain(&mut timers, 100), expected);
            assert_eq!(timers.nearest(), u64::MAX);
        }
    }
}
