//! The image of a rehearsal, and its threads.

use crate::machine::{self, Machine, Time};
use crate::processor::{Processor, park_forever};
use kit_iface_console::fake::FakeConsole;
use kit_iface_frames::fake::Table;
use kit_iface_image::Image;
use kit_iface_sched::{Scheduler, SpawnError, ThreadId, Threads, Urgency, Wake};
use kit_iface_trace::fake::Off;
use kit_iface_vm::fake::FakeVm;
use kit_util_threads::{Core, HasThreads, Spawn, Stack, start};
use std::any::Any;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::AtomicU32;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// An image whose policy is `P`.
struct Stage<P>(PhantomData<fn() -> P>);

static PLATFORM: Machine = Machine;
static FRAMES: Table<1> = Table::new();
/// Stacks are address ranges that nobody touches: threads of the host have their own.
static VM: FakeVm<4096> = FakeVm::new();
static CLOCK: Time = Time;
static CONSOLE: FakeConsole<64> = FakeConsole::new();

impl<P: Scheduler> Image for Stage<P> {
    type Arch = Processor;
    type Platform = Machine;
    type Frames = Table<1>;
    type Vm = FakeVm<4096>;
    type Clock = Time;
    type Console = FakeConsole<64>;
    type Sched = P;
    type Trace = Off;

    fn platform() -> &'static Machine {
        &PLATFORM
    }
    fn frames() -> &'static Table<1> {
        &FRAMES
    }
    fn vm() -> &'static FakeVm<4096> {
        &VM
    }
    fn clock() -> &'static Time {
        &CLOCK
    }
    fn console() -> &'static FakeConsole<64> {
        &CONSOLE
    }
    fn trace() -> &'static Off {
        &Off
    }
}

impl<P: Scheduler> HasThreads for Stage<P> {
    fn threads() -> &'static Core<Self> {
        let any: &'static dyn Any = core().as_any();
        any.downcast_ref().expect("one rehearsal runs at a time")
    }
}

