//! Which number means which file.
//!
//! POSIX wants the lowest free number handed out. The table starts empty: as long as it is, 0 to 2 mean the
//! console, and a program that opens nothing allocates nothing. The lock is held to copy one reference.

use crate::Errno;
use crate::console::Stream;
use crate::fd::file::FileRef;
use alloc::vec::Vec;
use core::ffi::c_int;
use kit_iface_image::Image;
use kit_util_sync::SleepLock;

/// Most descriptors at once (`RLIMIT_NOFILE`).
pub const DESCRIPTORS_MAX: usize = 65_536;

static TABLE: SleepLock<Table> = SleepLock::new(Table { slots: Vec::new(), lowest_free: 3 });

struct Table {
    /// Empty until the first change: see [`standard`].
    slots: Vec<Option<Slot>>,
    /// No number below this is free.
    lowest_free: usize,
}

struct Slot {
    file: FileRef,
    close_on_exec: bool,
}

/// The file that `fd` means.
#[inline]
pub fn get<I: Image>(fd: c_int) -> Result<FileRef, Errno> {
    let table = TABLE.lock();
    match table.slots.get(fd as usize) {
        Some(Some(slot)) => Ok(slot.file.clone()),
        None if table.slots.is_empty() => standard::<I>(fd).ok_or(Errno(libc::EBADF)),
        _ => Err(Errno(libc::EBADF)),
    }
}

/// What a number means before anything was opened or closed.
fn standard<I: Image>(fd: c_int) -> Option<FileRef> {
    Stream::<I>::of(fd).map(|stream| FileRef::Static(stream))
}

impl Table {
    /// Makes the first three entries real.
    fn materialise<I: Image>(&mut self) -> Result<(), Errno> {
        if self.slots.is_empty() {
            self.slots.try_reserve(8).map_err(|_| Errno(libc::ENOMEM))?;
            for fd in 0..3 {
                self.slots.push(standard::<I>(fd).map(|file| Slot { file, close_on_exec: false }));
            }
        }
        Ok(())
    }

    /// Makes sure that there is a slot numbered `index`.
    fn reach(&mut self, index: usize) -> Result<(), Errno> {
        if index >= self.slots.len() {
            self.slots.try_reserve(index + 1 - self.slots.len()).map_err(|_| Errno(libc::ENOMEM))?;
            self.slots.resize_with(index + 1, || None);
        }
        Ok(())
    }
}

/// Gives `file` the lowest free number.
pub fn insert<I: Image>(file: FileRef, close_on_exec: bool) -> Result<c_int, Errno> {
    insert_from::<I>(file, close_on_exec, 0)
}

/// Gives `file` the lowest free number that is at least `least`.
pub fn insert_from<I: Image>(file: FileRef, close_on_exec: bool, least: usize) -> Result<c_int, Errno> {
    let mut table = TABLE.lock();
    table.materialise::<I>()?;
    let start = table.lowest_free.max(least);
    let free = table.slots.iter().skip(start).position(Option::is_none);
    let index = free.map_or(table.slots.len().max(start), |offset| start + offset);
    if index >= DESCRIPTORS_MAX {
        return Err(Errno(libc::EMFILE));
    }
    table.reach(index)?;
    table.slots[index] = Some(Slot { file, close_on_exec });
    if start == table.lowest_free {
        table.lowest_free = index + 1;
    }
    Ok(index as c_int)
}

/// Gives `file` the number `fd`, closing what that meant.
pub fn replace<I: Image>(fd: c_int, file: FileRef, close_on_exec: bool) -> Result<(), Errno> {
    let index = usize::try_from(fd).ok().filter(|fd| *fd < DESCRIPTORS_MAX).ok_or(Errno(libc::EBADF))?;
    let mut table = TABLE.lock();
    table.materialise::<I>()?;
    table.reach(index)?;
    let replaced = table.slots[index].replace(Slot { file, close_on_exec });
    drop(table);
    // Closing may take long and may open the table's lock again: only now.
    drop(replaced);
    Ok(())
}

/// Frees the number `fd`; the file closes with its last reference.
pub fn remove<I: Image>(fd: c_int) -> Result<FileRef, Errno> {
    let mut table = TABLE.lock();
    table.materialise::<I>()?;
    let removed = table.slots.get_mut(fd as usize).and_then(Option::take).ok_or(Errno(libc::EBADF))?;
    table.lowest_free = table.lowest_free.min(fd as usize);
    Ok(removed.file)
}

/// Whether `fd` is to be closed by `exec`, which never comes; the bit is kept because programs read it back.
pub fn close_on_exec<I: Image>(fd: c_int) -> Result<bool, Errno> {
    let table = TABLE.lock();
    match table.slots.get(fd as usize) {
        Some(Some(slot)) => Ok(slot.close_on_exec),
        None if table.slots.is_empty() && standard::<I>(fd).is_some() => Ok(false),
        _ => Err(Errno(libc::EBADF)),
    }
}

/// Sets the bit of [`close_on_exec`].
pub fn set_close_on_exec<I: Image>(fd: c_int, close_on_exec: bool) -> Result<(), Errno> {
    let mut table = TABLE.lock();
    table.materialise::<I>()?;
    let slot = table.slots.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno(libc::EBADF))?;
    slot.close_on_exec = close_on_exec;
    Ok(())
}
