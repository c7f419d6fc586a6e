//! `futex(2)`: the one blocking primitive under `std`'s Mutex, Condvar, RwLock, Once and `park`.
//!
//! The ambient wait/wake service has the same shape: the word's address is the key, and "the word still has the
//! expected value" is what is checked with the key locked.

use crate::errno::Errno;
use crate::threads::mutex;
use crate::time;
use crate::types::{c_int, timespec};
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_sched::{NO_DEADLINE, Wake, wait, wake};

/// `FUTEX_CMD_MASK`: what is left without the private and clock flags.
const COMMAND: c_int = !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);
/// As `FUTEX_LOCK_PI`, with a choice of the clock; Linux 5.14.
const FUTEX_LOCK_PI2: c_int = 13;
/// `FUTEX_BITSET_MATCH_ANY`.
const EVERY_BIT: u32 = u32::MAX;

/// What the system call is given, in its own order. Which fields count depends on the operation.
pub struct Request {
    /// The word.
    pub word: *const AtomicU32,
    /// Operation and flags.
    pub operation: c_int,
    /// Expected value, or how many to wake.
    pub value: u32,
    /// Timeout, or (as a number) how many to move.
    pub timeout_or_count: usize,
    /// The value that a compare-and-requeue expects, or the bits of a bitset operation.
    pub value3: u32,
}

/// Performs a request; answers how many threads were woken, or 0.
///
/// # Safety
/// `word` points to a futex word, and the timeout of a wait is null or valid.
pub unsafe fn futex(request: &Request) -> Result<usize, Errno> {
    if !(request.word as usize).is_multiple_of(4) || request.word.is_null() {
        return Err(Errno(libc::EINVAL));
    }
    // SAFETY: forwarded to the caller.
    let word = unsafe { &*request.word };
    let key = request.word as usize;
    match request.operation & COMMAND {
        libc::FUTEX_WAIT => {
            // SAFETY: the caller's timeout.
            let relative_ns = unsafe { timeout(request.timeout_or_count) }?;
            sleep(word, request.value, relative_ns.map(time::after))
        }
        libc::FUTEX_WAIT_BITSET if request.value3 == EVERY_BIT => {
            // SAFETY: as above.
            let deadline_ns = unsafe { timeout(request.timeout_or_count) }?;
            let is_wall = request.operation & libc::FUTEX_CLOCK_REALTIME != 0;
            sleep(word, request.value, deadline_ns.map(|ns| if is_wall { time::from_wall(ns) } else { ns }))
        }
        libc::FUTEX_WAKE => Ok(wake(key, request.value as usize)),
        libc::FUTEX_WAKE_BITSET if request.value3 == EVERY_BIT => Ok(wake(key, request.value as usize)),
        // Moving a waiter to another word saves it a wake-up and nothing else: waiters look again anyway.
        libc::FUTEX_REQUEUE => {
            Ok(wake(key, (request.value as usize).saturating_add(request.timeout_or_count)))
        }
        libc::FUTEX_CMP_REQUEUE => {
            if word.load(Ordering::SeqCst) != request.value3 {
                return Err(Errno(libc::EAGAIN));
            }
            Ok(wake(key, (request.value as usize).saturating_add(request.timeout_or_count)))
        }
        libc::FUTEX_LOCK_PI => {
            // SAFETY: as above.
            let wall_ns = unsafe { timeout(request.timeout_or_count) }?;
            mutex::lock_futex(word, wall_ns.map(time::from_wall))
        }
        FUTEX_LOCK_PI2 => {
            // SAFETY: as above.
            let deadline_ns = unsafe { timeout(request.timeout_or_count) }?;
            let is_wall = request.operation & libc::FUTEX_CLOCK_REALTIME != 0;
            mutex::lock_futex(word, deadline_ns.map(|ns| if is_wall { time::from_wall(ns) } else { ns }))
        }
        libc::FUTEX_TRYLOCK_PI => mutex::try_lock_futex(word),
        libc::FUTEX_UNLOCK_PI => mutex::unlock_futex(word),
        _ => Err(crate::unsupported("this futex operation")),
    }
}

fn sleep(word: &AtomicU32, expected: u32, deadline_ns: Option<u64>) -> Result<usize, Errno> {
    // This look also brings the word's page in: the check below runs masked.
    if word.load(Ordering::SeqCst) != expected {
        return Err(Errno(libc::EAGAIN));
    }
    let still = || word.load(Ordering::SeqCst) == expected;
    match wait(word.as_ptr() as usize, deadline_ns.unwrap_or(NO_DEADLINE), still) {
        Wake::Woken => Ok(0),
        Wake::Unneeded => Err(Errno(libc::EAGAIN)),
        Wake::TimedOut => Err(Errno(libc::ETIMEDOUT)),
    }
}

/// The nanoseconds that a timeout says, `None` for none.
///
/// # Safety
/// `address` is zero or that of a `timespec`.
unsafe fn timeout(address: usize) -> Result<Option<u64>, Errno> {
    // SAFETY: forwarded to the caller.
    match unsafe { (address as *const timespec).as_ref() } {
        Some(timeout) => time::nanoseconds(timeout).map(Some),
        None => Ok(None),
    }
}
