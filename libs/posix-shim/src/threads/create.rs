//! Creating, ending and joining threads.

use crate::threads::{attributes, destructors, keys, tcb, tcb::Tcb, urgency};
use crate::types::{c_int, c_void, pthread_attr_t, pthread_t};
use core::sync::atomic::Ordering;
use kit_iface_sched::{NO_DEADLINE, wait, wake};
use kit_util_threads::{HasThreads, Spawn, Stack};

/// The function that a thread runs.
pub type Start = extern "C" fn(*mut c_void) -> *mut c_void;

/// `pthread_create`.
///
/// # Safety
/// `thread` is writable; `attributes` is null or was initialised.
pub unsafe fn create<I: HasThreads>(
    thread: *mut pthread_t,
    attributes: *const pthread_attr_t,
    start: Start,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: forwarded to the caller.
    let (stack_bytes, is_detached, urgency) = unsafe { attributes::wanted(attributes) };
    let Ok(tcb) = Tcb::allocate(Some(start), argument) else { return libc::EAGAIN };
    // The new thread may end, and be reaped, before `spawn` returns: from here on only our own hold keeps the
    // block alive.
    // SAFETY: the caller's word is writable.
    unsafe { thread.write(tcb.thread_pointer() as pthread_t) };
    let spawn = Spawn {
        name: b"",
        entry: run::<I>,
        argument: tcb.thread_pointer(),
        stack: Stack::New(stack_bytes),
        urgency: urgency.unwrap_or_else(urgency::inherited::<I>),
        thread_pointer: tcb.thread_pointer(),
        reaped: Some(reaped),
    };
    // Others may ask for its number before it has run.
    let result = I::threads().spawn(&spawn).map(|id| tcb.id.store(id.0, Ordering::Relaxed));
    if result.is_err() {
        // SAFETY: no thread came to be, so both holds are ours.
        unsafe {
            tcb.release();
            tcb.release();
        }
        return libc::EAGAIN;
    }
    if is_detached {
        // SAFETY: nobody will join.
        unsafe { tcb.release() };
    }
    0
}

fn run<I: HasThreads>(_: usize) {
    adopt::<I>();
    let tcb = tcb::current();
    let result = tcb.start.get().map_or(core::ptr::null_mut(), |start| start(tcb.value.get()));
    // SAFETY: this is the outermost frame of the thread.
    unsafe { exit::<I>(result) }
}

/// Tells the calling thread's block who it belongs to. The first step of every thread.
pub(crate) fn adopt<I: HasThreads>() {
    let (tcb, thread) = (tcb::current(), I::threads().current());
    tcb.id.store(thread.id.0, Ordering::Relaxed);
    tcb.stack.set((thread.stack_lowest as usize, thread.stack_bytes));
}

/// `pthread_exit`: runs the thread's destructors and ends it. Frames of the caller are *not* unwound.
///
/// # Safety
/// No frame of the thread holds anything that others wait for.
pub unsafe fn exit<I: HasThreads>(result: *mut c_void) -> ! {
    let tcb = tcb::current();
    destructors::run();
    keys::run_destructors();
    tcb.value.set(result);
    tcb.ended.store(1, Ordering::Release);
    // The block may be freed by a joiner only after `reaped`, so its address is still a good key.
    wake(tcb.ended.as_ptr() as usize, usize::MAX);
    I::threads().exit_current()
}

fn reaped(argument: usize) {
    // SAFETY: `create` passed the block's address; the thread's own hold is given up here, once.
    unsafe { (*(argument as *const Tcb)).release() };
}

/// `pthread_join`.
///
/// # Safety
/// `thread` can still be joined, and nobody else does; `result` is null or writable.
pub unsafe fn join(thread: pthread_t, result: *mut *mut c_void) -> c_int {
    // SAFETY: the caller's hold keeps the block alive.
    let tcb = unsafe { &*(thread as *const Tcb) };
    if core::ptr::eq(tcb, tcb::current()) {
        return libc::EDEADLK;
    }
    let runs = || tcb.ended.load(Ordering::Acquire) == 0;
    while runs() {
        wait(tcb.ended.as_ptr() as usize, NO_DEADLINE, runs);
    }
    // SAFETY: the thread has stored its result before `ended`; then the caller's hold ends.
    unsafe {
        if !result.is_null() {
            result.write(tcb.value.get());
        }
        tcb.release();
    }
    0
}

/// `pthread_detach`.
///
/// # Safety
/// `thread` can still be joined, and nobody does.
pub unsafe fn detach(thread: pthread_t) -> c_int {
    // SAFETY: the caller's hold keeps the block alive, and ends here.
    unsafe { (*(thread as *const Tcb)).release() };
    0
}
