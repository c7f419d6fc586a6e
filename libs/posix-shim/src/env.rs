//! The environment: `environ`, `getenv`, `setenv`, `unsetenv`.
//!
//! `environ` is the list itself, as POSIX has it: a program may walk it or replace it. A changed entry is a new
//! string; the old one stays, because somebody may still hold what `getenv` answered.

use crate::errno::{Errno, ret_unit};
use crate::strings::bytes_of;
use crate::types::{c_char, c_int};
use core::alloc::Layout;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, Ordering};
use kit_util_sync::SleepLock;

type Entry = *mut c_char;

unsafe extern "C" {
    /// The list, ended by a null; the symbol is defined by [`crate::export_env!`].
    safe static environ: AtomicPtr<Entry>;
}

/// Guards changes of the list; holds how many entries, the null included, the list of our own has room for, and
/// where it is. Zero: the list is still the one that `start` made.
static OWN: SleepLock<(usize, usize)> = SleepLock::new((0, 0));

/// Installs the list that the program starts with.
pub(crate) fn install(list: *mut Entry) {
    environ.store(list, Ordering::Release);
}

/// The list.
pub(crate) fn list() -> *mut Entry {
    environ.load(Ordering::Acquire)
}

/// The place of the entry of `name`, and how many entries were passed on the way.
fn find(name: &[u8]) -> (Option<*mut Entry>, usize) {
    let (mut at, mut count) = (list(), 0);
    if at.is_null() {
        return (None, 0);
    }
    // SAFETY: the list ends with a null, and each entry is a C string; that is what `environ` means.
    unsafe {
        while !(*at).is_null() {
            if let Some(rest) = bytes_of(*at).strip_prefix(name)
                && rest.first() == Some(&b'=')
            {
                return (Some(at), count);
            }
            at = at.add(1);
            count += 1;
        }
    }
    (None, count)
}

/// `getenv`.
///
/// # Safety
/// `name` is a C string.
pub unsafe fn get(name: *const c_char) -> *mut c_char {
    // SAFETY: forwarded to the caller; the entry is longer than the name and the `=` behind it.
    unsafe {
        let name = bytes_of(name);
        find(name).0.map_or(core::ptr::null_mut(), |entry| (*entry).add(name.len() + 1))
    }
}

/// `setenv`.
///
/// # Safety
/// Both are C strings.
pub unsafe fn set(name: *const c_char, value: *const c_char, overwrite: c_int) -> c_int {
    // SAFETY: forwarded to the caller.
    let (name, value) = unsafe { (bytes_of(name), bytes_of(value)) };
    ret_unit(put(name, value, overwrite != 0))
}

fn put(name: &[u8], value: &[u8], overwrite: bool) -> Result<(), Errno> {
    if name.is_empty() || name.contains(&b'=') {
        return Err(Errno(libc::EINVAL));
    }
    let mut own = OWN.lock();
    let (place, count) = find(name);
    if place.is_some() && !overwrite {
        return Ok(());
    }
    let entry = join(name, value)?;
    match place {
        // SAFETY: `find` answered a place in the list.
        Some(place) => unsafe { place.write(entry) },
        None => append(&mut own, entry, count)?,
    }
    Ok(())
}

/// `NAME=value`, terminated, in a block of its own.
fn join(name: &[u8], value: &[u8]) -> Result<Entry, Errno> {
    let bytes = name.len() + value.len() + 2;
    let layout = Layout::array::<u8>(bytes).map_err(|_| Errno(libc::ENOMEM))?;
    let block = kit_iface_alloc::allocate(layout).map_err(|_| Errno(libc::ENOMEM))?.as_ptr();
    // SAFETY: the block is as long as the two parts, the sign and the end.
    unsafe {
        block.copy_from_nonoverlapping(name.as_ptr(), name.len());
        block.add(name.len()).write(b'=');
        block.add(name.len() + 1).copy_from_nonoverlapping(value.as_ptr(), value.len());
        block.add(bytes - 1).write(0);
    }
    Ok(block.cast())
}

fn append(own: &mut (usize, usize), entry: Entry, count: usize) -> Result<(), Errno> {
    let mut at = list();
    if own.0 < count + 2 || own.1 != at as usize {
        let room = (count + 2) * 2;
        let new =
            kit_iface_alloc::allocate(list_layout(room)?).map_err(|_| Errno(libc::ENOMEM))?.cast::<Entry>();
        // SAFETY: the list has `count` entries, the new one room for more. An old list of ours is known to
        // nobody but readers of `environ`, who by POSIX must not read while it changes.
        unsafe {
            if count > 0 {
                new.as_ptr().copy_from_nonoverlapping(at, count);
            }
            if own.0 > 0
                && let Some(old) = NonNull::new(own.1 as *mut u8)
            {
                kit_iface_alloc::free(old, list_layout(own.0)?);
            }
        }
        *own = (room, new.as_ptr() as usize);
        at = new.as_ptr();
    }
    // SAFETY: there is room for the entry and the null.
    unsafe {
        at.add(count).write(entry);
        at.add(count + 1).write(core::ptr::null_mut());
    }
    install(at);
    Ok(())
}

fn list_layout(entries: usize) -> Result<Layout, Errno> {
    Layout::array::<Entry>(entries).map_err(|_| Errno(libc::ENOMEM))
}

/// `unsetenv`.
///
/// # Safety
/// `name` is a C string.
pub unsafe fn unset(name: *const c_char) -> c_int {
    // SAFETY: forwarded to the caller.
    let name = unsafe { bytes_of(name) };
    if name.is_empty() || name.contains(&b'=') {
        return ret_unit(Err(Errno(libc::EINVAL)));
    }
    let _changing = OWN.lock();
    while let (Some(mut place), _) = find(name) {
        // SAFETY: `find` answered a place in the list; everything behind it, the null included, moves up.
        unsafe {
            while !(*place).is_null() {
                place.write(*place.add(1));
                place = place.add(1);
            }
        }
    }
    0
}

/// Exports the group `env`.
#[macro_export]
macro_rules! export_env {
    ($image:ty) => {
        $crate::c_data! {
            static environ: ::core::sync::atomic::AtomicPtr<*mut ::core::ffi::c_char> = ::core::sync::atomic::AtomicPtr::new(::core::ptr::null_mut());
        }
        $crate::c_names! {
            fn getenv(name: *const c_char) -> *mut c_char = $crate::env::get;
            fn setenv(name: *const c_char, value: *const c_char, overwrite: c_int) -> c_int = $crate::env::set;
            fn unsetenv(name: *const c_char) -> c_int = $crate::env::unset;
        }
    };
}
