//! Calls that promise or reserve: `posix_fadvise`, `posix_fallocate`, `sync`. Advice has nothing to do here; what is
//! visible, a file's size, changes as it should.

use crate::Errno;
use crate::errno::ret_unit;
use crate::fd::table;
use crate::files::errno_of;
use core::ffi::c_int;
use core::sync::atomic::Ordering;
use kit_iface_fs::FileSystem;
use kit_iface_image::{Image, WithFs};

/// `posix_fadvise64`; answers an error number, not -1.
pub fn fadvise<I: Image>(fd: c_int, _offset: i64, _length: i64, _advice: c_int) -> c_int {
    table::get::<I>(fd).map_or_else(|errno| errno.0, |_| 0)
}

/// `posix_fallocate64`; answers an error number, not -1.
pub fn posix_fallocate<I: Image>(fd: c_int, offset: i64, length: i64) -> c_int {
    reserve::<I>(fd, offset, length, true).map_or_else(|errno| errno.0, |()| 0)
}

/// `fallocate64`, of whose modes none and `FALLOC_FL_KEEP_SIZE` are known.
pub fn fallocate<I: Image>(fd: c_int, mode: c_int, offset: i64, length: i64) -> c_int {
    if mode & !libc::FALLOC_FL_KEEP_SIZE != 0 {
        return ret_unit(Err(Errno(libc::EOPNOTSUPP)));
    }
    ret_unit(reserve::<I>(fd, offset, length, mode == 0))
}

fn reserve<I: Image>(fd: c_int, offset: i64, length: i64, grows: bool) -> Result<(), Errno> {
    let file = table::get::<I>(fd)?;
    if file.flags().load(Ordering::Relaxed) & libc::O_ACCMODE == libc::O_RDONLY {
        return Err(Errno(libc::EBADF));
    }
    let (Ok(offset), Ok(length @ 1..)) = (u64::try_from(offset), u64::try_from(length)) else {
        return Err(Errno(libc::EINVAL));
    };
    let status = file.status();
    match status.mode & libc::S_IFMT {
        libc::S_IFREG => {}
        libc::S_IFIFO => return Err(Errno(libc::ESPIPE)),
        _ => return Err(Errno(libc::ENODEV)),
    }
    let end = offset.checked_add(length).filter(|end| *end <= i64::MAX as u64).ok_or(Errno(libc::EFBIG))?;
    if grows && end > status.size { file.truncate(end) } else { Ok(()) }
}

/// `sync`, which has no way to tell an error.
pub fn sync<I: WithFs>() {
    let _ = I::fs().sync_all();
}

/// `syncfs`
pub fn syncfs<I: WithFs>(fd: c_int) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|_| I::fs().sync_all().map_err(errno_of)))
}
