//! `read`, `write` and their variants: single attempts turned into calls that wait.
//!
//! The first attempt costs no more than a look-up and one virtual call; everything about waiting is out of line.
//! A blocking write returns when all bytes are taken, as Linux has it for files, pipes and streams.

use crate::Errno;
use crate::errno::ret_count;
use crate::fd::file::{File, read_each, write_each};
use crate::fd::table::get;
use crate::fd::{Direction, FileRef};
use crate::user::{self, Source};
use core::ffi::{c_int, c_uint, c_void};
use core::sync::atomic::Ordering;
use kit_iface_image::Image;
use kit_iface_sched::Wake;

const AGAIN: Errno = Errno(libc::EAGAIN);

/// Makes one attempt; if the file is not ready and `flags` do not forbid it, waits and tries again.
#[inline]
pub fn attempt<T>(
    file: &dyn File,
    flags: c_int,
    direction: Direction,
    mut once: impl FnMut() -> Result<T, Errno>,
) -> Result<T, Errno> {
    match once() {
        Err(AGAIN) if flags & libc::O_NONBLOCK == 0 => patiently(file, direction, &mut once),
        result => result,
    }
}

#[cold]
fn patiently<T>(
    file: &dyn File,
    direction: Direction,
    once: &mut dyn FnMut() -> Result<T, Errno>,
) -> Result<T, Errno> {
    let deadline_ns = file.deadline(direction);
    loop {
        // The ticket is taken before the attempt: what happens in between is not slept through.
        let ticket = file.ticket(direction);
        match once() {
            Err(AGAIN) => {}
            result => return result,
        }
        if file.sleep(direction, ticket, deadline_ns) == Wake::TimedOut {
            return once();
        }
    }
}

/// The file that `fd` means, if it is open for `direction`, and its flags.
#[inline]
fn open_for<I: Image>(fd: c_int, direction: Direction) -> Result<(FileRef, c_int), Errno> {
    let file = get::<I>(fd)?;
    let flags = file.flags().load(Ordering::Relaxed);
    let other = match direction {
        Direction::Read => libc::O_WRONLY,
        Direction::Write => libc::O_RDONLY,
    };
    if flags & libc::O_ACCMODE == other || flags & libc::O_PATH != 0 {
        return Err(Errno(libc::EBADF));
    }
    Ok((file, flags))
}

/// `read`
///
/// # Safety
/// As the C function.
pub unsafe fn read<I: Image>(fd: c_int, buffer: *mut c_void, count: usize) -> isize {
    // SAFETY: forwarded to the caller.
    let buffer = unsafe { user::bytes_mut(buffer, count) };
    ret_count(buffer.and_then(|buffer| {
        let (file, flags) = open_for::<I>(fd, Direction::Read)?;
        attempt(&*file, flags, Direction::Read, || file.read(buffer))
    }))
}

/// `write`
///
/// # Safety
/// As the C function.
pub unsafe fn write<I: Image>(fd: c_int, bytes: *const c_void, count: usize) -> isize {
    // SAFETY: forwarded to the caller.
    let bytes = unsafe { user::bytes(bytes, count) };
    ret_count(bytes.and_then(|bytes| {
        let (file, flags) = open_for::<I>(fd, Direction::Write)?;
        if bytes.is_empty() && file.socket().is_none() {
            return Ok(0);
        }
        write_all(&*file, flags, |done| file.write(&bytes[done..]), bytes.len())
    }))
}

/// Calls `once` with the count of bytes written so far until all `length` are, waiting in between unless `flags`
/// forbid it. An error after the first byte ends the call with a short count; the next call meets it again.
#[inline]
pub fn write_all(
    file: &dyn File,
    flags: c_int,
    mut once: impl FnMut(usize) -> Result<usize, Errno>,
    length: usize,
) -> Result<usize, Errno> {
    match once(0) {
        Ok(count) if count == length => Ok(count),
        Err(errno) if errno != AGAIN => Err(errno),
        first if flags & libc::O_NONBLOCK != 0 => first,
        first => write_rest(file, first.unwrap_or(0), &mut once, length),
    }
}

#[cold]
fn write_rest(
    file: &dyn File,
    done: usize,
    once: &mut dyn FnMut(usize) -> Result<usize, Errno>,
    length: usize,
) -> Result<usize, Errno> {
    let mut done = done;
    while done < length {
        match patiently(file, Direction::Write, &mut || once(done)) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(errno) if done == 0 => return Err(errno),
            Err(_) => break,
        }
    }
    Ok(done)
}

