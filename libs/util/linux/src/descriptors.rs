//! File descriptors: reading, writing, waiting for readiness.

use crate::Errno;
use crate::raw::{syscall3, syscall6};
use core::ffi::CStr;
use core::sync::atomic::{AtomicBool, Ordering};

/// One descriptor of a [`poll`]: the kernel's `struct pollfd`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollEntry {
    /// The descriptor; a negative one is skipped.
    pub descriptor: i32,
    /// What to wait for (`POLLIN`, …).
    pub events: i16,
    /// What was found.
    pub found: i16,
}

/// One event of an epoll: the kernel's `struct epoll_event`, packed on this architecture.
#[repr(C, packed)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct EpollEvent {
    /// What happened, or what to wait for (`EPOLLIN`, …).
    pub events: u32,
    /// The caller's own word.
    pub data: u64,
}

/// Reads at most `buffer.len()` bytes; 0 is the end of the file.
#[inline]
pub fn read(descriptor: i32, buffer: &mut [u8]) -> Result<usize, Errno> {
    // SAFETY: the kernel writes at most the buffer's length.
    unsafe { syscall3(libc::SYS_read, descriptor as usize, buffer.as_mut_ptr() as usize, buffer.len()) }
}

/// Writes at most `bytes.len()` bytes; returns how many.
#[inline]
pub fn write(descriptor: i32, bytes: &[u8]) -> Result<usize, Errno> {
    // SAFETY: the kernel only reads the slice.
    unsafe { syscall3(libc::SYS_write, descriptor as usize, bytes.as_ptr() as usize, bytes.len()) }
}

/// Opens an existing file for reading.
pub fn open_for_reading(path: &CStr) -> Result<i32, Errno> {
    open(path, libc::O_RDONLY)
}

/// Opens an existing file.
pub(crate) fn open(path: &CStr, access: i32) -> Result<i32, Errno> {
    let flags = (access | libc::O_CLOEXEC) as usize;
    let arguments = [libc::AT_FDCWD as usize, path.as_ptr() as usize, flags, 0, 0, 0];
    // SAFETY: the kernel reads the path up to its zero byte.
    unsafe { syscall6(libc::SYS_openat, arguments) }.map(|descriptor| descriptor as i32)
}

/// Makes a file, or empties one that exists, for writing. Its owner may read it.
pub fn create_file(path: &CStr) -> Result<i32, Errno> {
    let flags = (libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC) as usize;
    let arguments = [libc::AT_FDCWD as usize, path.as_ptr() as usize, flags, 0o644, 0, 0];
    // SAFETY: the kernel reads the path up to its zero byte.
    unsafe { syscall6(libc::SYS_openat, arguments) }.map(|descriptor| descriptor as i32)
}

/// Closes a descriptor. It is gone even if this fails.
pub fn close(descriptor: i32) -> Result<(), Errno> {
    // SAFETY: descriptors are numbers, not memory: a wrong one is an error of the caller's, no unsoundness.
    unsafe { syscall3(libc::SYS_close, descriptor as usize, 0, 0) }.map(drop)
}

/// Makes reads and writes answer [`Errno::AGAIN`] instead of waiting.
pub fn set_nonblocking(descriptor: i32) -> Result<(), Errno> {
    // SAFETY: no memory is involved.
    let flags = unsafe { syscall3(libc::SYS_fcntl, descriptor as usize, libc::F_GETFL as usize, 0) }?;
    let flags = flags | libc::O_NONBLOCK as usize;
    // SAFETY: as above.
    unsafe { syscall3(libc::SYS_fcntl, descriptor as usize, libc::F_SETFL as usize, flags) }.map(drop)
}

/// How many bytes a read would find now (`FIONREAD`).
pub fn bytes_readable(descriptor: i32) -> Result<usize, Errno> {
    let mut count = 0i32;
    let address = (&raw mut count) as usize;
    // SAFETY: FIONREAD writes one int, to an int.
    unsafe { syscall3(libc::SYS_ioctl, descriptor as usize, libc::FIONREAD as usize, address) }?;
    Ok(count.max(0) as usize)
}

/// Waits until one of `entries` is ready, a signal was handled, or `timeout_ns` passed (`None`: for ever).
/// Returns how many entries are ready.
pub fn poll(entries: &mut [PollEntry], timeout_ns: Option<u64>) -> Result<usize, Errno> {
    let time = timeout_ns.map(|ns| [ns / 1_000_000_000, ns % 1_000_000_000]);
    let time = time.as_ref().map_or(0, |time| time.as_ptr() as usize);
    // SAFETY: the kernel writes within the entries, and reads and may update the timespec, a local.
    unsafe { syscall6(libc::SYS_ppoll, [entries.as_mut_ptr() as usize, entries.len(), time, 0, 0, 0]) }
}

/// Makes an epoll instance.
pub fn create_epoll() -> Result<i32, Errno> {
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_epoll_create1, libc::EPOLL_CLOEXEC as usize, 0, 0) }.map(|epoll| epoll as i32)
}

/// Registers `descriptor`.
pub fn epoll_add(epoll: i32, descriptor: i32, event: EpollEvent) -> Result<(), Errno> {
    epoll_control(epoll, libc::EPOLL_CTL_ADD, descriptor, event)
}

