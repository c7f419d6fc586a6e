//! `poll`, `ppoll` and `select`: waiting for one of several files, asked anew each time.
//!
//! The first look costs no allocation; only a call that has to wait subscribes to its files.

use crate::Errno;
use crate::errno::ret;
use crate::fd::table::get;
use crate::fd::watch::{Bell, Sink};
use crate::fd::{Events, FileRef};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ffi::{c_int, c_ulong};
use kit_iface_clock::monotonic_ns;
use kit_iface_image::Image;
use kit_iface_sched::{NO_DEADLINE, Wake};

/// `poll`
///
/// # Safety
/// As the C function.
pub unsafe fn poll<I: Image>(entries: *mut libc::pollfd, count: libc::nfds_t, timeout_ms: c_int) -> c_int {
    let timeout_ns = u64::try_from(timeout_ms).ok().map(|ms| ms * 1_000_000);
    // SAFETY: forwarded to the caller.
    ret(unsafe { entries_of(entries, count) }.and_then(|entries| poll_until::<I>(entries, timeout_ns)))
}

/// `ppoll`. Signals interrupt nothing here, so the mask makes no difference.
///
/// # Safety
/// As the C function.
pub unsafe fn ppoll<I: Image>(
    entries: *mut libc::pollfd,
    count: libc::nfds_t,
    timeout: *const libc::timespec,
    _mask: *const libc::sigset_t,
) -> c_int {
    // SAFETY: forwarded to the caller.
    let timeout_ns = unsafe { duration_ns(timeout) };
    // SAFETY: forwarded to the caller.
    let entries = unsafe { entries_of(entries, count) };
    ret(entries.and_then(|entries| poll_until::<I>(entries, timeout_ns?)))
}

unsafe fn entries_of<'a>(
    entries: *mut libc::pollfd,
    count: libc::nfds_t,
) -> Result<&'a mut [libc::pollfd], Errno> {
    match (count as usize, entries.is_null()) {
        (0, _) => Ok(&mut []),
        (_, true) => Err(Errno(libc::EFAULT)),
        (count, _) if count > crate::fd::table::DESCRIPTORS_MAX => Err(Errno(libc::EINVAL)),
        // SAFETY: the caller says that so many entries are there.
        (count, _) => Ok(unsafe { core::slice::from_raw_parts_mut(entries, count) }),
    }
}

/// A duration, or `None` (for ever) for a null pointer.
///
/// # Safety
/// `time` is null or points to a time.
pub unsafe fn duration_ns(time: *const libc::timespec) -> Result<Option<u64>, Errno> {
    if time.is_null() {
        return Ok(None);
    }
    // SAFETY: not null, hence a time.
    let time = unsafe { time.read_unaligned() };
    match (u64::try_from(time.tv_sec), time.tv_nsec) {
        (Ok(seconds), ns @ 0..1_000_000_000) => {
            Ok(Some(seconds.saturating_mul(1_000_000_000).saturating_add(ns as u64)))
        }
        _ => Err(Errno(libc::EINVAL)),
    }
}

/// When a wait of `timeout_ns` that begins now ends.
pub fn deadline_after(timeout_ns: Option<u64>) -> u64 {
    timeout_ns.map_or(NO_DEADLINE, |timeout_ns| monotonic_ns().saturating_add(timeout_ns))
}

fn poll_until<I: Image>(entries: &mut [libc::pollfd], timeout_ns: Option<u64>) -> Result<c_int, Errno> {
    let ready = look::<I>(entries);
    if ready != 0 || timeout_ns == Some(0) {
        return Ok(ready);
    }
    wait_and_look::<I>(entries, deadline_after(timeout_ns))
}

/// Looks once at each entry; returns how many have something to report.
fn look<I: Image>(entries: &mut [libc::pollfd]) -> c_int {
    let mut ready = 0;
    for entry in entries {
        entry.revents = if entry.fd < 0 { 0 } else { events_of::<I>(entry.fd, entry.events) };
        ready += c_int::from(entry.revents != 0);
    }
    ready
}

fn events_of<I: Image>(fd: c_int, interest: i16) -> i16 {
    let interest = Events(u32::from(interest as u16));
    match get::<I>(fd) {
        Ok(file) => file.readiness(interest).and(interest.with(Events::ALWAYS)).0 as i16,
        Err(_) => libc::POLLNVAL,
    }
}

struct Sleeper {
    bell: Bell,
}

impl Sink for Sleeper {
    fn notify(&self, token: u64, events: Events) {
        // The token is what the entry is interested in.
        if events.intersects(Events(token as u32).with(Events::ALWAYS)) {
            self.bell.ring();
        }
    }

    fn forget(&self, _token: u64) {
        self.bell.ring();
    }
}

