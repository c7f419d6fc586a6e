//! Everything that is done to a descriptor besides moving bytes.

use crate::Errno;
use crate::errno::{ret, ret_unit};
use crate::fd::table;
use crate::user;
use core::ffi::{c_int, c_ulong};
use core::sync::atomic::Ordering;
use kit_iface_fs::Change;
use kit_iface_image::Image;

/// The status flags that `F_SETFL` may change.
const SETTABLE: c_int = libc::O_NONBLOCK | libc::O_APPEND | libc::O_ASYNC | libc::O_DIRECT | libc::O_NOATIME;

/// `close`
pub fn close<I: Image>(fd: c_int) -> c_int {
    ret_unit(table::remove::<I>(fd).map(drop))
}

/// `dup`
pub fn dup<I: Image>(fd: c_int) -> c_int {
    ret(table::get::<I>(fd).and_then(|file| table::insert::<I>(file, false)))
}

/// `dup2`
pub fn dup2<I: Image>(from: c_int, to: c_int) -> c_int {
    if from == to {
        return ret(table::get::<I>(from).map(|_| to));
    }
    ret(duplicate::<I>(from, to, false))
}

/// `dup3`
pub fn dup3<I: Image>(from: c_int, to: c_int, flags: c_int) -> c_int {
    if from == to || flags & !libc::O_CLOEXEC != 0 {
        return ret(Err(Errno(libc::EINVAL)));
    }
    ret(duplicate::<I>(from, to, flags & libc::O_CLOEXEC != 0))
}

fn duplicate<I: Image>(from: c_int, to: c_int, close_on_exec: bool) -> Result<c_int, Errno> {
    let file = table::get::<I>(from)?;
    table::replace::<I>(to, file, close_on_exec)?;
    Ok(to)
}

/// `fcntl`
///
/// # Safety
/// As the C function: where `command` takes a pointer, `argument` is one.
pub unsafe fn fcntl<I: Image>(fd: c_int, command: c_int, argument: usize) -> c_int {
    // SAFETY: forwarded to the caller.
    ret(unsafe { fcntl_checked::<I>(fd, command, argument) })
}

unsafe fn fcntl_checked<I: Image>(fd: c_int, command: c_int, argument: usize) -> Result<c_int, Errno> {
    let file = table::get::<I>(fd)?;
    match command {
        libc::F_DUPFD | libc::F_DUPFD_CLOEXEC => {
            let least = argument as c_int;
            if !(0..table::DESCRIPTORS_MAX as c_int).contains(&least) {
                return Err(Errno(libc::EINVAL));
            }
            table::insert_from::<I>(file, command == libc::F_DUPFD_CLOEXEC, least as usize)
        }
        libc::F_GETFD => Ok(c_int::from(table::close_on_exec::<I>(fd)?) * libc::FD_CLOEXEC),
        libc::F_SETFD => {
            table::set_close_on_exec::<I>(fd, argument as c_int & libc::FD_CLOEXEC != 0)?;
            Ok(0)
        }
        libc::F_GETFL => Ok(file.flags().load(Ordering::Relaxed)),
        libc::F_SETFL => {
            let wanted = argument as c_int & SETTABLE;
            let update = |flags| Some(flags & !SETTABLE | wanted);
            // The closure never answers `None`.
            let _ = file.flags().fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
            Ok(0)
        }
        // Record locks are between processes, and there is only one: every lock is granted, none is ever seen.
        libc::F_SETLK | libc::F_SETLKW => Ok(0),
        libc::F_GETLK => {
            let lock = argument as *mut libc::flock;
            if lock.is_null() {
                return Err(Errno(libc::EFAULT));
            }
            // SAFETY: the command takes a pointer to a lock.
            unsafe { (&raw mut (*lock).l_type).write_unaligned(libc::F_UNLCK as i16) };
            Ok(0)
        }
        _ => Err(Errno(libc::EINVAL)),
    }
}

/// `ioctl`
///
/// # Safety
/// As the C function: where `request` takes a pointer, `argument` is one.
pub unsafe fn ioctl<I: Image>(fd: c_int, request: c_ulong, argument: usize) -> c_int {
    // SAFETY: forwarded to the caller.
    ret(unsafe { ioctl_checked::<I>(fd, request, argument) })
}

