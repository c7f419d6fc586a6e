//! Threads by their numbers, for policies that listen to what programs say about threads other than their own, and for
//! locks that say who holds them.
//!
//! A hash table with chains through the threads themselves. Numbers are given out one after the other, so their low
//! bits spread them evenly. It grows when a thread is made, as [`crate::timers`] does.

use crate::thread::Thread;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::NonNull;
use kit_iface_arch::Arch;
use kit_iface_sched::ThreadId;

extern crate alloc;

type Link<A> = Option<NonNull<Thread<A>>>;

/// The table. An empty one is all zero bytes.
pub(crate) struct Registry<A: Arch> {
    /// A power of two of chains.
    chains: Option<Box<[Link<A>]>>,
}

impl<A: Arch> Registry<A> {
    pub(crate) const fn new() -> Self {
        Self { chains: None }
    }

    /// Makes room for `threads` threads. False if there is no memory for them.
    pub(crate) fn reserve(&mut self, threads: usize) -> bool {
        let room = self.chains.as_ref().map_or(0, |chains| chains.len());
        if threads <= room {
            return true;
        }
        let (mut chains, wanted) = (Vec::new(), threads.next_power_of_two().max(8));
        if chains.try_reserve_exact(wanted).is_err() {
            return false;
        }
        chains.resize(wanted, None);
        let old = self.chains.replace(chains.into_boxed_slice());
        for chain in old.iter().flat_map(|chains| chains.iter()) {
            let mut next = *chain;
            while let Some(thread) = next {
                // SAFETY: a thread in the table is alive; the core's lock is held.
                next = unsafe { thread.as_ref() }.next_in_registry.take();
                self.insert(thread);
            }
        }
        true
    }

    fn chain(&mut self, id: ThreadId) -> Option<&mut Link<A>> {
        let chains = self.chains.as_mut()?;
        let last = chains.len() - 1;
        chains.get_mut(id.0 as usize & last)
    }

    /// Adds a thread; there is room.
    pub(crate) fn insert(&mut self, thread: NonNull<Thread<A>>) {
        // SAFETY: the caller's thread is alive.
        let inner = unsafe { thread.as_ref() };
        if let Some(chain) = self.chain(inner.id) {
            inner.next_in_registry.set(chain.replace(thread));
        }
    }

    /// The living thread with this number.
    pub(crate) fn find(&mut self, id: ThreadId) -> Link<A> {
        let mut next = *self.chain(id)?;
        while let Some(thread) = next {
            // SAFETY: as in `reserve`.
            let inner = unsafe { thread.as_ref() };
            if inner.id == id {
                return Some(thread);
            }
            next = inner.next_in_registry.get();
        }
        None
    }

    /// Forgets a thread.
    pub(crate) fn remove(&mut self, thread: &Thread<A>) {
        let Some(chain) = self.chain(thread.id) else { return };
        let after = thread.next_in_registry.take();
        if *chain == Some(NonNull::from(thread)) {
            *chain = after;
            return;
        }
        let mut next = *chain;
        while let Some(other) = next {
            // SAFETY: as in `reserve`.
            let other = unsafe { other.as_ref() };
            next = other.next_in_registry.get();
            if next == Some(NonNull::from(thread)) {
                return other.next_in_registry.set(after);
            }
        }
    }
}
