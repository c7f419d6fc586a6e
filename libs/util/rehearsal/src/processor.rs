//! A processor whose contexts are threads of the host, of which one runs at a time.
//!
//! A switch hands the baton to another thread and waits until it comes back. Inside an interrupt there is a frame
//! between the interrupted code and the switch, and [`Arch::switch_from_interrupt`] does not return: there the way back
//! to the interrupted code is a panic that [`interrupt`] catches.

use kit_iface_arch::{Arch, Entry};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// The right to run.
#[derive(Clone, Default)]
struct Baton(Arc<(Mutex<bool>, Condvar)>);

impl Baton {
    fn pass(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_one();
    }

    fn wait(&self) {
        let mut has_it = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !*has_it {
            has_it = self.0.1.wait(has_it).unwrap_or_else(PoisonError::into_inner);
        }
        *has_it = false;
    }
}

/// A thread that waits for its turn.
pub struct Context(Baton);

/// The processor.
pub struct Processor;

/// What unwinds from a switch inside an interrupt to the interrupted code.
struct Resumed;

/// Runs the last step of an interrupt; `body` may switch, and then comes back here when it is resumed.
pub(crate) fn interrupt(body: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(body))
        && !(*payload).is::<Resumed>()
    {
        resume_unwind(payload);
    }
}

/// Never again.
pub(crate) fn park_forever() -> ! {
    loop {
        std::thread::park();
    }
}

// SAFETY: a context is a thread of the host, which keeps all its registers.
unsafe impl Arch for Processor {
    const PAGE_BYTES: usize = 4096;
    const STACK_ALIGN: usize = 16;
    type Context = Context;
    type InterruptFrame = ();

    unsafe fn new_context(_stack_top: *mut u8, entry: Entry, argument: usize) -> Context {
        let baton = Baton::default();
        let mine = baton.clone();
        let body = move || {
            mine.wait();
            entry(argument)
        };
        let builder = std::thread::Builder::new().stack_size(512 * 1024);
        builder.spawn(body).expect("the host has room for a thread");
        Context(baton)
    }

    fn boot_context() -> Context {
        Context(Baton::default())
    }

    unsafe fn switch(from: *mut Context, to: *mut Context) {
        // SAFETY: promised by the caller. The batons are cloned, for a context may be freed once it runs.
        let (from, to) = unsafe { ((*from).0.clone(), (*to).0.clone()) };
        to.pass();
        from.wait();
    }

    unsafe fn resume(to: *mut Context) -> ! {
        // SAFETY: promised by the caller.
        unsafe { (*to).0.clone() }.pass();
        park_forever()
    }

    unsafe fn switch_from_interrupt(_frame: *mut (), from: *mut Context, to: *mut Context) -> ! {
        // SAFETY: forwarded to the caller.
        unsafe { Self::switch(from, to) };
        let resumed: Box<dyn Any + Send> = Box::new(Resumed);
        resume_unwind(resumed)
    }

    unsafe fn set_thread_pointer(_pointer: usize) {}

    fn thread_pointer() -> usize {
        0
    }

    unsafe fn redirect(_: *mut (), _: usize, _: usize, _: usize, _: *mut u8) {
        unreachable!("nothing faults in a rehearsal")
    }

    fn backtrace(_frame_pointer: usize, _is_mapped: &dyn Fn(usize) -> bool, _visit: &mut dyn FnMut(usize)) {}
}