/// The files of one call, watched for as long as this lives.
struct Subscriptions {
    sleeper: Arc<Sleeper>,
    files: Vec<(FileRef, u64)>,
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        for (file, token) in &self.files {
            if let Some(watch) = file.watch() {
                watch.unsubscribe(&*self.sleeper, *token);
            }
        }
    }
}

#[cold]
fn wait_and_look<I: Image>(entries: &mut [libc::pollfd], deadline_ns: u64) -> Result<c_int, Errno> {
    let sleeper = Arc::new(Sleeper { bell: Bell::new() });
    let mut subscriptions = Subscriptions { sleeper: Arc::clone(&sleeper), files: Vec::new() };
    subscriptions.files.try_reserve_exact(entries.len()).map_err(|_| Errno(libc::ENOMEM))?;
    for entry in entries.iter().filter(|entry| entry.fd >= 0) {
        let Ok(file) = get::<I>(entry.fd) else { continue };
        let token = u64::from(entry.events as u16);
        let Some(watch) = file.watch() else { continue };
        file.before_watch()?;
        watch.subscribe(sleeper.clone(), token)?;
        subscriptions.files.push((file, token));
    }
    loop {
        let ticket = sleeper.bell.rings();
        let ready = look::<I>(entries);
        if ready != 0 || sleeper.bell.sleep(ticket, deadline_ns) == Wake::TimedOut {
            return Ok(if ready != 0 { ready } else { look::<I>(entries) });
        }
    }
}

/// Bits in a word of an `fd_set`.
const WORD_BITS: usize = c_ulong::BITS as usize;
/// Highest descriptor of an `fd_set`, plus one.
const SET_SIZE: usize = 1024;

/// `select`, by way of `poll`.
///
/// # Safety
/// As the C function.
pub unsafe fn select<I: Image>(
    count: c_int,
    read: *mut c_ulong,
    write: *mut c_ulong,
    except: *mut c_ulong,
    timeout: *mut libc::timeval,
) -> c_int {
    // SAFETY: forwarded to the caller.
    ret(unsafe { select_checked::<I>(count, [read, write, except], timeout) })
}

const INTERESTS: [i16; 3] = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
/// What sets a descriptor's bit in each set (Linux `fs/select.c`).
const REPORTS: [i16; 3] =
    [libc::POLLIN | libc::POLLHUP | libc::POLLERR, libc::POLLOUT | libc::POLLERR, libc::POLLPRI];

unsafe fn select_checked<I: Image>(
    count: c_int,
    sets: [*mut c_ulong; 3],
    timeout: *const libc::timeval,
) -> Result<c_int, Errno> {
    let count = usize::try_from(count).ok().filter(|count| *count <= SET_SIZE).ok_or(Errno(libc::EINVAL))?;
    let timeout_ns = if timeout.is_null() {
        None
    } else {
        // SAFETY: not null, hence a time.
        let timeout = unsafe { timeout.read_unaligned() };
        let (Ok(seconds), Ok(us)) = (u64::try_from(timeout.tv_sec), u64::try_from(timeout.tv_usec)) else {
            return Err(Errno(libc::EINVAL));
        };
        Some(seconds.saturating_mul(1_000_000_000).saturating_add(us.saturating_mul(1000)))
    };
    let mut entries: Vec<libc::pollfd> = Vec::new();
    for fd in 0..count {
        let mut events = 0;
        for (set, interest) in sets.iter().zip(INTERESTS) {
            // SAFETY: a set that is not null has room for `count` bits.
            if !set.is_null() && unsafe { set.add(fd / WORD_BITS).read() } & (1 << (fd % WORD_BITS)) != 0 {
                events |= interest;
            }
        }
        if events != 0 {
            entries.try_reserve(1).map_err(|_| Errno(libc::ENOMEM))?;
            entries.push(libc::pollfd { fd: fd as c_int, events, revents: 0 });
        }
    }
    poll_until::<I>(&mut entries, timeout_ns)?;
    if entries.iter().any(|entry| entry.revents & libc::POLLNVAL != 0) {
        return Err(Errno(libc::EBADF));
    }
    let mut reported = 0;
    for ((set, interest), report) in sets.iter().zip(INTERESTS).zip(REPORTS) {
        if set.is_null() {
            continue;
        }
        for word in 0..count.div_ceil(WORD_BITS) {
            // SAFETY: a set that is not null has room for `count` bits, in whole words.
            unsafe { set.add(word).write(0) };
        }
        for entry in
            entries.iter().filter(|entry| entry.events & interest != 0 && entry.revents & report != 0)
        {
            let fd = entry.fd as usize;
            // SAFETY: `fd` is below `count`.
            unsafe { *set.add(fd / WORD_BITS) |= 1 << (fd % WORD_BITS) };
            reported += 1;
        }
    }
    Ok(reported)
}