/// Changes what `descriptor` is registered for; with `EPOLLET`, what is ready now is reported again.
pub fn epoll_modify(epoll: i32, descriptor: i32, event: EpollEvent) -> Result<(), Errno> {
    epoll_control(epoll, libc::EPOLL_CTL_MOD, descriptor, event)
}

/// Forgets `descriptor`.
pub fn epoll_remove(epoll: i32, descriptor: i32) -> Result<(), Errno> {
    epoll_control(epoll, libc::EPOLL_CTL_DEL, descriptor, EpollEvent::default())
}

fn epoll_control(epoll: i32, operation: i32, descriptor: i32, event: EpollEvent) -> Result<(), Errno> {
    let event = (&raw const event) as usize;
    let arguments = [epoll as usize, operation as usize, descriptor as usize, event, 0, 0];
    // SAFETY: the kernel reads one event.
    unsafe { syscall6(libc::SYS_epoll_ctl, arguments) }.map(drop)
}

/// Takes events that have happened, at most `events.len()`, without waiting; returns how many.
#[inline]
pub fn epoll_wait(epoll: i32, events: &mut [EpollEvent]) -> Result<usize, Errno> {
    let arguments = [epoll as usize, events.as_mut_ptr() as usize, events.len(), 0, 0, 0];
    // SAFETY: the kernel writes at most as many events as the slice has.
    unsafe { syscall6(libc::SYS_epoll_wait, arguments) }
}

/// Takes events, after waiting for the first of them, for a signal, or for `timeout_ns` (`None`: for ever).
pub fn epoll_wait_until(
    epoll: i32,
    events: &mut [EpollEvent],
    timeout_ns: Option<u64>,
) -> Result<usize, Errno> {
    /// The call with a time-out in nanoseconds came with Linux 5.11.
    static IS_OLD_KERNEL: AtomicBool = AtomicBool::new(false);
    if !IS_OLD_KERNEL.load(Ordering::Relaxed) {
        let time = timeout_ns.map(|ns| [ns / 1_000_000_000, ns % 1_000_000_000]);
        let time = time.as_ref().map_or(0, |time| time.as_ptr() as usize);
        let arguments = [epoll as usize, events.as_mut_ptr() as usize, events.len(), time, 0, 0];
        // SAFETY: the kernel reads one timespec, and writes at most as many events as the slice has.
        match unsafe { syscall6(libc::SYS_epoll_pwait2, arguments) } {
            Err(errno) if errno.0 == libc::ENOSYS => IS_OLD_KERNEL.store(true, Ordering::Relaxed),
            result => return result,
        }
    }
    poll(&mut [PollEntry { descriptor: epoll, events: libc::POLLIN, found: 0 }], timeout_ns)?;
    epoll_wait(epoll, events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipe() -> (i32, i32) {
        let mut ends = [0i32; 2];
        // SAFETY: the kernel writes two ints, to two ints.
        unsafe { syscall3(libc::SYS_pipe2, ends.as_mut_ptr() as usize, 0, 0) }.unwrap();
        (ends[0], ends[1])
    }

    #[test]
    fn a_pipe_carries_bytes_and_shows_readiness() {
        let (reader, writer) = pipe();
        let mut entry = [PollEntry { descriptor: reader, events: libc::POLLIN, found: 0 }];
        assert_eq!(poll(&mut entry, Some(0)), Ok(0));
        assert_eq!(write(writer, b"abc"), Ok(3));
        assert_eq!(poll(&mut entry, None), Ok(1));
        assert_eq!(bytes_readable(reader), Ok(3));
        let mut buffer = [0; 8];
        assert_eq!(read(reader, &mut buffer), Ok(3));
        set_nonblocking(reader).unwrap();
        assert_eq!(read(reader, &mut buffer), Err(Errno::AGAIN));
        close(writer).unwrap();
        assert_eq!(read(reader, &mut buffer), Ok(0));
        close(reader).unwrap();
    }

    #[test]
    fn an_edge_is_reported_once() {
        let (reader, writer) = pipe();
        let epoll = create_epoll().unwrap();
        let wanted = EpollEvent { events: (libc::EPOLLIN | libc::EPOLLET) as u32, data: 42 };
        epoll_add(epoll, reader, wanted).unwrap();
        let mut events = [EpollEvent::default(); 4];
        assert_eq!(epoll_wait_until(epoll, &mut events, Some(1)), Ok(0));
        write(writer, b"x").unwrap();
        assert_eq!(epoll_wait(epoll, &mut events), Ok(1));
        assert_eq!({ events[0].data }, 42);
        assert_eq!(epoll_wait(epoll, &mut events), Ok(0));
        write(writer, b"x").unwrap();
        assert_eq!(epoll_wait_until(epoll, &mut events, None), Ok(1));
        for descriptor in [reader, writer, epoll] {
            close(descriptor).unwrap();
        }
    }

    #[test]
    fn a_missing_file_is_an_error() {
        assert_eq!(open_for_reading(c"/no/such/file"), Err(Errno(libc::ENOENT)));
        assert_eq!(read(-1, &mut [0]), Err(Errno(libc::EBADF)));
    }
}
