//! `pthread_mutex_t` and the priority-inheriting operations of futex(2): locks whose word says who holds them.
//!
//! Prebuilt `std` does not use these (its mutex is a futex without a holder); C libraries do, and programs that want a
//! lock whose holder is lent the urgency of who waits. Under a scheduler with strict levels every mutex here inherits,
//! so `PTHREAD_PRIO_INHERIT` is what there is, and accepted as the protocol; `PTHREAD_PRIO_PROTECT` is not supported.
//!
//! A mutex begins with the word, and has its kind where glibc has it, so that glibc's static initialisers are right.

use crate::errno::Errno;
use crate::time;
use crate::types::{c_int, pthread_mutex_t, pthread_mutexattr_t, timespec};
use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_sched::{HOLDER, NO_DEADLINE, holder_mark, lock_word, unlock_word};

/// What is inside of a `pthread_mutex_t`: all zero bytes are a free mutex.
#[repr(C)]
struct Mutex {
    word: AtomicU32,
    /// How often the holder has locked it beyond the first time, where it may.
    again: Cell<u32>,
    of_glibc: [u32; 2],
    kind: Cell<c_int>,
}

const _: () = assert!(size_of::<Mutex>() <= size_of::<pthread_mutex_t>());
const _: () = assert!(align_of::<Mutex>() <= align_of::<pthread_mutex_t>());

/// What is inside of a `pthread_mutexattr_t`.
#[repr(C)]
struct Attributes {
    /// The kind, and the protocol above it.
    bits: u32,
}

const _: () = assert!(size_of::<Attributes>() <= size_of::<pthread_mutexattr_t>());

const KIND: u32 = 0xff;
const PROTOCOL_SHIFT: u32 = 8;

/// Takes a word; `deadline_ns` is on the ambient monotonic clock.
fn take(word: &AtomicU32, deadline_ns: u64) -> Result<(), Errno> {
    let mine = holder_mark();
    match word.compare_exchange(0, mine, Ordering::Acquire, Ordering::Relaxed) {
        Ok(_) => Ok(()),
        Err(seen) if seen & HOLDER == mine => Err(Errno(libc::EDEADLK)),
        Err(_) if lock_word(word, deadline_ns) => Ok(()),
        Err(_) => Err(Errno(libc::ETIMEDOUT)),
    }
}

fn try_take(word: &AtomicU32) -> Result<(), Errno> {
    let mine = holder_mark();
    match word.compare_exchange(0, mine, Ordering::Acquire, Ordering::Relaxed) {
        Ok(_) => Ok(()),
        Err(seen) if seen & HOLDER == mine => Err(Errno(libc::EDEADLK)),
        Err(_) => Err(Errno(libc::EBUSY)),
    }
}

fn give(word: &AtomicU32) -> Result<(), Errno> {
    let mine = holder_mark();
    match word.compare_exchange(mine, 0, Ordering::Release, Ordering::Relaxed) {
        Ok(_) => Ok(()),
        Err(seen) if seen & HOLDER == mine => {
            unlock_word(word);
            Ok(())
        }
        Err(_) => Err(Errno(libc::EPERM)),
    }
}

/// `FUTEX_LOCK_PI` and `FUTEX_LOCK_PI2`, with the deadline on the ambient monotonic clock.
pub(crate) fn lock_futex(word: &AtomicU32, deadline_ns: Option<u64>) -> Result<usize, Errno> {
    take(word, deadline_ns.unwrap_or(NO_DEADLINE)).map(|()| 0)
}

/// `FUTEX_TRYLOCK_PI`.
pub(crate) fn try_lock_futex(word: &AtomicU32) -> Result<usize, Errno> {
    match try_take(word) {
        Err(Errno(libc::EBUSY)) => Err(Errno(libc::EAGAIN)),
        other => other.map(|()| 0),
    }
}

/// `FUTEX_UNLOCK_PI`.
pub(crate) fn unlock_futex(word: &AtomicU32) -> Result<usize, Errno> {
    give(word).map(|()| 0)
}

fn number(result: Result<(), Errno>) -> c_int {
    result.map_or_else(|errno| errno.0, |()| 0)
}

