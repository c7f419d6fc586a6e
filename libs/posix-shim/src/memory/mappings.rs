//! `mmap` and its family: address space whose memory comes with the first touch.
//!
//! Anonymous mappings are the address space's own. A file is mapped by copying it in: right for `MAP_PRIVATE`
//! and for reading, which is what programs do; shared writable mappings of files do not exist.

use crate::errno::{Errno, ret_unit};
use crate::fd::{File, table};
use crate::types::{c_int, c_void, off64_t, size_t};
use core::ptr::NonNull;
use kit_iface_vm::{Access, PAGE_BYTES, Vm, VmError};
use kit_util_threads::HasThreads;

fn errno(error: VmError) -> Errno {
    Errno(match error {
        VmError::Exhausted => libc::ENOMEM,
        VmError::BadRange => libc::EINVAL,
    })
}

fn access(protection: c_int) -> Result<Access, Errno> {
    let (read, write) = (protection & libc::PROT_READ != 0, protection & libc::PROT_WRITE != 0);
    match (read, write, protection & libc::PROT_EXEC != 0) {
        (false, false, false) => Ok(Access::None),
        (true, false, false) => Ok(Access::Read),
        (_, true, false) => Ok(Access::ReadWrite),
        (_, false, true) => Ok(Access::ReadExecute),
        // Writable and executable at once does not exist; SELinux refuses it with the same number.
        (_, true, true) => Err(Errno(libc::EACCES)),
    }
}

fn range(start: *mut c_void, bytes: size_t) -> Result<(NonNull<u8>, usize), Errno> {
    let is_aligned = (start as usize).is_multiple_of(PAGE_BYTES);
    match (NonNull::new(start.cast::<u8>()), bytes.checked_next_multiple_of(PAGE_BYTES)) {
        (Some(start), Some(bytes)) if is_aligned && bytes > 0 => Ok((start, bytes)),
        _ => Err(Errno(libc::EINVAL)),
    }
}

/// `mmap`. The hint is not followed; `MAP_FIXED` works inside of an existing mapping.
///
/// # Safety
/// With `MAP_FIXED`, nobody needs what the range holds.
pub unsafe fn map<I: HasThreads>(
    hint: *mut c_void,
    bytes: size_t,
    protection: c_int,
    flags: c_int,
    descriptor: c_int,
    offset: off64_t,
) -> *mut c_void {
    let result = access(protection).and_then(|access| {
        if bytes == 0 {
            return Err(Errno(libc::EINVAL));
        }
        if flags & libc::MAP_ANONYMOUS == 0 {
            let is_shared = flags & libc::MAP_TYPE != libc::MAP_PRIVATE;
            if (is_shared && access == Access::ReadWrite) || flags & libc::MAP_FIXED != 0 {
                return Err(crate::unsupported("mmap of a file, shared and writable or at a fixed address"));
            }
            return map_file::<I>(descriptor, offset, bytes, access);
        }
        if flags & libc::MAP_FIXED == 0 {
            return I::vm().map(bytes, access).map_err(errno);
        }
        let (start, bytes) = range(hint, bytes)?;
        // SAFETY: the caller gives the contents of the range up, and its rights with them.
        unsafe {
            I::vm().discard(start, bytes).map_err(|_| Errno(libc::ENOMEM))?;
            I::vm().protect(start, bytes, access).map_err(|_| Errno(libc::ENOMEM))?;
        }
        Ok(start)
    });
    match result {
        Ok(start) => start.as_ptr().cast(),
        Err(errno) => {
            crate::errno::set(errno);
            libc::MAP_FAILED
        }
    }
}

/// A mapping that holds what the file holds now; beyond its end it reads as zeroes.
fn map_file<I: HasThreads>(
    descriptor: c_int,
    offset: off64_t,
    bytes: usize,
    access: Access,
) -> Result<NonNull<u8>, Errno> {
    let offset = u64::try_from(offset).map_err(|_| Errno(libc::EINVAL))?;
    if !offset.is_multiple_of(PAGE_BYTES as u64) {
        return Err(Errno(libc::EINVAL));
    }
    let file = table::get::<I>(descriptor)?;
    let start = I::vm().map(bytes, Access::ReadWrite).map_err(errno)?;
    // SAFETY: the mapping is that long, readable as zeroes, and nobody else knows of it.
    let contents = unsafe { core::slice::from_raw_parts_mut(start.as_ptr(), bytes) };
    let result = fill(&*file, offset, contents).and_then(|()| {
        // SAFETY: the contents are in, and nobody relies on rights yet.
        unsafe { I::vm().protect(start, bytes.next_multiple_of(PAGE_BYTES), access).map_err(errno) }
    });
    if result.is_err() {
        // SAFETY: as above; on an error nobody will hear of the mapping.
        let _ = unsafe { I::vm().unmap(start, bytes.next_multiple_of(PAGE_BYTES)) };
    }
    result.map(|()| start)
}

