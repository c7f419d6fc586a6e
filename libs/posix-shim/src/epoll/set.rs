//! One epoll set: who is in it, and what is reported.

use crate::Errno;
use crate::epoll::entries::{EDGE, Entries, Entry, FLAGS, ONE_SHOT};
use crate::fd::watch::Sink;
use crate::fd::{Events, FileRef, Watch};
use alloc::sync::Arc;
use core::ffi::c_int;
use kit_util_sync::{IrqLock, SleepLock};

/// One epoll set.
pub struct Set {
    state: IrqLock<Entries>,
    /// Keeps changes of the set apart from each other, not from news.
    changing: SleepLock<()>,
    watch: Watch,
}

/// An entry as [`Set::collect`] takes it off the list.
struct Taken {
    token: u64,
    file: FileRef,
    events: Events,
    data: u64,
}

impl Set {
    /// An empty set.
    pub fn new() -> Self {
        Self { state: IrqLock::new(Entries::default()), changing: SleepLock::new(()), watch: Watch::new() }
    }

    /// Who waits for the set.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Whether there are sets in the set; sets that hold sets are not nested further, so no loop can arise.
    pub fn holds_sets(&self) -> bool {
        self.state.lock().nested_sets() != 0
    }

    /// The token of the entry for `fd`, which the file behind `watch` knows.
    fn find(self: &Arc<Self>, watch: &Watch, fd: c_int) -> Option<u64> {
        watch.find(&**self, &mut |token| self.state.lock().entry(token).is_some_and(|entry| entry.fd == fd))
    }

    /// `EPOLL_CTL_ADD`
    pub fn add(
        self: &Arc<Self>,
        file: &FileRef,
        watch: &Watch,
        fd: c_int,
        event: libc::epoll_event,
        is_set: bool,
    ) -> Result<(), Errno> {
        let _changing = self.changing.lock();
        if self.find(watch, fd).is_some() {
            return Err(Errno(libc::EEXIST));
        }
        let entry = Entry { file: file.downgrade(), fd, interest: event.events, data: event.u64, is_set };
        let events = entry.events();
        let token = self.state.lock().insert(entry)?;
        if let Err(errno) = file.before_watch().and_then(|()| watch.subscribe(self.clone(), token)) {
            let removed = self.state.lock().remove(token);
            drop(removed);
            return Err(errno);
        }
        self.notify(token, file.readiness(events));
        Ok(())
    }

    /// `EPOLL_CTL_MOD`
    pub fn modify(
        self: &Arc<Self>,
        file: &FileRef,
        watch: &Watch,
        fd: c_int,
        event: libc::epoll_event,
    ) -> Result<(), Errno> {
        let _changing = self.changing.lock();
        let token = self.find(watch, fd).ok_or(Errno(libc::ENOENT))?;
        let mut state = self.state.lock();
        let entry = state.entry(token).ok_or(Errno(libc::ENOENT))?;
        entry.interest = event.events;
        entry.data = event.u64;
        let events = entry.events();
        drop(state);
        self.notify(token, file.readiness(events));
        Ok(())
    }

    /// `EPOLL_CTL_DEL`
    pub fn remove(self: &Arc<Self>, watch: &Watch, fd: c_int) -> Result<(), Errno> {
        let _changing = self.changing.lock();
        let token = self.find(watch, fd).ok_or(Errno(libc::ENOENT))?;
        watch.unsubscribe(&**self, token);
        let removed = self.state.lock().remove(token);
        drop(removed);
        Ok(())
    }

    /// Ends all subscriptions.
    pub fn clear(self: &Arc<Self>) {
        let _changing = self.changing.lock();
        let mut slot = 0;
        loop {
            let mut state = self.state.lock();
            if slot as usize == state.slots() {
                return;
            }
            let token = state.token(slot);
            let removed = state.remove(token);
            drop(state);
            if let Some(file) = removed.and_then(|entry| entry.file.upgrade())
                && let Some(watch) = file.watch()
            {
                watch.unsubscribe(&**self, token);
            }
            slot += 1;
        }
    }

    /// Takes the first entry off the list.
    fn take(&self) -> Option<Taken> {
        loop {
            let mut state = self.state.lock();
            let slot = state.first()?;
            state.unlist(slot);
            let token = state.token(slot);
            let Some(entry) = state.entry(token) else { continue };
            let (events, data) = (entry.events(), entry.data);
            // A file that is being closed is gone already.
            if let Some(file) = entry.file.upgrade() {
                return Some(Taken { token, file, events, data });
            }
        }
    }

    /// Reports at most `limit` entries that are ready.
    pub fn collect(&self, limit: usize, report: &mut dyn FnMut(libc::epoll_event)) {
        let mut left = limit;
        // What a level-triggered entry puts back is for the next call.
        let listed = self.state.lock().listed();
        for _ in 0..listed {
            if left == 0 {
                return;
            }
            let Some(taken) = self.take() else { return };
            let ready = taken.file.readiness(taken.events).and(taken.events);
            if ready.is_empty() {
                continue;
            }
            let mut state = self.state.lock();
            let Some(entry) = state.entry(taken.token) else { continue };
            if entry.interest & ONE_SHOT != 0 {
                entry.interest &= FLAGS;
            } else if entry.interest & EDGE == 0 {
                state.list(taken.token as u32);
            }
            drop(state);
            report(libc::epoll_event { events: ready.0, u64: taken.data });
            left -= 1;
        }
    }

    /// Whether anything would be reported.
    pub fn is_ready(&self) -> bool {
        while let Some(taken) = self.take() {
            if taken.file.readiness(taken.events).intersects(taken.events) {
                let mut state = self.state.lock();
                if state.entry(taken.token).is_some() {
                    state.list(taken.token as u32);
                }
                return true;
            }
        }
        false
    }
}

impl Sink for Set {
    fn notify(&self, token: u64, events: Events) {
        let mut state = self.state.lock();
        let Some(entry) = state.entry(token) else { return };
        if !events.intersects(entry.events()) || !state.list(token as u32) {
            return;
        }
        drop(state);
        self.watch.notify(Events::IN);
    }

    fn forget(&self, token: u64) {
        let removed = self.state.lock().remove(token);
        // The entry held the last weak reference, perhaps: free it with interrupts on.
        drop(removed);
    }
}

#[cfg(test)]
mod tests;
