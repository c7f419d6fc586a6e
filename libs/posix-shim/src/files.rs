//! Files by name: paths over the filesystem of the composed image.
//!
//! * [`path`] resolves names, [`working`] knows the working directory, [`device`] what is behind device numbers;
//! * [`opener`] keeps files out of images that have none; [`open`] makes open files ([`regular`], [`directory`]); [`stream`] is `readdir`;
//! * [`names`] makes, moves and removes names; [`attributes`] is `stat`, `chmod` and their like, [`space`] `statfs`.

pub mod attributes;
pub mod device;
pub mod directory;
pub mod locks;
pub mod names;
pub mod open;
pub mod opener;
pub mod path;
pub mod regular;
pub mod space;
pub mod stream;
pub mod working;

use crate::Errno;
use kit_iface_fs::{FileSystem, FsError};
use kit_iface_image::WithFs;

/// A node of an image's filesystem.
pub type Node<I> = <<I as WithFs>::Fs as FileSystem>::Node;

/// The `errno` of a filesystem's error.
pub fn errno_of(error: FsError) -> Errno {
    Errno(match error {
        FsError::NotFound => libc::ENOENT,
        FsError::Exists => libc::EEXIST,
        FsError::NotADirectory => libc::ENOTDIR,
        FsError::IsADirectory => libc::EISDIR,
        FsError::NotEmpty => libc::ENOTEMPTY,
        FsError::Invalid => libc::EINVAL,
        FsError::NameTooLong => libc::ENAMETOOLONG,
        FsError::NoSpace => libc::ENOSPC,
        FsError::TooLarge => libc::EFBIG,
        FsError::ReadOnly => libc::EROFS,
        FsError::NotPermitted => libc::EPERM,
        FsError::CrossDevice => libc::EXDEV,
        FsError::Busy => libc::EBUSY,
        FsError::TooManyLinks => libc::EMLINK,
        FsError::Device => libc::EIO,
        FsError::NoDevice => libc::ENXIO,
        FsError::Corrupt => libc::EUCLEAN,
    })
}

