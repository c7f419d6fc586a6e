//! The scheduler slot, and the ambient service under every blocking call: *wait on a key, wake a key*.
//!
//! Three things that other systems mix are kept apart here:
//! * **policy** ([`Scheduler`], this slot): which of the runnable threads goes next and for how long. An
//!   implementation is a queue and a few lines of rules; it never switches, locks or looks at a clock.
//! * **mechanism** (`libs/util/threads`): threads, stacks, switches, timeouts. It calls the policy with
//!   interrupts masked.
//! * **blocking** ([`wait`], [`wake`]): the one primitive, shaped like a futex, that mutexes, condition
//!   variables, sockets and `std`'s own parking are built from. A key is any address that belongs to the caller.
//!
//! Locks that say who holds them are words of their own kind ([`lock_word`]): there the mechanism sees who keeps whom
//! waiting, and a policy with strict priorities gets them inherited.
//!
//! [`conformance`] checks a policy; [`fake`] has one that picks at random, for tests of the mechanism.
#![no_std]
#![deny(missing_docs)]

use core::sync::atomic::AtomicU32;

pub mod conformance;
pub mod fake;
mod heap;
mod lock;
mod queue;
mod urgency;
pub use heap::MinHeap;
pub use lock::{
    HAS_WAITERS, HOLDER, holder_mark, inherits, lock_by_waiting, lock_word, unlock_by_waking, unlock_word,
};
pub use queue::{Links, Queue, ThreadRef};
pub use urgency::{Fairness, LEVELS, Levels, Urgency};

/// "No deadline" for [`wait`]: the end of time on the ambient clock.
pub const NO_DEADLINE: u64 = u64::MAX;

/// Why a thread becomes runnable; policies may treat the reasons differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runnable {
    /// It was just created.
    New,
    /// What it waited for happened, or its timeout expired.
    Woken,
    /// It gave the processor up of its own will.
    Yielded,
    /// A thread that goes first became runnable, in the middle of this one's turn.
    Preempted,
    /// Its slice ended.
    Expired,
}

/// A scheduling policy for the threads of one processor.
///
/// The mechanism calls every method with interrupts masked and with exclusive access. No method may block,
/// allocate, or panic; each should be `O(1)` or `O(log n)`. A thread is in the policy's hands from
/// [`Scheduler::push`] until [`Scheduler::pop`] or [`Scheduler::remove`], and in nobody else's queue meanwhile.
/// The thread that runs is in nobody's hands: the one that [`Scheduler::pop`] returned last. It may have ended since:
/// a policy keeps numbers of it, not the reference. A thread's urgency changes only while no policy holds it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scheduler",
    note = "choose one with `[config] SCHED_… = true`; `kit doctor` lists them"
)]
pub trait Scheduler: Send + 'static {
    /// Whether a running thread may be interrupted for another. Needs a platform with a timer interrupt.
    const PREEMPTIVE: bool;
    /// What it makes of [`Links::level`].
    const LEVELS: Levels = Levels::Ignored;
    /// What it promises to threads of one level.
    const FAIRNESS: Fairness;
    /// Whether it wants to be told by [`Scheduler::ran`] how long threads run. Costs a look at the clock at each
    /// switch between threads that compete.
    const MEASURES: bool = false;
    /// How many threads there may be, those of the OS included; spawning more is refused.
    const MOST_THREADS: u32 = u32::MAX;

    /// Takes over a thread that became runnable. Returns true if it should run *before* the one that is
    /// running now (the mechanism then preempts, if [`Scheduler::PREEMPTIVE`]).
    fn push(&mut self, thread: ThreadRef, reason: Runnable) -> bool;

    /// Picks the thread that runs next and lets go of it; `None` if there is none.
    fn pop(&mut self) -> Option<ThreadRef>;

    /// Lets go of a thread that must not run any more. Nothing happens if it is not in the policy's hands.
    fn remove(&mut self, thread: ThreadRef);

    /// How long `thread`, picked now, may run while others wait, in nanoseconds; `None`: until it blocks.
    fn slice_ns(&self, thread: ThreadRef) -> Option<u64>;

    /// Whether any thread is waiting for the processor.
    fn is_empty(&self) -> bool;

    /// The running thread has run for another `ns` nanoseconds while others waited. Called before it comes back, at
    /// the latest, and before others come; only where [`Scheduler::MEASURES`].
    fn ran(&mut self, _thread: ThreadRef, _ns: u64) {}
}

/// How a [`wait`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Somebody called [`wake`] with the key.
    Woken,
    /// The condition no longer held when the key was locked: the thread did not sleep at all.
    Unneeded,
    /// The deadline passed.
    TimedOut,
}

/// Why a thread could not be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpawnError {
    /// No memory for the thread or its stack. Nothing has changed.
    OutOfMemory,
    /// The policy has no room for another thread: see [`Scheduler::MOST_THREADS`]. Nothing has changed.
    TooMany,
}

/// Names a thread for the life of the image; never reused. 1 is the application's first thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThreadId(pub u32);

