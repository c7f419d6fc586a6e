//! Who a thread is, and the small calls: numbers, names, affinity, yielding, `pthread_once`.

use crate::errno::{Errno, ret};
use crate::strings::bytes_of;
use crate::threads::tcb;
use crate::types::{c_char, c_int, cpu_set_t, pid_t, pthread_once_t, pthread_t, size_t};
use core::sync::atomic::{AtomicI32, Ordering};
use kit_iface_sched::{NO_DEADLINE, wait, wake};
use kit_iface_trace::{Event, emit};
use kit_util_threads::HasThreads;

/// `pthread_self`.
pub fn this() -> pthread_t {
    tcb::current().thread_pointer() as pthread_t
}

/// `pthread_equal`.
pub fn equal(a: pthread_t, b: pthread_t) -> c_int {
    c_int::from(a == b)
}

/// `gettid`.
pub fn id() -> pid_t {
    tcb::current().id.load(Ordering::Relaxed) as pid_t
}

/// `sched_yield`.
pub fn yield_now() -> c_int {
    kit_iface_sched::yield_now();
    0
}

/// `pthread_setname_np`: of the calling thread only; the name appears in fault reports.
///
/// # Safety
/// `name` is a C string.
pub unsafe fn set_name<I: HasThreads>(thread: pthread_t, name: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    let name = unsafe { bytes_of(name) };
    if name.len() > 15 {
        return libc::ERANGE;
    }
    if thread != this() {
        return libc::EPERM;
    }
    rename::<I>(name);
    0
}

/// Renames the calling thread.
pub(crate) fn rename<I: HasThreads>(name: &[u8]) {
    let me = I::threads().current();
    me.set_name(name);
    emit(I::trace(), || Event::Thread { id: me.id.0, name: me.name() });
}

/// `pthread_getname_np`: of the calling thread only.
///
/// # Safety
/// `buffer` is valid for writes of `buffer_bytes`.
pub unsafe fn name<I: HasThreads>(thread: pthread_t, buffer: *mut c_char, buffer_bytes: size_t) -> c_int {
    if buffer_bytes < 16 {
        return libc::ERANGE;
    }
    if thread != this() {
        return libc::EPERM;
    }
    let name = I::threads().current().name();
    // SAFETY: the name's 16 bytes, the last one NUL, fit the buffer.
    unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(name.as_ptr(), name.len()) };
    0
}

/// `sched_getaffinity`: one processor runs.
///
/// # Safety
/// `mask` is valid for writes of `mask_bytes`.
pub unsafe fn affinity(_thread: pid_t, mask_bytes: size_t, mask: *mut cpu_set_t) -> c_int {
    if mask_bytes < size_of::<u64>() {
        return ret(Err(Errno(libc::EINVAL)));
    }
    // SAFETY: forwarded to the caller; at least one byte is there.
    unsafe {
        mask.cast::<u8>().write_bytes(0, mask_bytes);
        mask.cast::<u8>().write(1);
    }
    0
}

/// `sched_getcpu`.
pub fn cpu() -> c_int {
    0
}

/// `pthread_once`.
///
/// # Safety
/// `control` was initialised with `PTHREAD_ONCE_INIT` and is used by nothing but this function.
pub unsafe fn once(control: *mut pthread_once_t, run: extern "C" fn()) -> c_int {
    const FRESH: i32 = 0;
    const RUNNING: i32 = 1;
    const DONE: i32 = 2;
    // SAFETY: the caller's object is a word, and only this function touches it.
    let state = unsafe { AtomicI32::from_ptr(control) };
    loop {
        match state.compare_exchange(FRESH, RUNNING, Ordering::Acquire, Ordering::Acquire) {
            Ok(_) => {
                run();
                state.store(DONE, Ordering::Release);
                wake(control as usize, usize::MAX);
                return 0;
            }
            Err(DONE) => return 0,
            Err(_) => {
                wait(control as usize, NO_DEADLINE, || state.load(Ordering::Relaxed) == RUNNING);
            }
        }
    }
}