/// Exports the group `files`.
#[macro_export]
macro_rules! export_files {
    ($image:ty) => {
        $crate::c_calls! {
            $image;
            fn openat64(base: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int = $crate::files::open::openat::<$image>;
            fn openat(base: c_int, path: *const c_char, flags: c_int, mode: mode_t) -> c_int = $crate::files::open::openat::<$image>;
            fn creat64(path: *const c_char, mode: mode_t) -> c_int = $crate::files::open::creat::<$image>;
            fn creat(path: *const c_char, mode: mode_t) -> c_int = $crate::files::open::creat::<$image>;
            fn umask(mask: mode_t) -> mode_t = $crate::files::open::umask;
            fn truncate64(path: *const c_char, size: off64_t) -> c_int = $crate::files::open::truncate::<$image>;
            fn truncate(path: *const c_char, size: off64_t) -> c_int = $crate::files::open::truncate::<$image>;
            fn stat64(path: *const c_char, status: *mut stat64) -> c_int = $crate::files::attributes::stat::<$image>;
            fn stat(path: *const c_char, status: *mut stat64) -> c_int = $crate::files::attributes::stat::<$image>;
            fn lstat64(path: *const c_char, status: *mut stat64) -> c_int = $crate::files::attributes::lstat::<$image>;
            fn lstat(path: *const c_char, status: *mut stat64) -> c_int = $crate::files::attributes::lstat::<$image>;
            fn fstatat64(base: c_int, path: *const c_char, status: *mut stat64, flags: c_int) -> c_int = $crate::files::attributes::fstatat::<$image>;
            fn fstatat(base: c_int, path: *const c_char, status: *mut stat64, flags: c_int) -> c_int = $crate::files::attributes::fstatat::<$image>;
            fn statx(base: c_int, path: *const c_char, flags: c_int, mask: c_uint, status: *mut statx) -> c_int = $crate::files::attributes::statx::<$image>;
            fn statfs64(path: *const c_char, status: *mut statfs64) -> c_int = $crate::files::space::statfs::<$image>;
            fn fstatfs64(fd: c_int, status: *mut statfs64) -> c_int = $crate::files::space::fstatfs::<$image>;
            fn statfs(path: *const c_char, status: *mut statfs64) -> c_int = $crate::files::space::statfs::<$image>;
            fn fstatfs(fd: c_int, status: *mut statfs64) -> c_int = $crate::files::space::fstatfs::<$image>;
            fn statvfs64(path: *const c_char, status: *mut statvfs64) -> c_int = $crate::files::space::statvfs::<$image>;
            fn fstatvfs64(fd: c_int, status: *mut statvfs64) -> c_int = $crate::files::space::fstatvfs::<$image>;
            fn statvfs(path: *const c_char, status: *mut statvfs64) -> c_int = $crate::files::space::statvfs::<$image>;
            fn fstatvfs(fd: c_int, status: *mut statvfs64) -> c_int = $crate::files::space::fstatvfs::<$image>;
            fn access(path: *const c_char, mode: c_int) -> c_int = $crate::files::attributes::access::<$image>;
            fn faccessat(base: c_int, path: *const c_char, mode: c_int, flags: c_int) -> c_int = $crate::files::attributes::faccessat::<$image>;
            fn chmod(path: *const c_char, mode: mode_t) -> c_int = $crate::files::attributes::chmod::<$image>;
            fn fchmodat(base: c_int, path: *const c_char, mode: mode_t, flags: c_int) -> c_int = $crate::files::attributes::fchmodat::<$image>;
            fn chown(path: *const c_char, user: uid_t, group: gid_t) -> c_int = $crate::files::attributes::chown::<$image>;
            fn lchown(path: *const c_char, user: uid_t, group: gid_t) -> c_int = $crate::files::attributes::lchown::<$image>;
            fn fchownat(base: c_int, path: *const c_char, user: uid_t, group: gid_t, flags: c_int) -> c_int = $crate::files::attributes::fchownat::<$image>;
            fn utimensat(base: c_int, path: *const c_char, times: *const timespec, flags: c_int) -> c_int = $crate::files::attributes::utimensat::<$image>;
            fn mkdir(path: *const c_char, mode: mode_t) -> c_int = $crate::files::names::mkdir::<$image>;
            fn mkdirat(base: c_int, path: *const c_char, mode: mode_t) -> c_int = $crate::files::names::mkdirat::<$image>;
            fn rmdir(path: *const c_char) -> c_int = $crate::files::names::rmdir::<$image>;
            fn unlink(path: *const c_char) -> c_int = $crate::files::names::unlink::<$image>;
            fn unlinkat(base: c_int, path: *const c_char, flags: c_int) -> c_int = $crate::files::names::unlinkat::<$image>;
            fn rename(from: *const c_char, to: *const c_char) -> c_int = $crate::files::names::rename::<$image>;
            fn renameat(from_base: c_int, from: *const c_char, to_base: c_int, to: *const c_char) -> c_int = $crate::files::names::renameat::<$image>;
            fn renameat2(from_base: c_int, from: *const c_char, to_base: c_int, to: *const c_char, flags: c_uint) -> c_int = $crate::files::names::renameat2::<$image>;
            fn link(from: *const c_char, to: *const c_char) -> c_int = $crate::files::names::link::<$image>;
            fn linkat(from_base: c_int, from: *const c_char, to_base: c_int, to: *const c_char, flags: c_int) -> c_int = $crate::files::names::linkat::<$image>;
            fn symlink(target: *const c_char, path: *const c_char) -> c_int = $crate::files::names::symlink::<$image>;
            fn symlinkat(target: *const c_char, base: c_int, path: *const c_char) -> c_int = $crate::files::names::symlinkat::<$image>;
            fn readlink(path: *const c_char, buffer: *mut c_char, count: size_t) -> ssize_t = $crate::files::names::readlink::<$image>;
            fn readlinkat(base: c_int, path: *const c_char, buffer: *mut c_char, count: size_t) -> ssize_t = $crate::files::names::readlinkat::<$image>;
            fn mkfifo(path: *const c_char, mode: mode_t) -> c_int = $crate::files::names::mkfifo::<$image>;
            fn realpath(path: *const c_char, place: *mut c_char) -> *mut c_char = $crate::files::working::realpath::<$image>;
            fn getcwd(buffer: *mut c_char, count: size_t) -> *mut c_char = $crate::files::working::getcwd::<$image>;
            fn chdir(path: *const c_char) -> c_int = $crate::files::working::chdir::<$image>;
            fn fchdir(fd: c_int) -> c_int = $crate::files::working::fchdir::<$image>;
            fn opendir(path: *const c_char) -> *mut DIR = $crate::files::stream::opendir::<$image>;
            fn fdopendir(fd: c_int) -> *mut DIR = $crate::files::stream::fdopendir::<$image>;
            fn readdir64(stream: *mut DIR) -> *mut dirent64 = $crate::files::stream::readdir::<$image>;
            fn readdir(stream: *mut DIR) -> *mut dirent64 = $crate::files::stream::readdir::<$image>;
            fn closedir(stream: *mut DIR) -> c_int = $crate::files::stream::closedir::<$image>;
            fn dirfd(stream: *mut DIR) -> c_int = $crate::files::stream::dirfd;
            fn rewinddir(stream: *mut DIR) = $crate::files::stream::rewinddir;
            fn telldir(stream: *mut DIR) -> c_long = $crate::files::stream::telldir;
            fn seekdir(stream: *mut DIR, position: c_long) = $crate::files::stream::seekdir;
        }
    };
}
