//! The core's operations: spawn, wait, wake, yield, exit.

use crate::fault::FaultHandler;
use crate::inherit::mark_of;
use crate::state::State;
use crate::thread::{Activity, Spawn, Stack, Thread};
use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use kit_iface_arch::Arch;
use kit_iface_clock::Clock;
use kit_iface_image::Image;
use kit_iface_irq::Masked;
use kit_iface_platform::Platform;
use kit_iface_sched::{
    HOLDER, NO_DEADLINE, Runnable, Scheduler, SpawnError, ThreadId, Threads, Urgency, Wake, lock_by_waiting,
    unlock_by_waking,
};
use kit_iface_trace::{Event, emit};
use kit_iface_vm::Vm;
use kit_util_sync::{IrqGuard, IrqLock};

/// An image that has threads: implemented by the composed root.
pub trait HasThreads: Image + Sized {
    /// The thread core.
    fn threads() -> &'static Core<Self>;
}

/// The thread core of an image. One static, made by the composed root.
pub struct Core<I: Image> {
    pub(crate) state: IrqLock<State<I>>,
    /// The boot path as a thread: it idles when a thread has ended and nobody is runnable.
    boot: UnsafeCell<MaybeUninit<Thread<I::Arch>>>,
    pub(crate) fault_handler: AtomicPtr<()>,
}

// SAFETY: `boot` is written once, by `start`, before there is a second thread; the rest locks itself.
unsafe impl<I: Image> Sync for Core<I> {}

/// Adopts the caller, the boot path, as the idle thread. The root calls it once, before anything can block.
pub fn start<I: HasThreads>(core: &'static Core<I>) {
    let spawn = Spawn {
        name: b"idle",
        entry: |_| {},
        argument: 0,
        stack: Stack::Given { lowest: NonNull::dangling(), bytes: 0 },
        urgency: Urgency::NORMAL,
        thread_pointer: 0,
        reaped: None,
    };
    let boot = Thread::new(ThreadId(0), I::Arch::boot_context(), core::ptr::null_mut(), 0, &spawn);
    // SAFETY: the root calls this once, on the only path of execution there is.
    let boot = unsafe { (*core.boot.get()).write(boot) };
    core.state.lock().start(NonNull::from(boot));
}

