//! `epoll`: a set of files that keeps a list of those that had something to report.
//!
//! A file that has news puts its entry on the set's list; `epoll_wait` takes entries off, asks each file once what
//! is ready *now*, and reports that. So a wait costs what is ready, not what is registered. What the flags mean
//! follows from the list alone: an edge-triggered entry comes back with the next news, a level-triggered one goes
//! back to the end of the list as long as it has something to report, a one-shot one is switched off.
//!
//! [`set`] is the set, [`entries`] its table and list; this file has the calls.

mod entries;
mod set;

use crate::Errno;
use crate::errno::{ret, ret_unit};
use crate::fd::table;
use crate::fd::{Direction, Events, File, FileRef, Status, Watch};
use crate::poll::{deadline_after, duration_ns};
use crate::user;
use alloc::sync::Arc;
use core::any::Any;
use core::ffi::c_int;
use core::sync::atomic::AtomicI32;
use kit_iface_image::Image;
use kit_iface_sched::Wake;
use set::Set;

/// An epoll descriptor.
struct Epoll {
    set: Arc<Set>,
    flags: AtomicI32,
}

impl Drop for Epoll {
    fn drop(&mut self) {
        // The files' subscriptions keep the set alive: end them.
        self.set.clear();
    }
}

impl File for Epoll {
    fn flags(&self) -> &AtomicI32 {
        &self.flags
    }

    fn watch(&self) -> Option<&Watch> {
        Some(self.set.watch())
    }

    fn readiness(&self, _interest: Events) -> Events {
        Events::NONE.with_if(self.set.is_ready(), Events::IN)
    }

    fn status(&self) -> Status {
        Status::nameless(0o600)
    }
}

/// Runs `body` with the set behind `fd`.
fn with_set<I: Image, R>(fd: c_int, body: impl FnOnce(&Arc<Set>) -> Result<R, Errno>) -> Result<R, Errno> {
    let file = table::get::<I>(fd)?;
    let any: &dyn Any = &*file;
    body(&any.downcast_ref::<Epoll>().ok_or(Errno(libc::EINVAL))?.set)
}

/// `epoll_create1`
pub fn epoll_create1<I: Image>(flags: c_int) -> c_int {
    if flags & !libc::EPOLL_CLOEXEC != 0 {
        return ret(Err(Errno(libc::EINVAL)));
    }
    let epoll = Epoll { set: Arc::new(Set::new()), flags: AtomicI32::new(libc::O_RDWR) };
    ret(table::insert::<I>(FileRef::Counted(Arc::new(epoll)), flags & libc::EPOLL_CLOEXEC != 0))
}

/// `epoll_create`
pub fn epoll_create<I: Image>(size: c_int) -> c_int {
    if size <= 0 { ret(Err(Errno(libc::EINVAL))) } else { epoll_create1::<I>(0) }
}

/// `epoll_ctl`
///
/// # Safety
/// As the C function.
pub unsafe fn epoll_ctl<I: Image>(
    set: c_int,
    operation: c_int,
    fd: c_int,
    event: *mut libc::epoll_event,
) -> c_int {
    ret_unit(with_set::<I, _>(set, |set| {
        let file = table::get::<I>(fd)?;
        let watch = file.watch().ok_or(Errno(libc::EPERM))?;
        let any: &dyn Any = &*file;
        let nested = any.downcast_ref::<Epoll>().map(|epoll| &epoll.set);
        if nested.is_some_and(|nested| Arc::ptr_eq(nested, set)) {
            return Err(Errno(libc::EINVAL));
        }
        if operation == libc::EPOLL_CTL_DEL {
            return set.remove(watch, fd);
        }
        // SAFETY: forwarded to the caller.
        let event = unsafe { user::load(event) }?;
        match operation {
            libc::EPOLL_CTL_ADD => {
                if nested.is_some_and(|nested| nested.holds_sets()) {
                    return Err(Errno(libc::ELOOP));
                }
                set.add(&file, watch, fd, event, nested.is_some())
            }
            libc::EPOLL_CTL_MOD => set.modify(&file, watch, fd, event),
            _ => Err(Errno(libc::EINVAL)),
        }
    }))
}

/// `epoll_wait`
///
/// # Safety
/// As the C function.
pub unsafe fn epoll_wait<I: Image>(
    set: c_int,
    events: *mut libc::epoll_event,
    count: c_int,
    timeout_ms: c_int,
) -> c_int {
    let timeout_ns = u64::try_from(timeout_ms).ok().map(|ms| ms * 1_000_000);
    // SAFETY: forwarded to the caller.
    ret(unsafe { wait_on::<I>(set, events, count, timeout_ns) })
}

/// `epoll_pwait`. Signals interrupt nothing here, so the mask makes no difference.
///
/// # Safety
/// As the C function.
pub unsafe fn epoll_pwait<I: Image>(
    set: c_int,
    events: *mut libc::epoll_event,
    count: c_int,
    timeout_ms: c_int,
    _mask: *const libc::sigset_t,
) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { epoll_wait::<I>(set, events, count, timeout_ms) }
}

/// `epoll_pwait2`
///
/// # Safety
/// As the C function.
pub unsafe fn epoll_pwait2<I: Image>(
    set: c_int,
    events: *mut libc::epoll_event,
    count: c_int,
    timeout: *const libc::timespec,
    _mask: *const libc::sigset_t,
) -> c_int {
    // SAFETY: forwarded to the caller.
    ret(unsafe { duration_ns(timeout).and_then(|timeout_ns| wait_on::<I>(set, events, count, timeout_ns)) })
}

unsafe fn wait_on<I: Image>(
    set: c_int,
    events: *mut libc::epoll_event,
    count: c_int,
    timeout_ns: Option<u64>,
) -> Result<c_int, Errno> {
    let count = usize::try_from(count).ok().filter(|count| *count > 0).ok_or(Errno(libc::EINVAL))?;
    if events.is_null() {
        return Err(Errno(libc::EFAULT));
    }
    with_set::<I, _>(set, |set| {
        let collect = || {
            let mut reported = 0;
            set.collect(count, &mut |event| {
                // SAFETY: the caller's array has `count` entries, and no more are collected.
                unsafe { events.add(reported).write_unaligned(event) };
                reported += 1;
            });
            reported as c_int
        };
        let first = collect();
        if first != 0 || timeout_ns == Some(0) {
            return Ok(first);
        }
        let deadline_ns = deadline_after(timeout_ns);
        loop {
            let ticket = set.watch().ticket(Direction::Read);
            let reported = collect();
            if reported != 0 {
                return Ok(reported);
            }
            if set.watch().sleep(Direction::Read, ticket, deadline_ns) == Wake::TimedOut {
                return Ok(collect());
            }
        }
    })
}
