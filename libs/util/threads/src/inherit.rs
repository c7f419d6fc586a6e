//! How urgent threads are, and how the urgency of who waits for a lock is lent to who holds it.
//!
//! Priority inheritance as in Sha, Rajkumar and Lehoczky, "Priority Inheritance Protocols: An Approach to Real-Time
//! Synchronization" (1990): a thread counts with the most urgent of its own level and the levels of all threads that
//! wait for words which it holds. A waiting thread is in nobody's run queue, so its links there put it into the
//! holder's list of donors; nothing is allocated. A change goes along the chain of holders that wait themselves, and
//! ends where it changes nothing, as it does in a circle of threads that wait for each other.

use crate::state::State;
use crate::thread::{Activity, Thread};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_image::Image;
use kit_iface_sched::{HAS_WAITERS, HOLDER, Levels, Runnable, Scheduler, ThreadId, Urgency};

/// Stands for the boot path in the words of locks, where zero means free.
const BOOT_MARK: u32 = HOLDER;

/// What a thread writes into the words of the locks that it holds.
pub(crate) const fn mark_of(id: ThreadId) -> u32 {
    if id.0 == 0 { BOOT_MARK } else { id.0 & HOLDER }
}

impl<I: Image> State<I> {
    /// Whether levels are more than numbers that nobody looks at.
    pub(crate) const HAS_LEVELS: bool = !matches!(I::Sched::LEVELS, Levels::Ignored);
    /// Whether urgency is inherited.
    pub(crate) const IS_STRICT: bool = matches!(I::Sched::LEVELS, Levels::Strict);

    fn holder(&mut self, word: u32) -> Option<NonNull<Thread<I::Arch>>> {
        match word & HOLDER {
            BOOT_MARK => None,
            id => self.registry.find(ThreadId(id)),
        }
    }

    /// Gives a thread an urgency of its own.
    pub(crate) fn set_urgency(&mut self, thread: &Thread<I::Arch>, urgency: Urgency) {
        thread.own.set(urgency);
        self.apply(thread, urgency.level.min(thread.most_urgent_donor()), urgency.has_slice);
        self.settle(thread.donates_to.get());
    }

    /// `thread` waits for a word that `holder` holds.
    pub(crate) fn donate(&mut self, thread: &Thread<I::Arch>, holder: NonNull<Thread<I::Arch>>) {
        thread.donates_to.set(Some(holder));
        // SAFETY: a thread that the registry knows, or that has donors, is alive; the core's lock is held.
        unsafe { holder.as_ref() }.with_donors(|donors| donors.push(thread.run_ref()));
        self.settle(Some(holder));
    }

    /// `thread` waits no longer. Has no effect on one that donates to nobody.
    pub(crate) fn take_back(&mut self, thread: &Thread<I::Arch>) {
        let Some(holder) = thread.donates_to.take() else { return };
        // SAFETY: as above: a thread that ends dismisses its donors.
        unsafe { holder.as_ref() }.with_donors(|donors| donors.remove(thread.run_ref()));
        self.settle(Some(holder));
    }

    /// The thread ends: whoever waits for words that it holds does so for ever, and donates to nobody.
    pub(crate) fn dismiss_donors(&mut self, thread: &Thread<I::Arch>) {
        while let Some(donor) = thread.with_donors(|donors| donors.pop()) {
            // SAFETY: a donor is a waiting thread, hence alive.
            unsafe { Thread::<I::Arch>::from_run(donor).as_ref() }.donates_to.set(None);
        }
    }

    /// Computes the level of a thread anew, and those of the threads along the chain that it waits in.
    fn settle(&mut self, first: Option<NonNull<Thread<I::Arch>>>) {
        let mut next = first;
        while let Some(thread) = next {
            // SAFETY: as in `donate`.
            let thread = unsafe { thread.as_ref() };
            let level = thread.own.get().level.min(thread.most_urgent_donor());
            if level == thread.run.level.get() {
                return;
            }
            self.apply(thread, level, thread.run.has_slice.get());
            next = thread.donates_to.get();
        }
    }