impl<I: HasThreads> Core<I> {
    /// A core that schedules by `policy`.
    pub const fn new(policy: I::Sched) -> Self {
        Self {
            state: IrqLock::new(State::new(policy)),
            boot: UnsafeCell::new(MaybeUninit::uninit()),
            fault_handler: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    /// Turns the caller, the boot path, into the idle loop.
    pub fn idle(&'static self) -> ! {
        loop {
            self.reap();
            let masked = Masked::new();
            self.reschedule(self.boot());
            drop(masked);
        }
    }

    /// The running thread.
    pub fn current(&self) -> &Thread<I::Arch> {
        let current = self.state.lock().current;
        // SAFETY: `start` has run; the running thread is alive for as long as it can look at itself.
        unsafe { current.unwrap_unchecked().as_ref() }
    }

    /// Makes a thread and lets the policy run it. On an error nothing has changed.
    pub fn spawn(&'static self, spawn: &Spawn) -> Result<ThreadId, SpawnError> {
        self.reap();
        if I::Sched::MOST_THREADS != u32::MAX && self.state.lock().threads >= I::Sched::MOST_THREADS as usize
        {
            return Err(SpawnError::TooMany);
        }
        let (lowest, bytes) = match spawn.stack {
            Stack::New(bytes) => I::vm().map_stack(bytes).map_err(|_| SpawnError::OutOfMemory)?,
            Stack::Given { lowest, bytes } => (lowest, bytes),
        };
        let Ok(memory) = kit_iface_alloc::allocate(Layout::new::<Thread<I::Arch>>()) else {
            return Err(self.undo_stack(spawn, lowest, bytes));
        };
        let thread = memory.cast::<Thread<I::Arch>>();
        let mut state = self.state.lock();
        let threads = state.threads + 1;
        if !state.timers.reserve(threads) || (State::<I>::HAS_LEVELS && !state.registry.reserve(threads)) {
            drop(state);
            // SAFETY: allocated above with this layout, and nobody knows of it.
            unsafe { kit_iface_alloc::free(memory, Layout::new::<Thread<I::Arch>>()) };
            return Err(self.undo_stack(spawn, lowest, bytes));
        }
        state.threads = threads;
        let id = ThreadId(state.next_id);
        state.next_id += 1;
        emit(I::trace(), || Event::Thread { id: id.0, name: crate::thread::padded(spawn.name) });
        // SAFETY: `bytes` above `lowest` is the end of the stack that was mapped or given for this thread;
        // aligning it down stays inside. The thread's memory is fresh and of the right layout.
        unsafe {
            let top = lowest.as_ptr().add(bytes).map_addr(|a| a & !(I::Arch::STACK_ALIGN - 1));
            let context = I::Arch::new_context(top, Self::thread_main, thread.as_ptr() as usize);
            thread.write(Thread::new(id, context, lowest.as_ptr(), bytes, spawn));
            if State::<I>::HAS_LEVELS {
                state.registry.insert(thread);
            }
            state.make_runnable(thread.as_ref(), Runnable::New);
        }
        self.give_way(state);
        Ok(id)
    }

    fn undo_stack(&self, spawn: &Spawn, lowest: NonNull<u8>, bytes: usize) -> SpawnError {
        if matches!(spawn.stack, Stack::New(_)) {
            // SAFETY: mapped by `spawn` a moment ago, and nobody runs on it.
            unsafe { I::vm().unmap_stack(lowest, bytes) };
        }
        SpawnError::OutOfMemory
    }

    extern "C" fn thread_main(argument: usize) -> ! {
        // SAFETY: a new thread starts right after a switch, masked, and owes nobody an unmasking.
        unsafe { kit_iface_irq::unmask() };
        let core = I::threads();
        core.reap();
        // SAFETY: `spawn` passed the thread's own address; a thread lives until it has been reaped.
        let thread = unsafe { &*(argument as *const Thread<I::Arch>) };
        (thread.entry)(thread.argument);
        core.exit_current()
    }

    /// Ends the running thread. Its stack is freed, and its `reaped` called, from another thread.
    pub fn exit_current(&'static self) -> ! {
        core::mem::forget(Masked::new());
        let next = {
            let mut state = self.state.lock();
            // SAFETY: the running thread is alive.
            let me = unsafe { state.current.unwrap_unchecked().as_ref() };
            me.activity.set(Activity::Dead);
            if State::<I>::HAS_LEVELS {
                state.registry.remove(me);
            }
            if State::<I>::IS_STRICT {
                state.dismiss_donors(me);
            }
            state.dead.push(me.run_ref());
            state.threads -= 1;
            state.pick().unwrap_or_else(|| {
                let boot = self.boot();
                state.current = Some(boot);
                emit(I::trace(), || Event::Run { id: 0 });
                boot
            })
        };
        // SAFETY: `next` is alive and not running; this stack is not needed any more; interrupts are masked.
        unsafe {
            let next = next.as_ref();
            Self::load_thread_pointer(next);
            I::Arch::resume(next.context.get())
        }
    }

    /// Frees what dead threads have left behind. The caller is on a stack of its own.
    fn reap(&self) {
        if I::Sched::MOST_THREADS == 1 {
            // The only thread ends with the image.
            return;
        }
        loop {
            let Some(dead) = self.state.lock().dead.pop() else { return };
            let thread = Thread::<I::Arch>::from_run(dead);
            // SAFETY: a dead thread is in no other queue and will not run: this is the last reference to it.
            // Its stack was left with the switch that made another thread run this code.
            unsafe {
                let ended = thread.read();
                kit_iface_alloc::free(thread.cast(), Layout::new::<Thread<I::Arch>>());
                if let (true, Some(lowest)) = (ended.owns_stack, NonNull::new(ended.stack_lowest)) {
                    I::vm().unmap_stack(lowest, ended.stack_bytes);
                }
                if let Some(reaped) = ended.reaped {
                    reaped(ended.argument);
                }
            }
        }
    }

    /// How urgent a living thread is by itself, whatever it has been lent; `None` where the policy ignores levels.
    pub fn urgency(&self, id: ThreadId) -> Option<Urgency> {
        if !State::<I>::HAS_LEVELS {
            return None;
        }
        let thread = self.state.lock().registry.find(id)?;
        // SAFETY: a thread in the registry is alive, and nobody else runs between these lines.
        Some(unsafe { thread.as_ref() }.own.get())
    }

    /// Makes a living thread as urgent as that, at once: if a more urgent one can run now, it does. False if there is
    /// no such thread, or the policy ignores levels; then nothing has changed.
    pub fn set_urgency(&self, id: ThreadId, urgency: Urgency) -> bool {
        if !State::<I>::HAS_LEVELS {
            return false;
        }
        let mut state = self.state.lock();
        let Some(thread) = state.registry.find(id) else { return false };
        // SAFETY: a thread in the registry is alive; the lock is held.
        state.set_urgency(unsafe { thread.as_ref() }, urgency);
        self.give_way(state);
        true
    }

    /// Ends what the calling thread did to the books: if that made a thread runnable which goes first, it runs now.
    /// A caller that has masked interrupts, or is a handler, is not left: the switch is made when it is done.
    fn give_way(&self, mut state: IrqGuard<State<I>>) {
        if !I::Sched::PREEMPTIVE || !state.must_switch || state.is_idling {
            return;
        }
        let Some(me) = state.current else { return };
        // SAFETY: the running thread is alive.
        let thread = unsafe { me.as_ref() };
        if thread.id.0 == 0 {
            // The boot path gives the processor up by itself.
            return;
        }
        if !state.is_outermost() {
            if State::<I>::IS_STRICT {
                state.interrupt_now();
            }
            return;
        }
        state.make_runnable(thread, Runnable::Preempted);
        let masked = state.unlock();
        self.reschedule(me);
        drop(masked);
    }

    /// Sets what runs the application's own handler after a fault; see [`FaultHandler`].
    pub fn set_fault_handler(&self, handler: FaultHandler) {
        self.fault_handler.store(handler as *mut (), Ordering::Release);
    }

    fn boot(&self) -> NonNull<Thread<I::Arch>> {
        // SAFETY: `start` has initialised it; it is never moved or dropped.
        NonNull::from(unsafe { (*self.boot.get()).assume_init_ref() })
    }

    /// Gives the processor up for `me`, which the books show as blocked, runnable, or the idle thread.
    /// Interrupts are masked. Returns when `me` is picked again (for the idle thread: at each occasion).
    fn reschedule(&self, me: NonNull<Thread<I::Arch>>) {
        loop {
            let mut state = self.state.lock();
            state.is_idling = false;
            if !I::Platform::HAS_PREEMPTION && (state.has_runnable() || state.timers.nearest() != NO_DEADLINE)
            {
                drop(state);
                I::platform().poll();
                state = self.state.lock();
            }
            match state.pick() {
                Some(next) if next == me => return,
                Some(next) => {
                    drop(state);
                    return self.switch_to(me, next);
                }
                None => {
                    state.is_idling = true;
                    emit(I::trace(), || Event::Idle);
                    state.current = Some(me);
                    state.program_timer();
                    drop(state);
                    I::platform().idle();
                }
            }
        }
    }

    /// Switches. With a second processor, `me` could be picked there before its registers are saved here:
    /// the lock would have to be released by the thread that is resumed.
    fn switch_to(&self, me: NonNull<Thread<I::Arch>>, next: NonNull<Thread<I::Arch>>) {
        // SAFETY: both threads are alive, `me` is running and `next` is not; interrupts are masked.
        unsafe {
            Self::load_thread_pointer(next.as_ref());
            I::Arch::switch(me.as_ref().context.get(), next.as_ref().context.get());
        }
    }

    pub(crate) fn load_thread_pointer(next: &Thread<I::Arch>) {
        if next.thread_pointer != 0 {
            // SAFETY: the thread was made with this pointer, and runs next.
            unsafe { I::Arch::set_thread_pointer(next.thread_pointer) };
        }
    }
}

impl<I: HasThreads> Threads for Core<I> {
    fn wait(&self, key: usize, still: &mut dyn FnMut() -> bool, deadline_ns: u64) -> Wake {
        let masked = Masked::new();
        let me = {
            let mut state = self.state.lock();
            if !still() {
                return Wake::Unneeded;
            }
            if deadline_ns != NO_DEADLINE && I::clock().monotonic_ns() >= deadline_ns {
                return Wake::TimedOut;
            }
            // SAFETY: `start` has run, so somebody is running.
            let me = unsafe { state.current.unwrap_unchecked() };
            // SAFETY: the running thread is alive.
            state.enqueue_waiter(unsafe { me.as_ref() }, key, deadline_ns);
            me
        };
        self.reschedule(me);
        drop(masked);
        self.reap();
        // SAFETY: this is the thread itself.
        unsafe { me.as_ref() }.wake.get()
    }

    #[inline]
    fn wake(&self, key: usize, count: usize) -> usize {
        let mut state = self.state.lock();
        let woken = state.wake(key, count);
        self.give_way(state);
        woken
    }

    #[inline]
    fn inherits(&self) -> bool {
        State::<I>::IS_STRICT
    }

    #[inline]
    fn holder_mark(&self) -> u32 {
        // SAFETY: `current` is one word, whole at every moment; it is the caller whenever the caller looks, and the
        // running thread is alive.
        let current = unsafe { self.state.peek().current.map(|current| current.as_ref().id) };
        mark_of(current.unwrap_or(ThreadId(0)))
    }

    fn lock_word(&self, word: &AtomicU32, deadline_ns: u64) -> bool {
        if !State::<I>::IS_STRICT {
            return lock_by_waiting(self, word, deadline_ns);
        }
        loop {
            let masked = Masked::new();
            let me = {
                let mut state = self.state.lock();
                // SAFETY: `start` has run, so somebody is running, and is alive.
                let me = unsafe { state.current.unwrap_unchecked().as_ref() };
                if state.take_or_wait(me, word, deadline_ns) {
                    return true;
                }
                me
            };
            self.reschedule(NonNull::from(me));
            drop(masked);
            self.reap();
            if word.load(Ordering::Acquire) & HOLDER == mark_of(me.id) {
                return true;
            }
            if me.wake.get() == Wake::TimedOut {
                return false;
            }
        }
    }

    fn unlock_word(&self, word: &AtomicU32) {
        if !State::<I>::IS_STRICT {
            return unlock_by_waking(self, word);
        }
        let mut state = self.state.lock();
        state.hand_over(word);
        self.give_way(state);
    }

    fn yield_now(&self) {
        if I::Sched::MOST_THREADS == 1 {
            return;
        }
        let masked = Masked::new();
        let me = {
            let mut state = self.state.lock();
            if !state.has_runnable() && I::Platform::HAS_PREEMPTION {
                return;
            }
            // SAFETY: the running thread is alive.
            let me = unsafe { state.current.unwrap_unchecked().as_ref() };
            state.make_runnable(me, Runnable::Yielded);
            NonNull::from(me)
        };
        self.reschedule(me);
        drop(masked);
    }

    fn spawn(
        &self,
        name: &'static str,
        stack_bytes: usize,
        entry: fn(usize),
        argument: usize,
    ) -> Result<ThreadId, SpawnError> {
        let spawn = Spawn {
            name: name.as_bytes(),
            entry,
            argument,
            stack: Stack::New(stack_bytes),
            urgency: Urgency::NORMAL,
            thread_pointer: 0,
            reaped: None,
        };
        I::threads().spawn(&spawn)
    }

    fn current(&self) -> ThreadId {
        Core::current(self).id
    }
}

/// What the platform's hooks do; see [`crate::use_hooks!`].
impl<I: HasThreads> Core<I> {
    /// The timer has fired. Interrupts are masked.
    pub fn timer_expired(&self) {
        let now_ns = I::clock().monotonic_ns();
        self.state.lock().expire(now_ns);
    }

    /// The last step of an interrupt: continues another thread if the policy wants that.
    ///
    /// # Safety
    /// `frame` is the interrupted state, interrupts are masked, and the interrupt has been acknowledged.
    pub unsafe fn interrupt_return(&self, frame: *mut ()) {
        if !I::Sched::PREEMPTIVE {
            return;
        }
        let (me, next) = {
            let mut state = self.state.lock();
            if !state.must_switch || state.is_idling {
                return;
            }
            let Some(me) = state.current else { return };
            let reason = if state.slice_is_over { Runnable::Expired } else { Runnable::Preempted };
            // SAFETY: the interrupted thread is alive.
            state.make_runnable(unsafe { me.as_ref() }, reason);
            match state.pick() {
                Some(next) if next != me => (me, next),
                _ => return,
            }
        };
        // SAFETY: `frame` is what this processor was doing, which is `me`; `next` is alive and not running.
        unsafe {
            Self::load_thread_pointer(next.as_ref());
            I::Arch::switch_from_interrupt(
                frame.cast(),
                me.as_ref().context.get(),
                next.as_ref().context.get(),
            )
        }
    }
}
