//! One thread: its links into queues, its saved registers, its stack.

use core::cell::{Cell, UnsafeCell};
use core::ptr::NonNull;
use kit_iface_arch::Arch;
use kit_iface_sched::{Links, Queue, ThreadId, ThreadRef, Urgency, Wake};

/// Where a new thread's stack comes from.
#[derive(Clone, Copy, Debug)]
pub enum Stack {
    /// A lazily backed one of at least this many bytes, with a guard page, freed with the thread.
    New(usize),
    /// Memory of the caller's, which must outlive the thread.
    Given {
        /// Lowest address.
        lowest: NonNull<u8>,
        /// Length in bytes.
        bytes: usize,
    },
}

/// What [`Core::spawn`](crate::Core::spawn) needs to know.
pub struct Spawn<'a> {
    /// Name; the first 15 bytes are kept, as in Linux.
    pub name: &'a [u8],
    /// Runs on the new stack with interrupts enabled. Returning ends the thread.
    pub entry: fn(usize),
    /// Handed to `entry` and to `reaped`.
    pub argument: usize,
    /// The stack.
    pub stack: Stack,
    /// How urgent it is, where the policy looks at that.
    pub urgency: Urgency,
    /// The thread pointer it runs with; zero leaves whatever the processor has (threads of the OS).
    pub thread_pointer: usize,
    /// Called with `argument` from another thread, once this one has left its stack for good.
    pub reaped: Option<fn(usize)>,
}

/// What a thread is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// Running, or runnable and in the policy's hands.
    Runnable,
    /// In a wait queue.
    Blocked,
    /// Never to run again.
    Dead,
}

/// A thread. All cells are only touched under the core's lock, or by the thread itself.
pub struct Thread<A: Arch> {
    pub(crate) run: Links,
    /// Links of the wait queue; the tag is the key.
    pub(crate) waiting: Links,
    pub(crate) context: UnsafeCell<A::Context>,
    pub(crate) activity: Cell<Activity>,
    pub(crate) wake: Cell<Wake>,
    /// Place in the heap of deadlines, or [`crate::timers::NO_SLOT`].
    pub(crate) timer_slot: Cell<u32>,
    /// How urgent it is by itself; what counts is in `run`.
    pub(crate) own: Cell<Urgency>,
    /// Whether what it waits for is the word of a lock.
    pub(crate) wants_word: Cell<bool>,
    /// The thread that holds this word.
    pub(crate) donates_to: Cell<Option<NonNull<Thread<A>>>>,
    /// Threads that wait for words which this one holds, by their `run` links.
    donors: UnsafeCell<Queue>,
    pub(crate) next_in_registry: Cell<Option<NonNull<Thread<A>>>>,
    pub(crate) entry: fn(usize),
    pub(crate) argument: usize,
    pub(crate) reaped: Option<fn(usize)>,
    pub(crate) owns_stack: bool,
    /// Its number.
    pub id: ThreadId,
    /// The thread pointer it runs with.
    pub thread_pointer: usize,
    /// Lowest usable address of its stack; null for the boot path.
    pub stack_lowest: *mut u8,
    /// Usable bytes of its stack.
    pub stack_bytes: usize,
    name: Cell<[u8; 16]>,
}

impl<A: Arch> Thread<A> {
    pub(crate) fn new(
        id: ThreadId,
        context: A::Context,
        lowest: *mut u8,
        bytes: usize,
        spawn: &Spawn,
    ) -> Self {
        Self {
            run: Links::new(spawn.urgency),
            waiting: Links::new(Urgency::NORMAL),
            context: UnsafeCell::new(context),
            activity: Cell::new(Activity::Runnable),
            wake: Cell::new(Wake::Woken),
            timer_slot: Cell::new(crate::timers::NO_SLOT),
            own: Cell::new(spawn.urgency),
            wants_word: Cell::new(false),
            donates_to: Cell::new(None),
            donors: UnsafeCell::new(Queue::new()),
            next_in_registry: Cell::new(None),
            entry: spawn.entry,
            argument: spawn.argument,
            reaped: spawn.reaped,
            owns_stack: matches!(spawn.stack, Stack::New(_)),
            id,
            thread_pointer: spawn.thread_pointer,
            stack_lowest: lowest,
            stack_bytes: bytes,
            name: Cell::new(padded(spawn.name)),
        }
    }

    /// Its name, NUL-padded.
    pub fn name(&self) -> [u8; 16] {
        self.name.get()
    }

    /// Renames it; the first 15 bytes are kept.
    pub fn set_name(&self, name: &[u8]) {
        self.name.set(padded(name));
    }

    /// Does something with the list of donors. `body` reaches no other thread's list through this one.
    pub(crate) fn with_donors<R>(&self, body: impl FnOnce(&mut Queue) -> R) -> R {
        // SAFETY: the list is touched under the core's lock only, and `body` does not come here again.
        body(unsafe { &mut *self.donors.get() })
    }

    /// The level of the most urgent donor; above every level if there is none.
    pub(crate) fn most_urgent_donor(&self) -> u8 {
        let mut least = u8::MAX;
        self.with_donors(|donors| {
            donors.find(|donor| {
                least = least.min(donor.links().level.get());
                false
            })
        });
        least
    }

    /// Whether `address` lies in the guard page right below its stack.
    pub fn guards(&self, address: usize) -> bool {
        let lowest = self.stack_lowest as usize;
        self.owns_stack && address < lowest && lowest - address <= kit_iface_vm::PAGE_BYTES
    }

    pub(crate) fn run_ref(&self) -> ThreadRef {
        // SAFETY: threads do not move, and are freed only when in no queue; the core's lock covers all queues.
        unsafe { ThreadRef::new(NonNull::from(&self.run)) }
    }

    pub(crate) fn wait_ref(&self) -> ThreadRef {
        // SAFETY: as above.
        unsafe { ThreadRef::new(NonNull::from(&self.waiting)) }
    }

    /// The thread whose `run` links these are.
    pub(crate) fn from_run(reference: ThreadRef) -> NonNull<Self> {
        // SAFETY: the reference was made by `run_ref`, so it points `offset_of!(run)` bytes into a thread.
        unsafe { reference.as_ptr().byte_sub(core::mem::offset_of!(Self, run)).cast() }
    }

    /// The thread whose `waiting` links these are.
    pub(crate) fn from_wait(reference: ThreadRef) -> NonNull<Self> {
        // SAFETY: the reference was made by `wait_ref`.
        unsafe { reference.as_ptr().byte_sub(core::mem::offset_of!(Self, waiting)).cast() }
    }
}

pub(crate) fn padded(name: &[u8]) -> [u8; 16] {
    let mut result = [0; 16];
    for (to, from) in result[..15].iter_mut().zip(name) {
        *to = *from;
    }
    result
}