/// The thread core, whatever its policy.
pub(crate) trait AnyCore: Threads {
    fn spawn_actor(&'static self, spawn: &Spawn) -> Result<ThreadId, SpawnError>;
    fn timer_expired(&self);
    fn interrupt_return(&self);
    fn set_urgency(&self, id: ThreadId, urgency: Urgency) -> bool;
    fn as_any(&'static self) -> &'static dyn Any;
}

impl<P: Scheduler> AnyCore for Core<Stage<P>> {
    fn spawn_actor(&'static self, spawn: &Spawn) -> Result<ThreadId, SpawnError> {
        Core::spawn(self, spawn)
    }
    fn timer_expired(&self) {
        Core::timer_expired(self);
    }
    fn interrupt_return(&self) {
        // SAFETY: the machine calls this in place of an interrupted thread, masked; the processor ignores the frame.
        unsafe { Core::interrupt_return(self, std::ptr::null_mut()) };
    }
    fn set_urgency(&self, id: ThreadId, urgency: Urgency) -> bool {
        Core::set_urgency(self, id, urgency)
    }
    fn as_any(&'static self) -> &'static dyn Any {
        self
    }
}

/// The core of the rehearsal that runs.
static CORE: Mutex<Option<&'static dyn AnyCore>> = Mutex::new(None);
/// How long each thread has computed.
static TIMES: Mutex<Option<HashMap<u32, u64>>> = Mutex::new(None);
/// Where the outcome of the rehearsal goes.
static OUTCOME: Mutex<Option<Sender<std::thread::Result<()>>>> = Mutex::new(None);

fn locked<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn core() -> &'static dyn AnyCore {
    locked(&CORE).expect("a rehearsal runs")
}

/// The ambient service, forwarded to the core of the rehearsal that runs.
struct Forward;

impl Threads for Forward {
    fn wait(&self, key: usize, still: &mut dyn FnMut() -> bool, deadline_ns: u64) -> Wake {
        core().wait(key, still, deadline_ns)
    }
    fn wake(&self, key: usize, count: usize) -> usize {
        core().wake(key, count)
    }
    fn yield_now(&self) {
        core().yield_now();
    }
    fn spawn(
        &self,
        name: &'static str,
        stack_bytes: usize,
        entry: fn(usize),
        argument: usize,
    ) -> Result<ThreadId, SpawnError> {
        core().spawn(name, stack_bytes, entry, argument)
    }
    fn current(&self) -> ThreadId {
        core().current()
    }
    fn inherits(&self) -> bool {
        core().inherits()
    }
    fn holder_mark(&self) -> u32 {
        core().holder_mark()
    }
    fn lock_word(&self, word: &AtomicU32, deadline_ns: u64) -> bool {
        core().lock_word(word, deadline_ns)
    }
    fn unlock_word(&self, word: &AtomicU32) {
        core().unlock_word(word);
    }
}

static THREADS: Forward = Forward;
kit_iface_sched::use_threads!(THREADS);

pub(crate) fn note_time(ns: u64) {
    let me = core().current();
    *locked(&TIMES).get_or_insert_default().entry(me.0).or_default() += ns;
}

/// How long a thread has computed.
pub fn time_of(thread: ThreadId) -> u64 {
    locked(&TIMES).get_or_insert_default().get(&thread.0).copied().unwrap_or(0)
}

/// What a thread does.
pub type Actor = Box<dyn FnOnce() + Send>;

fn act(argument: usize) {
    // SAFETY: `spawn` made the box, and each thread runs once.
    let actor = *unsafe { Box::from_raw(argument as *mut Actor) };
    if let Err(payload) = catch_unwind(AssertUnwindSafe(actor)) {
        end(Err(payload));
    }
}

/// Ends the rehearsal from inside: nobody runs any more.
fn end(outcome: std::thread::Result<()>) -> ! {
    if let Some(sender) = locked(&OUTCOME).take() {
        let _ = sender.send(outcome);
    }
    park_forever()
}

/// Starts a thread that is as urgent as that.
pub fn spawn(urgency: Urgency, actor: impl FnOnce() + Send + 'static) -> Result<ThreadId, SpawnError> {
    let actor: Actor = Box::new(actor);
    let argument = Box::into_raw(Box::new(actor));
    let spawn = Spawn {
        name: b"actor",
        entry: act,
        argument: argument as usize,
        stack: Stack::New(4096),
        urgency,
        thread_pointer: 0,
        reaped: None,
    };
    core().spawn_actor(&spawn).inspect_err(|_| {
        // SAFETY: no thread has taken the box over.
        drop(unsafe { Box::from_raw(argument) });
    })
}

/// Makes a thread as urgent as that; see [`Core::set_urgency`].
pub fn set_urgency(thread: ThreadId, urgency: Urgency) -> bool {
    core().set_urgency(thread, urgency)
}

/// Runs `body` as the first thread of an image under this policy, until it returns. What the other threads are
/// doing then is not done. Panics as any of the threads does.
pub fn rehearse<P: Scheduler>(policy: P, body: impl FnOnce() + Send + 'static) {
    static ONE_AT_A_TIME: OnceLock<Mutex<()>> = OnceLock::new();
    let turn = ONE_AT_A_TIME.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let (sender, outcome) = channel();
    machine::reset();
    locked(&TIMES).take();
    *locked(&OUTCOME) = Some(sender);
    let core: &'static Core<Stage<P>> = Box::leak(Box::new(Core::new(policy)));
    *locked(&CORE) = Some(core);
    std::thread::spawn(move || {
        let boot = || {
            start(core);
            let first = spawn(Urgency::NORMAL, || {
                body();
                end(Ok(()))
            });
            first.expect("there is room for the first thread");
            core.idle()
        };
        let Err(payload) = catch_unwind(AssertUnwindSafe(boot));
        end(Err(payload))
    });
    let outcome = outcome.recv().expect("the rehearsal ends");
    drop(turn);
    if let Err(payload) = outcome {
        resume_unwind(payload);
    }
}