unsafe fn ioctl_checked<I: Image>(fd: c_int, request: c_ulong, argument: usize) -> Result<c_int, Errno> {
    let file = table::get::<I>(fd)?;
    match request {
        libc::FIONBIO => {
            // SAFETY: the request takes a pointer to an int.
            let nonblocking = unsafe { user::load(argument as *const c_int) }? != 0;
            if nonblocking {
                file.flags().fetch_or(libc::O_NONBLOCK, Ordering::Relaxed);
            } else {
                file.flags().fetch_and(!libc::O_NONBLOCK, Ordering::Relaxed);
            }
            Ok(0)
        }
        libc::FIONREAD => {
            let count = c_int::try_from(file.readable_bytes()?).unwrap_or(c_int::MAX);
            // SAFETY: the request takes a pointer to an int.
            unsafe { user::store(argument as *mut c_int, count) }?;
            Ok(0)
        }
        libc::FIOCLEX | libc::FIONCLEX => {
            table::set_close_on_exec::<I>(fd, request == libc::FIOCLEX)?;
            Ok(0)
        }
        _ => file.control(request, argument),
    }
}

/// `isatty`: never. The console is a stream of bytes; no line discipline, no size.
pub fn isatty<I: Image>(fd: c_int) -> c_int {
    let errno = match table::get::<I>(fd) {
        Ok(_) => Errno(libc::ENOTTY),
        Err(errno) => errno,
    };
    crate::errno::set(errno);
    0
}

/// `lseek64`
pub fn lseek<I: Image>(fd: c_int, offset: i64, whence: c_int) -> i64 {
    ret(table::get::<I>(fd).and_then(|file| file.seek(offset, whence)).map(|position| position as i64))
}

/// `fstat64`
///
/// # Safety
/// As the C function.
pub unsafe fn fstat<I: Image>(fd: c_int, status: *mut libc::stat64) -> c_int {
    let found = table::get::<I>(fd).map(|file| file.status());
    // SAFETY: forwarded to the caller.
    ret_unit(found.and_then(|found| unsafe { user::store(status, found.to_stat()) }))
}

/// `fsync` and `fdatasync`
pub fn fsync<I: Image>(fd: c_int) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|file| file.sync()))
}

/// `ftruncate64`
pub fn ftruncate<I: Image>(fd: c_int, size: i64) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|file| {
        let size = u64::try_from(size).map_err(|_| Errno(libc::EINVAL))?;
        if file.flags().load(Ordering::Relaxed) & libc::O_ACCMODE == libc::O_RDONLY {
            return Err(Errno(libc::EINVAL));
        }
        file.truncate(size)
    }))
}

/// `fchmod`
pub fn fchmod<I: Image>(fd: c_int, mode: libc::mode_t) -> c_int {
    let change = Change { mode: Some(mode as u16 & 0o7777), ..Change::default() };
    ret_unit(table::get::<I>(fd).and_then(|file| file.change(change)))
}

/// `fchown`: there is one user, who may give a file to anybody without anything coming of it.
pub fn fchown<I: Image>(fd: c_int, _user: libc::uid_t, _group: libc::gid_t) -> c_int {
    ret_unit(table::get::<I>(fd).map(drop))
}

/// `futimens`
///
/// # Safety
/// As the C function.
pub unsafe fn futimens<I: Image>(fd: c_int, times: *const libc::timespec) -> c_int {
    // SAFETY: forwarded to the caller.
    let change = unsafe { times_change(times) };
    ret_unit(table::get::<I>(fd).and_then(|file| file.change(change?)))
}

/// The change that `utimensat` and `futimens` ask for: access and modification time, or both now.
///
/// # Safety
/// `times` is null or points to two times.
pub unsafe fn times_change(times: *const libc::timespec) -> Result<Change, Errno> {
    if times.is_null() {
        let now = Some(kit_iface_clock::wall_ns());
        return Ok(Change { mode: None, accessed_ns: now, modified_ns: now });
    }
    // SAFETY: not null, hence two times.
    let (accessed, modified) = unsafe { (times.read_unaligned(), times.add(1).read_unaligned()) };
    Ok(Change { mode: None, accessed_ns: chosen_time(accessed)?, modified_ns: chosen_time(modified)? })
}

fn chosen_time(time: libc::timespec) -> Result<Option<u64>, Errno> {
    match time.tv_nsec {
        libc::UTIME_OMIT => Ok(None),
        libc::UTIME_NOW => Ok(Some(kit_iface_clock::wall_ns())),
        ns @ 0..1_000_000_000 => {
            // Before 1970 there is nothing to be said: the interface counts from there.
            let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
            Ok(Some(seconds.saturating_mul(1_000_000_000).saturating_add(ns as u64)))
        }
        _ => Err(Errno(libc::EINVAL)),
    }
}

/// `flock`
pub fn flock<I: Image>(fd: c_int, operation: c_int) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|file| file.lock(operation)))
}
