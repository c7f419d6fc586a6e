//! Files and folders by descriptors: what a filesystem over the host's is made of.
//!
//! Every name is relative to the descriptor of a directory, and no symbolic link is followed.

use crate::Errno;
use crate::raw::{syscall3, syscall6};
use core::ffi::CStr;
use core::mem::MaybeUninit;

/// What is known about a file: the kernel's `struct statx`.
pub type Status = libc::statx;
/// What is known about a filesystem: the kernel's `struct statfs`.
pub type FilesystemStatus = libc::statfs;
/// A moment: seconds since 1970, and nanoseconds.
pub type Time = libc::timespec;

/// Calls with a descriptor, a name and up to three numbers.
fn at(call: libc::c_long, directory: i32, name: &CStr, rest: [usize; 3]) -> Result<usize, Errno> {
    let [one, two, three] = rest;
    // SAFETY: the kernel reads the name up to its zero byte; of these calls none takes another pointer.
    unsafe { syscall6(call, [directory as usize, name.as_ptr() as usize, one, two, three, 0]) }
}

/// Opens `name`, which begins at a directory unless it is absolute (`openat`). The descriptor closes on `exec`, and
/// a symbolic link as the last name is refused or, with `O_PATH`, opened itself.
pub fn open_at(directory: i32, name: &CStr, flags: i32, mode: u32) -> Result<i32, Errno> {
    let flags = (flags | libc::O_CLOEXEC | libc::O_NOFOLLOW) as usize;
    at(libc::SYS_openat, directory, name, [flags, mode as usize, 0]).map(|descriptor| descriptor as i32)
}

/// What is known about an open file, also one that was opened with `O_PATH` (`statx`).
pub fn status(descriptor: i32) -> Result<Status, Errno> {
    let mut status = MaybeUninit::<Status>::uninit();
    let (flags, mask) = (libc::AT_EMPTY_PATH as usize, libc::STATX_BASIC_STATS as usize);
    let place = status.as_mut_ptr() as usize;
    // SAFETY: the path is empty; the kernel writes one structure.
    unsafe {
        syscall6(libc::SYS_statx, [descriptor as usize, c"".as_ptr() as usize, flags, mask, place, 0])
    }?;
    // SAFETY: it did.
    Ok(unsafe { status.assume_init() })
}

/// What is known about the filesystem of an open file (`fstatfs`).
pub fn filesystem_status(descriptor: i32) -> Result<FilesystemStatus, Errno> {
    let mut status = MaybeUninit::<FilesystemStatus>::uninit();
    // SAFETY: the kernel writes one structure.
    unsafe { syscall3(libc::SYS_fstatfs, descriptor as usize, status.as_mut_ptr() as usize, 0) }?;
    // SAFETY: it did.
    Ok(unsafe { status.assume_init() })
}

/// Makes a directory.
pub fn make_directory(directory: i32, name: &CStr, mode: u32) -> Result<(), Errno> {
    at(libc::SYS_mkdirat, directory, name, [mode as usize, 0, 0]).map(drop)
}

/// Makes a symbolic link to `target`.
pub fn make_symlink(target: &CStr, directory: i32, name: &CStr) -> Result<(), Errno> {
    let (target, name) = (target.as_ptr() as usize, name.as_ptr() as usize);
    // SAFETY: the kernel reads both up to their zero bytes.
    unsafe { syscall3(libc::SYS_symlinkat, target, directory as usize, name) }.map(drop)
}