/// # Safety
/// `mutex` was initialised, and nobody destroys it meanwhile.
unsafe fn inner<'a>(mutex: *mut pthread_mutex_t) -> &'a Mutex {
    // SAFETY: forwarded to the caller; size and alignment are asserted above, and every bit pattern is a `Mutex`.
    unsafe { &*mutex.cast::<Mutex>() }
}

/// What the holder gets for locking once more.
fn again(mutex: &Mutex) -> Result<(), Errno> {
    if mutex.kind.get() != libc::PTHREAD_MUTEX_RECURSIVE {
        return Err(Errno(libc::EDEADLK));
    }
    match mutex.again.get().checked_add(1) {
        Some(count) => {
            mutex.again.set(count);
            Ok(())
        }
        None => Err(Errno(libc::EAGAIN)),
    }
}

fn lock_until(mutex: &Mutex, deadline_ns: u64) -> c_int {
    number(match take(&mutex.word, deadline_ns) {
        Err(Errno(libc::EDEADLK)) => again(mutex),
        other => other,
    })
}

/// `pthread_mutex_init`.
///
/// # Safety
/// `mutex` is writable; `attributes` is null or was initialised.
pub unsafe fn init(mutex: *mut pthread_mutex_t, attributes: *const pthread_mutexattr_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe {
        let kind = attributes.cast::<Attributes>().as_ref().map_or(0, |attributes| attributes.bits & KIND);
        let fresh = Mutex {
            word: AtomicU32::new(0),
            again: Cell::new(0),
            of_glibc: [0; 2],
            kind: Cell::new(kind as c_int),
        };
        mutex.cast::<Mutex>().write(fresh);
    }
    0
}

/// `pthread_mutex_destroy`.
///
/// # Safety
/// `mutex` was initialised.
pub unsafe fn destroy(mutex: *mut pthread_mutex_t) -> c_int {
    // SAFETY: forwarded to the caller.
    let is_held = unsafe { inner(mutex) }.word.load(Ordering::Relaxed) != 0;
    if is_held { libc::EBUSY } else { 0 }
}

/// `pthread_mutex_lock`. A mutex of the normal kind that its holder locks again answers `EDEADLK` and does not hang.
///
/// # Safety
/// `mutex` was initialised.
pub unsafe fn lock(mutex: *mut pthread_mutex_t) -> c_int {
    // SAFETY: forwarded to the caller.
    lock_until(unsafe { inner(mutex) }, NO_DEADLINE)
}

/// `pthread_mutex_timedlock`: the deadline is on the wall clock.
///
/// # Safety
/// `mutex` was initialised, `deadline` is readable.
pub unsafe fn lock_timed(mutex: *mut pthread_mutex_t, deadline: *const timespec) -> c_int {
    // SAFETY: forwarded to the caller.
    let (mutex, deadline) = unsafe { (inner(mutex), time::nanoseconds(&*deadline)) };
    match deadline {
        Ok(wall_ns) => lock_until(mutex, time::from_wall(wall_ns)),
        Err(errno) => errno.0,
    }
}

/// `pthread_mutex_trylock`.
///
/// # Safety
/// `mutex` was initialised.
pub unsafe fn try_lock(mutex: *mut pthread_mutex_t) -> c_int {
    // SAFETY: forwarded to the caller.
    let mutex = unsafe { inner(mutex) };
    number(match try_take(&mutex.word) {
        Err(Errno(libc::EDEADLK)) => again(mutex).map_err(|_| Errno(libc::EBUSY)),
        other => other,
    })
}

/// `pthread_mutex_unlock`.
///
/// # Safety
/// `mutex` was initialised.
pub unsafe fn unlock(mutex: *mut pthread_mutex_t) -> c_int {
    // SAFETY: forwarded to the caller.
    let mutex = unsafe { inner(mutex) };
    if mutex.word.load(Ordering::Relaxed) & HOLDER == holder_mark()
        && let Some(count) = mutex.again.get().checked_sub(1)
    {
        mutex.again.set(count);
        return 0;
    }
    number(give(&mutex.word))
}