/// `readv`
///
/// # Safety
/// As the C function.
pub unsafe fn readv<I: Image>(fd: c_int, vectors: *const libc::iovec, count: c_int) -> isize {
    // SAFETY: forwarded to the caller.
    let targets = unsafe { user::targets(vectors, count) };
    ret_count(targets.and_then(|targets| {
        let (file, flags) = open_for::<I>(fd, Direction::Read)?;
        attempt(&*file, flags, Direction::Read, || file.read_vectored(targets))
    }))
}

/// `writev`
///
/// # Safety
/// As the C function.
pub unsafe fn writev<I: Image>(fd: c_int, vectors: *const libc::iovec, count: c_int) -> isize {
    // SAFETY: forwarded to the caller.
    let sources = unsafe { user::sources(vectors, count) };
    ret_count(sources.and_then(|sources| {
        let (file, flags) = open_for::<I>(fd, Direction::Write)?;
        write_all_vectored(&*file, flags, sources)
    }))
}

/// Writes all of `sources`, waiting unless `flags` forbid it.
pub fn write_all_vectored(file: &dyn File, flags: c_int, sources: &[Source<'_>]) -> Result<usize, Errno> {
    let mut done = attempt(file, flags, Direction::Write, || file.write_vectored(sources))?;
    if flags & libc::O_NONBLOCK != 0 {
        return Ok(done);
    }
    let mut passed = 0;
    for source in sources {
        let source = source.bytes();
        let skipped = (done - passed).min(source.len());
        passed += source.len();
        let rest = &source[skipped..];
        if rest.is_empty() {
            continue;
        }
        match write_all(file, flags, |done| file.write(&rest[done..]), rest.len()) {
            Ok(count) => done += count,
            Err(_) => break,
        }
        if done < passed {
            break;
        }
    }
    Ok(done)
}

fn offset(offset: i64) -> Result<u64, Errno> {
    u64::try_from(offset).map_err(|_| Errno(libc::EINVAL))
}

/// `pread64`
///
/// # Safety
/// As the C function.
pub unsafe fn pread<I: Image>(fd: c_int, buffer: *mut c_void, count: usize, at: i64) -> isize {
    // SAFETY: forwarded to the caller.
    let buffer = unsafe { user::bytes_mut(buffer, count) };
    ret_count(buffer.and_then(|buffer| {
        let (file, _) = open_for::<I>(fd, Direction::Read)?;
        file.read_at(offset(at)?, buffer)
    }))
}

/// `pwrite64`
///
/// # Safety
/// As the C function.
pub unsafe fn pwrite<I: Image>(fd: c_int, bytes: *const c_void, count: usize, at: i64) -> isize {
    // SAFETY: forwarded to the caller.
    let bytes = unsafe { user::bytes(bytes, count) };
    ret_count(bytes.and_then(|bytes| {
        let (file, _) = open_for::<I>(fd, Direction::Write)?;
        file.write_at(offset(at)?, bytes)
    }))
}

/// `preadv64`
///
/// # Safety
/// As the C function.
pub unsafe fn preadv<I: Image>(fd: c_int, vectors: *const libc::iovec, count: c_int, at: i64) -> isize {
    // SAFETY: forwarded to the caller.
    let targets = unsafe { user::targets(vectors, count) };
    ret_count(targets.and_then(|targets| {
        let (file, _) = open_for::<I>(fd, Direction::Read)?;
        let start = offset(at)?;
        let mut done = 0;
        read_each(targets, &mut |target| {
            let count = file.read_at(start.saturating_add(done), target)?;
            done += count as u64;
            Ok(count)
        })
    }))
}

/// `pwritev64`
///
/// # Safety
/// As the C function.
pub unsafe fn pwritev<I: Image>(fd: c_int, vectors: *const libc::iovec, count: c_int, at: i64) -> isize {
    // SAFETY: forwarded to the caller.
    let sources = unsafe { user::sources(vectors, count) };
    ret_count(sources.and_then(|sources| {
        let (file, _) = open_for::<I>(fd, Direction::Write)?;
        let start = offset(at)?;
        let mut done = 0;
        write_each(sources, &mut |source| {
            let count = file.write_at(start.saturating_add(done), source)?;
            done += count as u64;
            Ok(count)
        })
    }))
}

/// `sendfile64`: `EINVAL`, which Linux answers where it has no short cut and which every caller falls back from.
/// There is no shorter way here than the `read` and `write` that the caller does then: calls cost nothing.
pub fn sendfile<I: Image>(_to: c_int, _from: c_int, _offset: *mut i64, _count: usize) -> isize {
    ret_count(Err(Errno(libc::EINVAL)))
}

/// `splice`: as [`sendfile`].
pub fn splice<I: Image>(
    _from: c_int,
    _from_offset: *mut i64,
    _to: c_int,
    _to_offset: *mut i64,
    _count: usize,
    _flags: c_uint,
) -> isize {
    ret_count(Err(Errno(libc::EINVAL)))
}