/// Gives an open file one more name. Needs a capability, or `/proc`.
pub fn link(descriptor: i32, directory: i32, name: &CStr) -> Result<(), Errno> {
    let call = |from: i32, path: &CStr, flags: i32| {
        let (path, name) = (path.as_ptr() as usize, name.as_ptr() as usize);
        let arguments = [from as usize, path, directory as usize, name, flags as usize, 0];
        // SAFETY: the kernel reads both names up to their zero bytes.
        unsafe { syscall6(libc::SYS_linkat, arguments) }.map(drop)
    };
    match call(descriptor, c"", libc::AT_EMPTY_PATH) {
        // That is the answer where the capability is missing, and where the file has no name any more.
        Err(Errno(libc::ENOENT)) => {
            let mut path = *b"/proc/self/fd/\0\0\0\0\0\0\0\0\0\0\0";
            let mut digits = [0; 10];
            let (mut count, mut number) = (0, descriptor.unsigned_abs());
            while count == 0 || number > 0 {
                digits[count] = b'0' + (number % 10) as u8;
                number /= 10;
                count += 1;
            }
            for (place, digit) in path[14..].iter_mut().zip(digits[..count].iter().rev()) {
                *place = *digit;
            }
            let path = CStr::from_bytes_until_nul(&path).map_err(|_| Errno(libc::EINVAL))?;
            call(libc::AT_FDCWD, path, libc::AT_SYMLINK_FOLLOW)
        }
        other => other,
    }
}

/// Takes a name away: of a directory, or of anything else.
pub fn unlink(directory: i32, name: &CStr, is_directory: bool) -> Result<(), Errno> {
    let flags = if is_directory { libc::AT_REMOVEDIR } else { 0 };
    at(libc::SYS_unlinkat, directory, name, [flags as usize, 0, 0]).map(drop)
}

/// Moves a name, replacing what the new one meant.
pub fn rename(from: i32, name: &CStr, to: i32, new_name: &CStr) -> Result<(), Errno> {
    let (name, new_name) = (name.as_ptr() as usize, new_name.as_ptr() as usize);
    // SAFETY: the kernel reads both names up to their zero bytes.
    unsafe { syscall6(libc::SYS_renameat2, [from as usize, name, to as usize, new_name, 0, 0]) }.map(drop)
}

/// The target of a symbolic link that was opened with `O_PATH`, cut to the buffer.
pub fn read_link(descriptor: i32, buffer: &mut [u8]) -> Result<usize, Errno> {
    let (path, place) = (c"".as_ptr() as usize, buffer.as_mut_ptr() as usize);
    let arguments = [descriptor as usize, path, place, buffer.len(), 0, 0];
    // SAFETY: the path is empty; the kernel writes at most the buffer's length.
    unsafe { syscall6(libc::SYS_readlinkat, arguments) }
}

/// Fills the buffer with entries of a directory (`struct linux_dirent64`), from the cursor `from` on.
pub fn entries(descriptor: i32, from: u64, buffer: &mut [u8]) -> Result<usize, Errno> {
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_lseek, descriptor as usize, from as usize, libc::SEEK_SET as usize) }?;
    let (place, length) = (buffer.as_mut_ptr() as usize, buffer.len());
    // SAFETY: the kernel writes at most the buffer's length.
    unsafe { syscall3(libc::SYS_getdents64, descriptor as usize, place, length) }
}

/// Cuts or extends a file.
pub fn truncate(descriptor: i32, bytes: u64) -> Result<(), Errno> {
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_ftruncate, descriptor as usize, bytes as usize, 0) }.map(drop)
}

/// Changes permission bits.
pub fn change_mode(descriptor: i32, mode: u32) -> Result<(), Errno> {
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_fchmod, descriptor as usize, mode as usize, 0) }.map(drop)
}

/// Sets the times of the last access and the last change of contents; `UTIME_OMIT` leaves one alone.
pub fn change_times(descriptor: i32, times: &[Time; 2]) -> Result<(), Errno> {
    let arguments = [descriptor as usize, 0, times.as_ptr() as usize, 0, 0, 0];
    // SAFETY: the kernel reads two structures; without a path it changes the open file.
    unsafe { syscall6(libc::SYS_utimensat, arguments) }.map(drop)
}

/// Makes a file and what is known about it durable.
pub fn sync(descriptor: i32) -> Result<(), Errno> {
    // SAFETY: no memory is involved.
    unsafe { syscall3(libc::SYS_fsync, descriptor as usize, 0, 0) }.map(drop)
}