fn fill(file: &dyn File, mut offset: u64, mut contents: &mut [u8]) -> Result<(), Errno> {
    while !contents.is_empty() {
        match file.read_at(offset, contents) {
            Ok(0) => break,
            Ok(count) => {
                offset += count as u64;
                contents = &mut contents[count..];
            }
            // What has no position cannot be mapped.
            Err(Errno(libc::ESPIPE)) => return Err(Errno(libc::ENODEV)),
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// `munmap`.
///
/// # Safety
/// Nobody uses the range any more.
pub unsafe fn unmap<I: HasThreads>(start: *mut c_void, bytes: size_t) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(
        range(start, bytes).and_then(|(start, bytes)| unsafe { I::vm().unmap(start, bytes).map_err(errno) }),
    )
}

/// `mprotect`.
///
/// # Safety
/// No code relies on rights that this takes away.
pub unsafe fn protect<I: HasThreads>(start: *mut c_void, bytes: size_t, protection: c_int) -> c_int {
    if bytes == 0 {
        return 0;
    }
    ret_unit(access(protection).and_then(|access| {
        let (start, bytes) = range(start, bytes)?;
        // SAFETY: forwarded to the caller.
        unsafe { I::vm().protect(start, bytes, access).map_err(errno) }
    }))
}

/// `madvise`: `MADV_DONTNEED` and `MADV_FREE` give memory back; other advice is taken note of.
///
/// # Safety
/// With those two, nobody needs the contents.
pub unsafe fn advise<I: HasThreads>(start: *mut c_void, bytes: size_t, advice: c_int) -> c_int {
    match advice {
        libc::MADV_DONTNEED | libc::MADV_FREE if bytes > 0 => {
            ret_unit(range(start, bytes).and_then(|(start, bytes)| {
                // SAFETY: forwarded to the caller.
                unsafe { I::vm().discard(start, bytes).map_err(errno) }
            }))
        }
        _ => 0,
    }
}

/// `mremap` of an anonymous, writable mapping.
///
/// # Safety
/// The old range is mapped and, if the mapping moves, not used any more.
pub unsafe fn remap<I: HasThreads>(
    start: *mut c_void,
    old_bytes: size_t,
    bytes: size_t,
    flags: c_int,
) -> *mut c_void {
    let result = range(start, old_bytes).and_then(|(old, old_bytes)| {
        let (_, bytes) = range(start, bytes)?;
        if bytes <= old_bytes {
            if bytes < old_bytes {
                // SAFETY: the tail lies inside of the caller's mapping, who asked to lose it.
                unsafe { I::vm().unmap(old.add(bytes), old_bytes - bytes).map_err(errno)? };
            }
            return Ok(old);
        }
        if flags & libc::MREMAP_MAYMOVE == 0 {
            return Err(Errno(libc::ENOMEM));
        }
        let new = I::vm().map(bytes, Access::ReadWrite).map_err(errno)?;
        // SAFETY: both mappings are live, distinct, and at least `old_bytes` long; then the old one is done with.
        unsafe {
            new.copy_from_nonoverlapping(old, old_bytes);
            I::vm().unmap(old, old_bytes).map_err(errno)?;
        }
        Ok(new)
    });
    match result {
        Ok(start) => start.as_ptr().cast(),
        Err(errno) => {
            crate::errno::set(errno);
            libc::MAP_FAILED
        }
    }
}

/// `msync`: there is nothing behind a mapping.
pub fn sync(_start: *mut c_void, _bytes: size_t, _flags: c_int) -> c_int {
    0
}

/// `mlock`, `munlock`: nothing is ever swapped out.
pub fn lock(_start: *const c_void, _bytes: size_t) -> c_int {
    0
}
