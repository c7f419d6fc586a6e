//! `eventfd`: a counter that can be waited for, with an edge for every write.
//!
//! The edges matter: mio wakes its `epoll` by writing to an event descriptor that it never reads (recipes/std.md §3),
//! so a second write to a counter that is readable already must be reported again.

use crate::Errno;
use crate::errno::ret;
use crate::fd::table;
use crate::fd::{Events, File, FileRef, Status, Watch};
use crate::user;
use alloc::sync::Arc;
use core::ffi::{c_int, c_uint};
use core::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use kit_iface_image::Image;

/// The counter never reaches this (eventfd(2)).
const LIMIT: u64 = u64::MAX;

/// An event descriptor.
pub(crate) struct Event {
    count: AtomicU64,
    is_semaphore: bool,
    flags: AtomicI32,
    watch: Watch,
}

impl Event {
    /// A counter that starts at `initial`, with the flags of `eventfd`.
    pub(crate) fn new(initial: c_uint, flags: c_int) -> Self {
        Self {
            count: AtomicU64::new(initial.into()),
            is_semaphore: flags & libc::EFD_SEMAPHORE != 0,
            flags: AtomicI32::new(libc::O_RDWR | flags & libc::O_NONBLOCK),
            watch: Watch::new(),
        }
    }
}

impl File for Event {
    fn flags(&self) -> &AtomicI32 {
        &self.flags
    }

    fn watch(&self) -> Option<&Watch> {
        Some(&self.watch)
    }

    fn readiness(&self, _interest: Events) -> Events {
        let count = self.count.load(Ordering::SeqCst);
        Events::NONE.with_if(count > 0, Events::IN).with_if(count < LIMIT - 1, Events::OUT)
    }

    fn status(&self) -> Status {
        Status::nameless(0o600)
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let target = buffer.first_chunk_mut::<8>().ok_or(Errno(libc::EINVAL))?;
        let left =
            |count: u64| if self.is_semaphore { count.checked_sub(1) } else { (count > 0).then_some(0) };
        let before = self
            .count
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .map_err(|_| Errno(libc::EAGAIN))?;
        *target = (if self.is_semaphore { 1 } else { before }).to_ne_bytes();
        self.watch.notify(Events::OUT);
        Ok(8)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let added = u64::from_ne_bytes(*bytes.first_chunk().ok_or(Errno(libc::EINVAL))?);
        if added == LIMIT {
            return Err(Errno(libc::EINVAL));
        }
        let sum = |count: u64| count.checked_add(added).filter(|sum| *sum < LIMIT);
        self.count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, sum).map_err(|_| Errno(libc::EAGAIN))?;
        if added > 0 {
            self.watch.notify(Events::IN);
        }
        Ok(8)
    }
}

/// `eventfd`
pub fn eventfd<I: Image>(initial: c_uint, flags: c_int) -> c_int {
    if flags & !(libc::EFD_SEMAPHORE | libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) != 0 {
        return ret(Err(Errno(libc::EINVAL)));
    }
    ret(table::insert::<I>(
        FileRef::Counted(Arc::new(Event::new(initial, flags))),
        flags & libc::EFD_CLOEXEC != 0,
    ))
}

/// `eventfd_write`
pub fn eventfd_write<I: Image>(fd: c_int, value: u64) -> c_int {
    // SAFETY: eight readable bytes.
    let written = unsafe { crate::fd::transfer::write::<I>(fd, (&raw const value).cast(), 8) };
    if written == 8 { 0 } else { -1 }
}

/// `eventfd_read`
///
/// # Safety
/// As the C function.
pub unsafe fn eventfd_read<I: Image>(fd: c_int, value: *mut u64) -> c_int {
    let mut count = 0u64;
    // SAFETY: eight writable bytes.
    let read = unsafe { crate::fd::transfer::read::<I>(fd, (&raw mut count).cast(), 8) };
    if read != 8 {
        return -1;
    }
    // SAFETY: forwarded to the caller.
    crate::errno::ret_unit(unsafe { user::store(value, count) })
}

/// Exports the group `events`: pipes, event descriptors, epoll.
#[macro_export]
macro_rules! export_events {
    ($image:ty) => {
        $crate::c_calls! {
            $image;
            fn pipe(fds: *mut c_int) -> c_int = $crate::pipe::pipe::<$image>;
            fn pipe2(fds: *mut c_int, flags: c_int) -> c_int = $crate::pipe::pipe2::<$image>;
            fn socketpair(family: c_int, kind: c_int, protocol: c_int, fds: *mut c_int) -> c_int = $crate::pipe::socketpair::<$image>;
            fn eventfd(initial: c_uint, flags: c_int) -> c_int = $crate::event::eventfd::<$image>;
            fn eventfd_read(fd: c_int, value: *mut u64) -> c_int = $crate::event::eventfd_read::<$image>;
            fn eventfd_write(fd: c_int, value: u64) -> c_int = $crate::event::eventfd_write::<$image>;
            fn epoll_create(size: c_int) -> c_int = $crate::epoll::epoll_create::<$image>;
            fn epoll_create1(flags: c_int) -> c_int = $crate::epoll::epoll_create1::<$image>;
            fn epoll_ctl(set: c_int, operation: c_int, fd: c_int, event: *mut epoll_event) -> c_int = $crate::epoll::epoll_ctl::<$image>;
            fn epoll_wait(set: c_int, events: *mut epoll_event, count: c_int, timeout_ms: c_int) -> c_int = $crate::epoll::epoll_wait::<$image>;
            fn epoll_pwait(set: c_int, events: *mut epoll_event, count: c_int, timeout_ms: c_int, mask: *const sigset_t) -> c_int = $crate::epoll::epoll_pwait::<$image>;
            fn epoll_pwait2(set: c_int, events: *mut epoll_event, count: c_int, timeout: *const timespec, mask: *const sigset_t) -> c_int = $crate::epoll::epoll_pwait2::<$image>;
        }
    };
}
