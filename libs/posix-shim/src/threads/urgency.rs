//! Scheduling policies and parameters: what POSIX programs say about how urgent a thread is.
//!
//! All of it becomes one [`Urgency`] of the thread: `SCHED_OTHER` with a nice value, `SCHED_RR` or `SCHED_FIFO` with a
//! priority. What that is good for is up to the image's scheduler, and what it cannot honour is refused: nice values
//! where all threads are equal, real-time policies where levels are not strict. As in Linux, a nice value belongs to
//! a thread, and `who == 0` is the caller.

use crate::errno::{Errno, ret, ret_unit};
use crate::threads::tcb::{self, Tcb};
use crate::types::{c_int, id_t, pid_t, pthread_t, sched_param};
use core::sync::atomic::Ordering;
use kit_iface_image::Image;
use kit_iface_sched::{Levels, Scheduler, ThreadId, Urgency};
use kit_util_threads::HasThreads;

/// `PRIO_PROCESS`, whose type differs between C libraries.
const PRIO_PROCESS: c_int = 0;
/// Least and greatest real-time priority.
const PRIORITIES: (c_int, c_int) = (1, 99);

/// The policy that has this urgency.
pub(crate) const fn policy_of(urgency: Urgency) -> c_int {
    match (urgency.priority(), urgency.has_slice) {
        (0, _) => libc::SCHED_OTHER,
        (_, true) => libc::SCHED_RR,
        (_, false) => libc::SCHED_FIFO,
    }
}

/// What a policy and a priority mean together; `None` if they do not go together.
pub(crate) const fn urgency_of(policy: c_int, priority: c_int) -> Option<Urgency> {
    match (policy, priority) {
        (libc::SCHED_OTHER, 0) => Some(Urgency::NORMAL),
        (libc::SCHED_RR | libc::SCHED_FIFO, _) => Urgency::real_time(priority, policy == libc::SCHED_RR),
        _ => None,
    }
}

/// Sets the urgency of a thread, if the image's scheduler honours such a one.
fn set<I: HasThreads>(id: ThreadId, urgency: Urgency) -> Result<(), Errno> {
    match <I as Image>::Sched::LEVELS {
        // All that a program can have said so far is what every thread is.
        Levels::Ignored if urgency == Urgency::NORMAL => Ok(()),
        Levels::Ignored => {
            Err(crate::unsupported("another urgency than the usual one, with this scheduler,"))
        }
        Levels::Shares if urgency.priority() > 0 => {
            Err(crate::unsupported("a real-time policy, with this scheduler,"))
        }
        Levels::Shares | Levels::Strict => match I::threads().set_urgency(id, urgency) {
            true => Ok(()),
            false => Err(Errno(libc::ESRCH)),
        },
    }
}

fn get<I: HasThreads>(id: ThreadId) -> Result<Urgency, Errno> {
    match <I as Image>::Sched::LEVELS {
        Levels::Ignored => Ok(Urgency::NORMAL),
        Levels::Shares | Levels::Strict => I::threads().urgency(id).ok_or(Errno(libc::ESRCH)),
    }
}

/// The urgency that a new thread has by itself: its creator's.
pub(crate) fn inherited<I: HasThreads>() -> Urgency {
    get::<I>(id_of(0)).unwrap_or(Urgency::NORMAL)
}

/// The thread that a number means; 0 is the caller.
fn id_of(number: c_int) -> ThreadId {
    match number {
        0 => ThreadId(tcb::current().id.load(Ordering::Relaxed)),
        _ => ThreadId(number as u32),
    }
}

/// A thread as POSIX names it.
///
/// # Safety
/// The thread can still be joined, or is the caller.
unsafe fn id_of_thread(thread: pthread_t) -> ThreadId {
    // SAFETY: such a thread's block is alive.
    ThreadId(unsafe { (*(thread as *const Tcb)).id.load(Ordering::Relaxed) })
}

/// The error number as `pthread_` functions answer it.
fn number(result: Result<(), Errno>) -> c_int {
    match result {
        Ok(()) => 0,
        // What these functions answer for a value that is right and not supported.
        Err(Errno(libc::ENOSYS)) => libc::ENOTSUP,
        Err(Errno(number)) => number,
    }
}

/// `pthread_setschedparam`.
///
/// # Safety
/// `thread` can still be joined, or is the caller; `parameters` is readable.
pub unsafe fn set_of_thread<I: HasThreads>(
    thread: pthread_t,
    policy: c_int,
    parameters: *const sched_param,
) -> c_int {
    // SAFETY: forwarded to the caller.
    let (id, priority) = unsafe { (id_of_thread(thread), (*parameters).sched_priority) };
    number(urgency_of(policy, priority).ok_or(Errno(libc::EINVAL)).and_then(|urgency| set::<I>(id, urgency)))
}

