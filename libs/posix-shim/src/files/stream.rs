//! `readdir`: directories as streams of entries.
//!
//! Each call asks the filesystem for one entry behind the last; cursors stay meaningful while names come and go, so
//! no snapshot is taken. `.` and `..` come first, as positions 0 and 1.

use crate::Errno;
use crate::errno::{ret, ret_unit};
use crate::fd::{FileRef, table};
use crate::files::open::open_path;
use crate::files::working::directory_of;
use crate::files::{Node, errno_of};
use crate::user;
use alloc::boxed::Box;
use core::ffi::{c_char, c_int, c_long};
use kit_iface_fs::{FileSystem, NAME_MAX, NodeKind};
use kit_iface_image::WithFs;

/// What a `DIR *` points to.
struct Stream {
    fd: c_int,
    file: FileRef,
    /// 0: `.` comes next; 1: `..`; else the filesystem's cursor, plus 2.
    position: u64,
    entry: libc::dirent64,
}

/// `opendir`
///
/// # Safety
/// As the C function.
pub unsafe fn opendir<I: WithFs>(path: *const c_char) -> *mut libc::DIR {
    const FLAGS: c_int = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
    // SAFETY: forwarded to the caller.
    ret(unsafe { user::path(path) }.and_then(|path| {
        let file = open_path::<I>(libc::AT_FDCWD, path, FLAGS, 0)?;
        let fd = table::insert::<I>(file.clone(), true)?;
        Ok(stream(fd, file))
    }))
}

/// `fdopendir`
pub fn fdopendir<I: WithFs>(fd: c_int) -> *mut libc::DIR {
    ret(table::get::<I>(fd).and_then(|file| {
        directory_of::<I>(&file)?;
        Ok(stream(fd, file))
    }))
}

fn stream(fd: c_int, file: FileRef) -> *mut libc::DIR {
    // SAFETY: a structure of integers, for which all zeroes is a value.
    let entry = unsafe { core::mem::zeroed() };
    Box::into_raw(Box::new(Stream { fd, file, position: 0, entry })).cast()
}

/// The stream behind a pointer from C.
///
/// # Safety
/// `stream` came from [`opendir`] or [`fdopendir`] and is not closed; nobody else uses it meanwhile.
unsafe fn stream_of<'a>(stream: *mut libc::DIR) -> &'a mut Stream {
    // SAFETY: forwarded to the caller.
    unsafe { &mut *stream.cast() }
}

/// `readdir64`: null at the end, with `errno` as it was.
///
/// # Safety
/// As the C function.
pub unsafe fn readdir<I: WithFs>(stream: *mut libc::DIR) -> *mut libc::dirent64 {
    // SAFETY: forwarded to the caller.
    let stream = unsafe { stream_of(stream) };
    ret(next::<I>(stream).map(|found| if found { &raw mut stream.entry } else { core::ptr::null_mut() }))
}

fn next<I: WithFs>(stream: &mut Stream) -> Result<bool, Errno> {
    let directory: Node<I> = directory_of::<I>(&stream.file)?;
    let fs = I::fs();
    let Some(cursor) = stream.position.checked_sub(2) else {
        let (name, node) = match stream.position {
            0 => (&b"."[..], directory),
            // A directory that was removed has no parent any more, and says that it is its own.
            _ => (&b".."[..], fs.parent(&directory).unwrap_or(directory)),
        };
        stream.position += 1;
        fill(&mut stream.entry, stream.position, name, fs.metadata(&node).inode, NodeKind::Directory);
        return Ok(true);
    };
    let mut found = false;
    let entry = &mut stream.entry;
    let position = &mut stream.position;
    fs.read_directory(&directory, cursor, &mut |cursor, name, inode, kind| {
        *position = cursor + 2;
        fill(entry, *position, name, inode, kind);
        found = true;
        false
    })
    .map_err(errno_of)?;
    Ok(found)
}

fn fill(entry: &mut libc::dirent64, position: u64, name: &[u8], inode: u64, kind: NodeKind) {
    // The fixed part, the name and its NUL, rounded to the alignment (getdents64(2)).
    const FIXED: usize = core::mem::offset_of!(libc::dirent64, d_name);
    entry.d_ino = inode;
    entry.d_off = position as i64;
    entry.d_type = match kind {
        NodeKind::File => libc::DT_REG,
        NodeKind::Directory => libc::DT_DIR,
        NodeKind::Symlink => libc::DT_LNK,
        NodeKind::Device(_) => libc::DT_CHR,
    };
    let length = name.len().min(NAME_MAX);
    entry.d_reclen = (FIXED + length + 1).next_multiple_of(8) as u16;
    for (place, byte) in entry.d_name.iter_mut().zip(name[..length].iter().chain(&[0])) {
        *place = *byte as c_char;
    }
}

/// `closedir`
///
/// # Safety
/// As the C function.
pub unsafe fn closedir<I: WithFs>(stream: *mut libc::DIR) -> c_int {
    if stream.is_null() {
        return ret_unit(Err(Errno(libc::EINVAL)));
    }
    // SAFETY: the pointer came from `Box::into_raw`, and the caller gives it up.
    let stream = unsafe { Box::from_raw(stream.cast::<Stream>()) };
    ret_unit(table::remove::<I>(stream.fd).map(drop))
}

/// `dirfd`
///
/// # Safety
/// As the C function.
pub unsafe fn dirfd(stream: *mut libc::DIR) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { stream_of(stream) }.fd
}

/// `rewinddir`
///
/// # Safety
/// As the C function.
pub unsafe fn rewinddir(stream: *mut libc::DIR) {
    // SAFETY: forwarded to the caller.
    unsafe { stream_of(stream) }.position = 0;
}

/// `telldir`
///
/// # Safety
/// As the C function.
pub unsafe fn telldir(stream: *mut libc::DIR) -> c_long {
    // SAFETY: forwarded to the caller.
    unsafe { stream_of(stream) }.position as c_long
}

/// `seekdir`
///
/// # Safety
/// As the C function.
pub unsafe fn seekdir(stream: *mut libc::DIR, position: c_long) {
    // SAFETY: forwarded to the caller.
    unsafe { stream_of(stream) }.position = position as u64;
}
