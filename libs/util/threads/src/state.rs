//! What the core's one lock guards: the policy, the wait queues, the deadlines, and who is running.

use crate::registry::Registry;
use crate::thread::{Activity, Thread};
use crate::timers::Timers;
use core::ptr::NonNull;
use kit_iface_image::Image;
use kit_iface_sched::{NO_DEADLINE, Queue, Runnable, Scheduler, Wake};
use kit_iface_trace::{Event, Trace, emit};

const BUCKETS: usize = 64;

/// The books. Every method is called with the lock held, hence with interrupts masked.
pub(crate) struct State<I: Image> {
    pub(crate) policy: I::Sched,
    buckets: [Queue; BUCKETS],
    pub(crate) timers: Timers<I::Arch>,
    /// Threads by their numbers, where the policy looks at levels.
    pub(crate) registry: Registry<I::Arch>,
    pub(crate) current: Option<NonNull<Thread<I::Arch>>>,
    /// Threads that have left for good and await [`crate::Core::reap`].
    pub(crate) dead: Queue,
    pub(crate) threads: usize,
    pub(crate) next_id: u32,
    /// The current thread waits for an interrupt: whoever becomes runnable is picked up by it.
    pub(crate) is_idling: bool,
    /// The interrupt that is being served should end in a switch.
    pub(crate) must_switch: bool,
    /// When the running thread's slice ends, if somebody else waits; else [`NO_DEADLINE`].
    slice_end_ns: u64,
    /// The interrupt that is being served comes at the end of the running thread's slice.
    pub(crate) slice_is_over: bool,
    /// Since when the running thread keeps others waiting and has not been told the policy; [`NO_DEADLINE`] if it
    /// keeps nobody waiting.
    ran_since_ns: u64,
    /// What the platform's timer is set to.
    programmed_ns: u64,
}

// SAFETY: threads are only touched under the lock that holds this state.
unsafe impl<I: Image> Send for State<I> {}

impl<I: Image> State<I> {
    pub(crate) const fn new(policy: I::Sched) -> Self {
        Self {
            policy,
            buckets: [const { Queue::new() }; BUCKETS],
            timers: Timers::new(),
            registry: Registry::new(),
            current: None,
            dead: Queue::new(),
            threads: 0,
            next_id: 0,
            is_idling: false,
            must_switch: false,
            slice_end_ns: 0,
            slice_is_over: false,
            ran_since_ns: 0,
            programmed_ns: 0,
        }
    }

    /// Begins: `boot` runs, nothing is due. What is not zero is set here and not in `new`, so that an image
    /// carries no bytes of this state.
    pub(crate) fn start(&mut self, boot: NonNull<Thread<I::Arch>>) {
        self.current = Some(boot);
        self.next_id = 1;
        self.slice_end_ns = NO_DEADLINE;
        self.ran_since_ns = NO_DEADLINE;
        self.programmed_ns = NO_DEADLINE;
    }

    /// Hands a thread to the policy.
    pub(crate) fn make_runnable(&mut self, thread: &Thread<I::Arch>, reason: Runnable) {
        thread.activity.set(Activity::Runnable);
        if I::Trace::IS_ON && reason == Runnable::Woken {
            emit(I::trace(), || Event::Wake { id: thread.id.0 });
        }
        self.measure();
        let goes_first = self.policy.push(thread.run_ref(), reason);
        self.must_switch |= goes_first;
        if !self.is_idling && I::Sched::PREEMPTIVE && self.slice_end_ns == NO_DEADLINE {
            self.begin_slice();
        }
    }

    /// Takes the next thread from the policy and notes it as the running one.
    pub(crate) fn pick(&mut self) -> Option<NonNull<Thread<I::Arch>>> {
        let next = self.policy.pop()?;
        self.must_switch = false;
        let thread = Thread::from_run(next);
        self.current = Some(thread);
        // SAFETY: a thread that the policy held is alive.
        emit(I::trace(), || Event::Run { id: unsafe { thread.as_ref() }.id.0 });
        self.slice_is_over = false;
        self.ran_since_ns = NO_DEADLINE;
        if I::Sched::PREEMPTIVE {
            self.slice_end_ns = NO_DEADLINE;
            if !self.policy.is_empty() {
                self.begin_slice();
            }
        }
        // The thread that gives way to this one may have a deadline.
        self.program_timer();
        Some(thread)
    }

    pub(crate) fn has_runnable(&self) -> bool {
        !self.policy.is_empty()
    }

