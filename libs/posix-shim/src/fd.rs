//! Descriptors: numbers for open files, whatever is behind them.
//!
//! A [`File`] is a trait object, made by the call that opens that kind of file and by nobody else. So a socket's
//! code is in the image only if something calls `socket`, and the calls here (`read`, `write`, `close`, …), which
//! every program links, refer to no kind of file but the console.
//!
//! * [`file`]: what an open file can do; * [`table`]: which number means which file;
//! * [`watch`]: who wants to know when something changes, and how a thread waits for that;
//! * [`transfer`], [`control`], [`advice`]: the C calls, moving bytes and everything else.

pub mod advice;
pub mod control;
pub mod events;
pub mod file;
pub mod status;
pub mod table;
pub mod transfer;
pub mod watch;

pub use events::{Direction, Events};
pub use file::{File, FileRef};
pub use status::Status;
pub use watch::Watch;

/// Exports the group `descriptors`.
#[macro_export]
macro_rules! export_descriptors {
    ($image:ty) => {
        $crate::c_calls! {
            $image;
            fn read(fd: c_int, buffer: *mut c_void, count: size_t) -> ssize_t = $crate::fd::transfer::read::<$image>;
            fn write(fd: c_int, bytes: *const c_void, count: size_t) -> ssize_t = $crate::fd::transfer::write::<$image>;
            fn readv(fd: c_int, vectors: *const iovec, count: c_int) -> ssize_t = $crate::fd::transfer::readv::<$image>;
            fn writev(fd: c_int, vectors: *const iovec, count: c_int) -> ssize_t = $crate::fd::transfer::writev::<$image>;
            fn pread64(fd: c_int, buffer: *mut c_void, count: size_t, offset: off64_t) -> ssize_t = $crate::fd::transfer::pread::<$image>;
            fn pread(fd: c_int, buffer: *mut c_void, count: size_t, offset: off64_t) -> ssize_t = $crate::fd::transfer::pread::<$image>;
            fn pwrite64(fd: c_int, bytes: *const c_void, count: size_t, offset: off64_t) -> ssize_t = $crate::fd::transfer::pwrite::<$image>;
            fn pwrite(fd: c_int, bytes: *const c_void, count: size_t, offset: off64_t) -> ssize_t = $crate::fd::transfer::pwrite::<$image>;
            fn preadv64(fd: c_int, vectors: *const iovec, count: c_int, offset: off64_t) -> ssize_t = $crate::fd::transfer::preadv::<$image>;
            fn preadv(fd: c_int, vectors: *const iovec, count: c_int, offset: off64_t) -> ssize_t = $crate::fd::transfer::preadv::<$image>;
            fn pwritev64(fd: c_int, vectors: *const iovec, count: c_int, offset: off64_t) -> ssize_t = $crate::fd::transfer::pwritev::<$image>;
            fn pwritev(fd: c_int, vectors: *const iovec, count: c_int, offset: off64_t) -> ssize_t = $crate::fd::transfer::pwritev::<$image>;
            fn sendfile64(to: c_int, from: c_int, offset: *mut off64_t, count: size_t) -> ssize_t = $crate::fd::transfer::sendfile::<$image>;
            fn sendfile(to: c_int, from: c_int, offset: *mut off64_t, count: size_t) -> ssize_t = $crate::fd::transfer::sendfile::<$image>;
            fn splice(from: c_int, from_offset: *mut off64_t, to: c_int, to_offset: *mut off64_t, count: size_t, flags: c_uint) -> ssize_t = $crate::fd::transfer::splice::<$image>;
            fn lseek64(fd: c_int, offset: off64_t, whence: c_int) -> off64_t = $crate::fd::control::lseek::<$image>;
            fn lseek(fd: c_int, offset: off64_t, whence: c_int) -> off64_t = $crate::fd::control::lseek::<$image>;
            fn dup(fd: c_int) -> c_int = $crate::fd::control::dup::<$image>;
            fn dup2(from: c_int, to: c_int) -> c_int = $crate::fd::control::dup2::<$image>;
            fn dup3(from: c_int, to: c_int, flags: c_int) -> c_int = $crate::fd::control::dup3::<$image>;
            fn fcntl(fd: c_int, command: c_int, argument: size_t) -> c_int = $crate::fd::control::fcntl::<$image>;
            fn fcntl64(fd: c_int, command: c_int, argument: size_t) -> c_int = $crate::fd::control::fcntl::<$image>;
            fn ioctl(fd: c_int, request: c_ulong, argument: size_t) -> c_int = $crate::fd::control::ioctl::<$image>;
            fn isatty(fd: c_int) -> c_int = $crate::fd::control::isatty::<$image>;
            fn fstat64(fd: c_int, status: *mut stat64) -> c_int = $crate::fd::control::fstat::<$image>;
            fn fstat(fd: c_int, status: *mut stat64) -> c_int = $crate::fd::control::fstat::<$image>;
            fn fsync(fd: c_int) -> c_int = $crate::fd::control::fsync::<$image>;
            fn fdatasync(fd: c_int) -> c_int = $crate::fd::control::fsync::<$image>;
            fn ftruncate64(fd: c_int, size: off64_t) -> c_int = $crate::fd::control::ftruncate::<$image>;
            fn ftruncate(fd: c_int, size: off64_t) -> c_int = $crate::fd::control::ftruncate::<$image>;
            fn fchmod(fd: c_int, mode: mode_t) -> c_int = $crate::fd::control::fchmod::<$image>;
            fn fchown(fd: c_int, user: uid_t, group: gid_t) -> c_int = $crate::fd::control::fchown::<$image>;
            fn futimens(fd: c_int, times: *const timespec) -> c_int = $crate::fd::control::futimens::<$image>;
            fn posix_fadvise64(fd: c_int, offset: off64_t, length: off64_t, advice: c_int) -> c_int = $crate::fd::advice::fadvise::<$image>;
            fn posix_fadvise(fd: c_int, offset: off64_t, length: off64_t, advice: c_int) -> c_int = $crate::fd::advice::fadvise::<$image>;
            fn posix_fallocate64(fd: c_int, offset: off64_t, length: off64_t) -> c_int = $crate::fd::advice::posix_fallocate::<$image>;
            fn posix_fallocate(fd: c_int, offset: off64_t, length: off64_t) -> c_int = $crate::fd::advice::posix_fallocate::<$image>;
            fn fallocate64(fd: c_int, mode: c_int, offset: off64_t, length: off64_t) -> c_int = $crate::fd::advice::fallocate::<$image>;
            fn fallocate(fd: c_int, mode: c_int, offset: off64_t, length: off64_t) -> c_int = $crate::fd::advice::fallocate::<$image>;
            fn sync() = $crate::fd::advice::sync::<$image>;
            fn syncfs(fd: c_int) -> c_int = $crate::fd::advice::syncfs::<$image>;
            fn flock(fd: c_int, operation: c_int) -> c_int = $crate::fd::control::flock::<$image>;
            fn poll(entries: *mut pollfd, count: nfds_t, timeout_ms: c_int) -> c_int = $crate::poll::poll::<$image>;
            fn ppoll(entries: *mut pollfd, count: nfds_t, timeout: *const timespec, mask: *const sigset_t) -> c_int = $crate::poll::ppoll::<$image>;
            fn select(count: c_int, read: *mut c_ulong, write: *mut c_ulong, except: *mut c_ulong, timeout: *mut timeval) -> c_int = $crate::poll::select::<$image>;
        }
    };
}