unsafe extern "Rust" {
    safe fn __kit_wait(key: usize, still: &mut dyn FnMut() -> bool, deadline_ns: u64) -> Wake;
    safe fn __kit_wake(key: usize, count: usize) -> usize;
    safe fn __kit_yield();
    safe fn __kit_spawn(
        name: &'static str,
        stack_bytes: usize,
        entry: fn(usize),
        argument: usize,
    ) -> Result<ThreadId, SpawnError>;
    safe fn __kit_current() -> ThreadId;
    safe fn __kit_inherits() -> bool;
    safe fn __kit_holder_mark() -> u32;
    safe fn __kit_lock_word(word: &AtomicU32, deadline_ns: u64) -> bool;
    safe fn __kit_unlock_word(word: &AtomicU32);
}

/// Sleeps until `key` is woken or `deadline_ns` (ambient monotonic clock; [`NO_DEADLINE`] for none) passes,
/// provided that `still` holds. `still` runs with interrupts masked and the key locked against [`wake`], so a
/// waker that first changes the state and then wakes is never missed. It must be a short look at memory that
/// is already resident: it may neither block nor allocate.
///
/// Blocks. Never call it from an interrupt handler. May wake spuriously: callers loop.
#[inline]
pub fn wait(key: usize, deadline_ns: u64, mut still: impl FnMut() -> bool) -> Wake {
    __kit_wait(key, &mut still, deadline_ns)
}

/// Wakes at most `count` threads that wait on `key`, longest waiting first; returns how many.
/// May be called from any context, interrupt handlers included; never blocks.
#[inline]
pub fn wake(key: usize, count: usize) -> usize {
    __kit_wake(key, count)
}

/// Sleeps until `deadline_ns`.
pub fn sleep_until(deadline_ns: u64) {
    // The address of a local is a key that nobody else can have.
    let key = 0u8;
    while wait(&raw const key as usize, deadline_ns, || true) != Wake::TimedOut {}
}

/// Lets other runnable threads go first, as the policy sees fit.
#[inline]
pub fn yield_now() {
    __kit_yield();
}

/// Starts a thread of the OS itself (a driver's or a stack's worker): `entry(argument)` on a stack of
/// `stack_bytes`. It has no application-visible thread-local storage and must not call application code.
pub fn spawn(
    name: &'static str,
    stack_bytes: usize,
    entry: fn(usize),
    argument: usize,
) -> Result<ThreadId, SpawnError> {
    __kit_spawn(name, stack_bytes, entry, argument)
}

/// The thread that is running.
#[inline]
pub fn current() -> ThreadId {
    __kit_current()
}

/// What binds the ambient service: the thread core of the composed root.
pub trait Threads: Sync + 'static {
    /// See [`wait`].
    fn wait(&self, key: usize, still: &mut dyn FnMut() -> bool, deadline_ns: u64) -> Wake;
    /// See [`wake`].
    fn wake(&self, key: usize, count: usize) -> usize;
    /// See [`yield_now`].
    fn yield_now(&self);
    /// See [`spawn`].
    fn spawn(
        &self,
        name: &'static str,
        stack_bytes: usize,
        entry: fn(usize),
        argument: usize,
    ) -> Result<ThreadId, SpawnError>;
    /// See [`current`].
    fn current(&self) -> ThreadId;
    /// See [`inherits`].
    fn inherits(&self) -> bool {
        false
    }
    /// See [`holder_mark`].
    fn holder_mark(&self) -> u32 {
        self.current().0 & HOLDER
    }
    /// See [`lock_word`].
    fn lock_word(&self, word: &AtomicU32, deadline_ns: u64) -> bool {
        lock_by_waiting(self, word, deadline_ns)
    }
    /// See [`unlock_word`].
    fn unlock_word(&self, word: &AtomicU32) {
        unlock_by_waking(self, word);
    }
}

/// Binds the ambient wait/wake service to a static of the composed root. Once, only there.
#[macro_export]
macro_rules! use_threads {
    ($threads:path) => {
        const _: () = {
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_wait(key: usize, still: &mut dyn FnMut() -> bool, deadline_ns: u64) -> $crate::Wake {
                $crate::Threads::wait(&$threads, key, still, deadline_ns)
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_wake(key: usize, count: usize) -> usize {
                $crate::Threads::wake(&$threads, key, count)
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_yield() {
                $crate::Threads::yield_now(&$threads)
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_spawn(
                name: &'static str,
                stack_bytes: usize,
                entry: fn(usize),
                argument: usize,
            ) -> Result<$crate::ThreadId, $crate::SpawnError> {
                $crate::Threads::spawn(&$threads, name, stack_bytes, entry, argument)
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_current() -> $crate::ThreadId {
                $crate::Threads::current(&$threads)
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_inherits() -> bool {
                $crate::Threads::inherits(&$threads)
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_holder_mark() -> u32 {
                $crate::Threads::holder_mark(&$threads)
            }
            #[unsafe(no_mangle)]
            fn __kit_lock_word(word: &::core::sync::atomic::AtomicU32, deadline_ns: u64) -> bool {
                $crate::Threads::lock_word(&$threads, word, deadline_ns)
            }
            #[unsafe(no_mangle)]
            fn __kit_unlock_word(word: &::core::sync::atomic::AtomicU32) {
                $crate::Threads::unlock_word(&$threads, word);
            }
        };
    };
}