    fn begin_slice(&mut self) {
        let Some(current) = self.current else { return };
        // SAFETY: the running thread is alive.
        let current = unsafe { current.as_ref() };
        if current.id.0 == 0 {
            // The boot path gives the processor up by itself, and starting a clock for it would cost its calibration.
            return;
        }
        let slice_ns = self.policy.slice_ns(current.run_ref());
        if slice_ns.is_none() && !I::Sched::MEASURES {
            return;
        }
        let now_ns = kit_iface_clock::monotonic_ns();
        self.ran_since_ns = now_ns;
        if let Some(slice_ns) = slice_ns {
            self.slice_end_ns = now_ns + slice_ns;
            self.program_timer();
        }
    }

    /// Tells the policy how long the running thread has run while others waited.
    pub(crate) fn measure(&mut self) {
        if !I::Sched::MEASURES || self.ran_since_ns == NO_DEADLINE {
            return;
        }
        let (since_ns, now_ns) = (self.ran_since_ns, kit_iface_clock::monotonic_ns());
        self.ran_since_ns = now_ns;
        if let Some(current) = self.current {
            // SAFETY: the running thread is alive.
            self.policy.ran(unsafe { current.as_ref() }.run_ref(), now_ns.saturating_sub(since_ns));
        }
    }

    /// Makes the timer interrupt the running thread as soon as interrupts are unmasked.
    pub(crate) fn interrupt_now(&mut self) {
        let now_ns = kit_iface_clock::monotonic_ns();
        if now_ns < self.programmed_ns {
            self.programmed_ns = now_ns;
            kit_iface_platform::Platform::set_timer(I::platform(), now_ns);
        }
    }

    /// Puts a thread to sleep on `key` in the books; the caller then gives up the processor.
    pub(crate) fn enqueue_waiter(&mut self, thread: &Thread<I::Arch>, key: usize, deadline_ns: u64) {
        self.measure();
        self.ran_since_ns = NO_DEADLINE;
        thread.activity.set(Activity::Blocked);
        thread.wake.set(Wake::Woken);
        thread.waiting.tag.set(key as u64);
        self.buckets[bucket(key)].push(thread.wait_ref());
        if deadline_ns != NO_DEADLINE {
            self.timers.insert(NonNull::from(thread), deadline_ns);
        }
    }

    pub(crate) fn queue(&self, key: usize) -> &Queue {
        &self.buckets[bucket(key)]
    }

    /// Takes a waiting thread out of everything that waiting put it in.
    pub(crate) fn stop_waiting(&mut self, thread: &Thread<I::Arch>) {
        let key = thread.waiting.tag.get() as usize;
        self.buckets[bucket(key)].remove(thread.wait_ref());
        self.timers.remove(NonNull::from(thread));
        if Self::IS_STRICT {
            thread.wants_word.set(false);
            self.take_back(thread);
        }
    }

    /// Wakes at most `count` threads that wait on `key`.
    pub(crate) fn wake(&mut self, key: usize, count: usize) -> usize {
        let mut woken = 0;
        while woken < count {
            let waiter = if Self::IS_STRICT {
                self.most_urgent_waiter(key, |_| true)
            } else {
                let waiter = self.queue(key).find(|waiter| waiter.links().tag.get() == key as u64);
                waiter.map(Thread::<I::Arch>::from_wait)
            };
            let Some(thread) = waiter else { break };
            // SAFETY: a thread in a wait queue is alive.
            let thread = unsafe { thread.as_ref() };
            self.stop_waiting(thread);
            self.make_runnable(thread, Runnable::Woken);
            woken += 1;
        }
        woken
    }

    /// Wakes every thread whose deadline has passed, and ends the slice if it is over.
    pub(crate) fn expire(&mut self, now_ns: u64) {
        if self.programmed_ns <= now_ns {
            self.programmed_ns = NO_DEADLINE;
        }
        while let Some(thread) = self.timers.take_due(now_ns) {
            // SAFETY: a thread in the heap is alive.
            let thread = unsafe { thread.as_ref() };
            thread.wake.set(Wake::TimedOut);
            self.stop_waiting(thread);
            self.make_runnable(thread, Runnable::Woken);
        }
        if self.slice_end_ns <= now_ns {
            self.slice_end_ns = NO_DEADLINE;
            self.slice_is_over = true;
            self.must_switch |= self.has_runnable();
        }
        self.program_timer();
    }

    /// Sets the platform's timer if something is due earlier than what it is set to. A timer that fires for
    /// a deadline that has gone meanwhile is cheaper than a device access per switch.
    pub(crate) fn program_timer(&mut self) {
        let nearest = self.timers.nearest().min(self.slice_end_ns);
        if nearest < self.programmed_ns {
            self.programmed_ns = nearest;
            kit_iface_platform::Platform::set_timer(I::platform(), nearest);
        }
    }
}

/// Fibonacci hashing (Knuth, TAOCP 6.4) of an address whose low bits are mostly zero.
fn bucket(key: usize) -> usize {
    (key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) as usize >> (64 - BUCKETS.trailing_zeros())
}