    /// Makes a thread count with another level, wherever it is.
    fn apply(&mut self, thread: &Thread<I::Arch>, level: u8, has_slice: bool) {
        let is_current = self.current == Some(NonNull::from(thread));
        let is_queued = thread.activity.get() == Activity::Runnable && !is_current;
        if is_queued {
            self.policy.remove(thread.run_ref());
        }
        thread.run.level.set(level);
        thread.run.has_slice.set(has_slice);
        if is_queued {
            self.make_runnable(thread, Runnable::Woken);
        } else if is_current {
            // The policy compares with what it knew when it picked this thread: let it pick again.
            self.must_switch |= self.has_runnable();
        }
    }

    /// The most urgent thread that waits on `key`, of equal ones the one that has waited longest.
    pub(crate) fn most_urgent_waiter(
        &self,
        key: usize,
        is_it: impl Fn(&Thread<I::Arch>) -> bool,
    ) -> Option<NonNull<Thread<I::Arch>>> {
        let mut best: Option<NonNull<Thread<I::Arch>>> = None;
        let level = |thread: NonNull<Thread<I::Arch>>| {
            // SAFETY: a thread in a wait queue is alive.
            unsafe { thread.as_ref() }.run.level.get()
        };
        self.queue(key).find(|waiter| {
            if waiter.links().tag.get() == key as u64 {
                let thread = Thread::<I::Arch>::from_wait(*waiter);
                // SAFETY: as above.
                let may = is_it(unsafe { thread.as_ref() });
                if may && best.is_none_or(|best| level(thread) < level(best)) {
                    best = Some(thread);
                }
            }
            false
        });
        best
    }

    /// Takes `word` for the running thread, or enters that into the books as waiting. True: it has the word.
    pub(crate) fn take_or_wait(&mut self, me: &Thread<I::Arch>, word: &AtomicU32, deadline_ns: u64) -> bool {
        let key = word.as_ptr() as usize;
        // What is changed here may be changed at the same time by a thread on another processor that takes or
        // releases the word without us.
        let mut seen = word.load(Ordering::Relaxed);
        loop {
            let is_free = seen & HOLDER == 0;
            let wanted = if is_free { mark_of(me.id) | seen & HAS_WAITERS } else { seen | HAS_WAITERS };
            match word.compare_exchange(seen, wanted, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) if is_free => return true,
                Ok(_) => break,
                Err(changed) => seen = changed,
            }
        }
        self.enqueue_waiter(me, key, deadline_ns);
        me.wants_word.set(true);
        if let Some(holder) = self.holder(seen) {
            self.donate(me, holder);
        }
        false
    }

    /// Hands `word` to the most urgent thread that waits for it, or frees it.
    pub(crate) fn hand_over(&mut self, word: &AtomicU32) {
        let key = word.as_ptr() as usize;
        let Some(next) = self.most_urgent_waiter(key, |waiter| waiter.wants_word.get()) else {
            word.store(0, Ordering::Release);
            return;
        };
        // SAFETY: a thread in a wait queue is alive.
        let heir = unsafe { next.as_ref() };
        self.stop_waiting(heir);
        // The others wait for the heir from now on.
        // SAFETY: as in `donate`.
        let from = self.holder(word.load(Ordering::Relaxed)).map(|from| unsafe { from.as_ref() });
        let mut others = false;
        self.queue(key).find(|waiter| {
            // SAFETY: as above.
            let other = unsafe { Thread::<I::Arch>::from_wait(*waiter).as_ref() };
            if waiter.links().tag.get() == key as u64 && other.wants_word.get() {
                others = true;
                if let Some(from) = from.filter(|_| other.donates_to.get().is_some()) {
                    from.with_donors(|donors| donors.remove(other.run_ref()));
                }
                other.donates_to.set(Some(next));
                heir.with_donors(|donors| donors.push(other.run_ref()));
            }
            false
        });
        word.store(mark_of(heir.id) | if others { HAS_WAITERS } else { 0 }, Ordering::Release);
        heir.run.level.set(heir.own.get().level.min(heir.most_urgent_donor()));
        self.settle(from.map(NonNull::from));
        self.make_runnable(heir, Runnable::Woken);
    }
}