/// `pthread_mutexattr_init`.
///
/// # Safety
/// `attributes` is writable.
pub unsafe fn init_attributes(attributes: *mut pthread_mutexattr_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { attributes.cast::<Attributes>().write(Attributes { bits: 0 }) };
    0
}

/// `pthread_mutexattr_destroy`.
pub fn destroy_attributes(_attributes: *mut pthread_mutexattr_t) -> c_int {
    0
}

/// `pthread_mutexattr_settype`.
///
/// # Safety
/// `attributes` was initialised.
pub unsafe fn set_kind(attributes: *mut pthread_mutexattr_t, kind: c_int) -> c_int {
    let (libc::PTHREAD_MUTEX_NORMAL | libc::PTHREAD_MUTEX_RECURSIVE | libc::PTHREAD_MUTEX_ERRORCHECK) = kind
    else {
        return libc::EINVAL;
    };
    // SAFETY: forwarded to the caller.
    let bits = unsafe { &mut (*attributes.cast::<Attributes>()).bits };
    *bits = *bits & !KIND | kind as u32;
    0
}

/// `pthread_mutexattr_setprotocol`.
///
/// # Safety
/// `attributes` was initialised.
pub unsafe fn set_protocol(attributes: *mut pthread_mutexattr_t, protocol: c_int) -> c_int {
    match protocol {
        libc::PTHREAD_PRIO_NONE | libc::PTHREAD_PRIO_INHERIT => {}
        libc::PTHREAD_PRIO_PROTECT => return libc::ENOTSUP,
        _ => return libc::EINVAL,
    }
    // SAFETY: forwarded to the caller.
    let bits = unsafe { &mut (*attributes.cast::<Attributes>()).bits };
    *bits = *bits & KIND | (protocol as u32) << PROTOCOL_SHIFT;
    0
}

/// `pthread_mutexattr_getprotocol`.
///
/// # Safety
/// `attributes` was initialised, `protocol` is writable.
pub unsafe fn protocol(attributes: *const pthread_mutexattr_t, protocol: *mut c_int) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { protocol.write(((*attributes.cast::<Attributes>()).bits >> PROTOCOL_SHIFT) as c_int) };
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutex_is_held_once_or_as_often_as_its_kind_allows() {
        let mut attributes = core::mem::MaybeUninit::<pthread_mutexattr_t>::zeroed();
        for kind in
            [libc::PTHREAD_MUTEX_NORMAL, libc::PTHREAD_MUTEX_ERRORCHECK, libc::PTHREAD_MUTEX_RECURSIVE]
        {
            let mut mutex = core::mem::MaybeUninit::<pthread_mutex_t>::zeroed();
            let mutex = mutex.as_mut_ptr();
            let is_recursive = kind == libc::PTHREAD_MUTEX_RECURSIVE;
            // SAFETY: the objects live through the test, and are initialised here.
            unsafe {
                assert_eq!(init_attributes(attributes.as_mut_ptr()), 0);
                assert_eq!(set_kind(attributes.as_mut_ptr(), kind), 0);
                assert_eq!(set_protocol(attributes.as_mut_ptr(), libc::PTHREAD_PRIO_INHERIT), 0);
                assert_eq!(set_protocol(attributes.as_mut_ptr(), libc::PTHREAD_PRIO_PROTECT), libc::ENOTSUP);
                let mut answer = -1;
                assert_eq!(protocol(attributes.as_ptr(), &mut answer), 0);
                assert_eq!(answer, libc::PTHREAD_PRIO_INHERIT);
                assert_eq!(init(mutex, attributes.as_ptr()), 0);
                assert_eq!(unlock(mutex), libc::EPERM);
                assert_eq!(lock(mutex), 0);
                assert_eq!(destroy(mutex), libc::EBUSY);
                assert_eq!(lock(mutex), if is_recursive { 0 } else { libc::EDEADLK });
                assert_eq!(try_lock(mutex), if is_recursive { 0 } else { libc::EBUSY });
                let times = if is_recursive { 3 } else { 1 };
                (0..times).for_each(|_| assert_eq!(unlock(mutex), 0));
                assert_eq!(unlock(mutex), libc::EPERM);
                assert_eq!(destroy(mutex), 0);
            }
        }
    }
}