/// `pthread_setschedprio`: keeps the policy.
///
/// # Safety
/// As [`set_of_thread`].
pub unsafe fn set_priority_of_thread<I: HasThreads>(thread: pthread_t, priority: c_int) -> c_int {
    // SAFETY: forwarded to the caller.
    let id = unsafe { id_of_thread(thread) };
    number(get::<I>(id).and_then(|now| {
        let urgency = urgency_of(policy_of(now), priority).ok_or(Errno(libc::EINVAL))?;
        set::<I>(id, urgency)
    }))
}

/// `pthread_getschedparam`: its own, whatever it has been lent.
///
/// # Safety
/// As [`set_of_thread`]; both pointers are writable.
pub unsafe fn of_thread<I: HasThreads>(
    thread: pthread_t,
    policy: *mut c_int,
    parameters: *mut sched_param,
) -> c_int {
    // SAFETY: forwarded to the caller.
    number(get::<I>(unsafe { id_of_thread(thread) }).map(|urgency| {
        // SAFETY: forwarded to the caller.
        unsafe {
            policy.write(policy_of(urgency));
            parameters.write(sched_param { sched_priority: urgency.priority() });
        }
    }))
}

/// `sched_setscheduler`.
///
/// # Safety
/// `parameters` is readable.
pub unsafe fn set_scheduler<I: HasThreads>(
    thread: pid_t,
    policy: c_int,
    parameters: *const sched_param,
) -> c_int {
    // SAFETY: forwarded to the caller.
    let urgency = urgency_of(policy, unsafe { (*parameters).sched_priority });
    ret_unit(urgency.ok_or(Errno(libc::EINVAL)).and_then(|urgency| set::<I>(id_of(thread), urgency)))
}

/// `sched_getscheduler`.
pub fn scheduler<I: HasThreads>(thread: pid_t) -> c_int {
    ret(get::<I>(id_of(thread)).map(policy_of))
}

/// `sched_setparam`: keeps the policy.
///
/// # Safety
/// `parameters` is readable.
pub unsafe fn set_parameters<I: HasThreads>(thread: pid_t, parameters: *const sched_param) -> c_int {
    let id = id_of(thread);
    // SAFETY: forwarded to the caller.
    let priority = unsafe { (*parameters).sched_priority };
    ret_unit(get::<I>(id).and_then(|now| {
        let urgency = urgency_of(policy_of(now), priority).ok_or(Errno(libc::EINVAL))?;
        set::<I>(id, urgency)
    }))
}

/// `sched_getparam`.
///
/// # Safety
/// `parameters` is writable.
pub unsafe fn parameters<I: HasThreads>(thread: pid_t, parameters: *mut sched_param) -> c_int {
    ret_unit(get::<I>(id_of(thread)).map(|urgency| {
        // SAFETY: forwarded to the caller.
        unsafe { parameters.write(sched_param { sched_priority: urgency.priority() }) }
    }))
}

fn bounds(policy: c_int) -> Result<(c_int, c_int), Errno> {
    match policy {
        libc::SCHED_OTHER => Ok((0, 0)),
        libc::SCHED_RR | libc::SCHED_FIFO => Ok(PRIORITIES),
        _ => Err(Errno(libc::EINVAL)),
    }
}

/// `sched_get_priority_min`.
pub fn least(policy: c_int) -> c_int {
    ret(bounds(policy).map(|bounds| bounds.0))
}

/// `sched_get_priority_max`.
pub fn greatest(policy: c_int) -> c_int {
    ret(bounds(policy).map(|bounds| bounds.1))
}

fn process(which: c_int, who: id_t) -> Result<ThreadId, Errno> {
    match which {
        PRIO_PROCESS => Ok(id_of(who as c_int)),
        _ => Err(Errno(libc::EINVAL)),
    }
}

/// `setpriority`: the nice value of one thread. A real-time thread keeps its priority, and has none.
pub fn set_nice<I: HasThreads>(which: c_int, who: id_t, nice: c_int) -> c_int {
    ret_unit(process(which, who).and_then(|id| match get::<I>(id)?.priority() {
        0 => set::<I>(id, Urgency::nice(nice)),
        _ => Ok(()),
    }))
}

/// `getpriority`. -1 is a nice value as well as the sign of an error, so `errno` is cleared.
pub fn nice<I: HasThreads>(which: c_int, who: id_t) -> c_int {
    crate::errno::set(Errno(0));
    ret(process(which, who).and_then(get::<I>).map(Urgency::nice_value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_and_priorities_go_together_or_not() {
        for (policy, priorities) in
            [(libc::SCHED_OTHER, 0..=0), (libc::SCHED_RR, 1..=99), (libc::SCHED_FIFO, 1..=99)]
        {
            for priority in -1..=101 {
                let urgency = urgency_of(policy, priority);
                assert_eq!(urgency.is_some(), priorities.contains(&priority), "{policy} {priority}");
                if let Some(urgency) = urgency {
                    assert_eq!((policy_of(urgency), urgency.priority()), (policy, priority));
                }
            }
        }
        assert_eq!(urgency_of(77, 0), None);
    }
}
