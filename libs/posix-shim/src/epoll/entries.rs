//! The entries of one epoll set in a table, and the list of those with news, which runs through the table by number.
//!
//! So a file's news are listed in constant time and without allocating, in whatever context they come. An entry's
//! token is its slot and the slot's generation: news that outlive their entry find the generation changed and are
//! dropped.

use crate::Errno;
use crate::fd::Events;
use crate::fd::file::FileWeak;
use alloc::vec::Vec;
use core::ffi::c_int;

/// Report news only, not what is still so.
pub const EDGE: u32 = libc::EPOLLET as u32;
/// Report once, then wait to be set again.
pub const ONE_SHOT: u32 = libc::EPOLLONESHOT as u32;
/// Flags that ask for a behaviour rather than for events.
pub const FLAGS: u32 = EDGE | ONE_SHOT | libc::EPOLLWAKEUP as u32 | libc::EPOLLEXCLUSIVE as u32;
/// "No slot" in a list.
const NONE: u32 = u32::MAX;

/// The table and the list.
#[derive(Default)]
pub struct Entries {
    slots: Vec<Slot>,
    free: List,
    ready: List,
    ready_count: usize,
    nested_sets: usize,
}

/// A first-in-first-out list through [`Slot::next`].
struct List {
    head: u32,
    tail: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { head: NONE, tail: NONE }
    }
}

struct Slot {
    generation: u32,
    next: u32,
    previous: u32,
    is_listed: bool,
    entry: Option<Entry>,
}

/// One entry.
pub struct Entry {
    /// The file, which the entry does not keep open.
    pub file: FileWeak,
    /// Under which descriptor it was added.
    pub fd: c_int,
    /// Events and flags as the application gave them; no events at all after a one-shot.
    pub interest: u32,
    /// The application's word.
    pub data: u64,
    /// The file is a set itself.
    pub is_set: bool,
}

impl Entry {
    /// What it wants to hear of.
    pub fn events(&self) -> Events {
        let events = Events(self.interest & !FLAGS);
        if self.is_off() { Events::NONE } else { events.with(Events::ALWAYS) }
    }

    fn is_off(&self) -> bool {
        self.interest & ONE_SHOT != 0 && self.interest & !FLAGS == 0
    }
}

impl Entries {
    /// The entry that `token` names, if it is still there.
    pub fn entry(&mut self, token: u64) -> Option<&mut Entry> {
        let slot = self.slots.get_mut(token as u32 as usize)?;
        if slot.generation == (token >> 32) as u32 { slot.entry.as_mut() } else { None }
    }

    /// The token of whatever is in `slot`.
    pub fn token(&self, slot: u32) -> u64 {
        u64::from(self.slots[slot as usize].generation) << 32 | u64::from(slot)
    }

    /// Puts an entry on the list; false if it is there already.
    pub fn list(&mut self, slot: u32) -> bool {
        let tail = self.ready.tail;
        let this = &mut self.slots[slot as usize];
        if this.is_listed {
            return false;
        }
        this.is_listed = true;
        this.next = NONE;
        this.previous = tail;
        match self.slots.get_mut(tail as usize) {
            Some(tail) => tail.next = slot,
            None => self.ready.head = slot,
        }
        self.ready.tail = slot;
        self.ready_count += 1;
        true
    }

    /// Takes an entry off the list, if it is there.
    pub fn unlist(&mut self, slot: u32) {
        let this = &mut self.slots[slot as usize];
        if !core::mem::take(&mut this.is_listed) {
            return;
        }
        let (next, previous) = (this.next, this.previous);
        match self.slots.get_mut(previous as usize) {
            Some(previous) => previous.next = next,
            None => self.ready.head = next,
        }
        match self.slots.get_mut(next as usize) {
            Some(next) => next.previous = previous,
            None => self.ready.tail = previous,
        }
        self.ready_count -= 1;
    }

    /// Adds an entry; answers with its token.
    pub fn insert(&mut self, entry: Entry) -> Result<u64, Errno> {
        let slot = match self.free.head {
            NONE => {
                self.slots.try_reserve(1).map_err(|_| Errno(libc::ENOMEM))?;
                self.slots.push(Slot {
                    generation: 0,
                    next: NONE,
                    previous: NONE,
                    is_listed: false,
                    entry: None,
                });
                self.slots.len() as u32 - 1
            }
            slot => {
                self.free.head = self.slots[slot as usize].next;
                slot
            }
        };
        self.nested_sets += usize::from(entry.is_set);
        self.slots[slot as usize].entry = Some(entry);
        Ok(self.token(slot))
    }

    /// Removes an entry.
    pub fn remove(&mut self, token: u64) -> Option<Entry> {
        self.entry(token)?;
        let slot = token as u32;
        self.unlist(slot);
        let free = self.free.head;
        let this = &mut self.slots[slot as usize];
        this.generation = this.generation.wrapping_add(1);
        this.next = free;
        let entry = this.entry.take();
        self.free.head = slot;
        self.nested_sets -= usize::from(entry.as_ref().is_some_and(|entry| entry.is_set));
        entry
    }
}

impl Entries {
    /// The slot of the first entry on the list.
    pub fn first(&self) -> Option<u32> {
        (self.ready.head != NONE).then_some(self.ready.head)
    }

    /// How many entries are on the list.
    pub fn listed(&self) -> usize {
        self.ready_count
    }

    /// How many slots there are, used or not.
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// How many entries are sets.
    pub fn nested_sets(&self) -> usize {
        self.nested_sets
    }
}
