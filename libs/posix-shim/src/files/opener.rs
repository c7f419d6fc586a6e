//! Whether an image has files at all.
//!
//! Every program built on `std` links `open`: the runtime would open `/dev/null` if one of descriptors 0 to 2 were
//! closed, which they never are here. If that alone pulled files in, the smallest program would carry a filesystem.
//! So `open` reaches its work through a pointer in a section of its own, `kit_open`, and what keeps that section
//! is `close`, which every program with a file of its own links. Without it the linker drops the section, the
//! pointer and all that is behind it, and `open` finds nothing there. (lld: `-z start-stop-gc`, the default.)

use crate::errno::ret;
use crate::unsupported;
use core::ffi::{c_char, c_int};

/// What `open` does in an image that has files: [`crate::files::open::open`].
pub type Opener = unsafe fn(*const c_char, c_int, libc::mode_t) -> c_int;

core::arch::global_asm!(".weak __start_kit_open");

/// The first entry of the section, if the linker kept it.
fn opener() -> Option<Opener> {
    let entry: *const Opener;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: takes the address of a weak symbol, which is null where there is no such section.
    unsafe {
        core::arch::asm!("mov {}, qword ptr [rip + __start_kit_open@GOTPCREL]", out(reg) entry,
            options(pure, nomem, nostack, preserves_flags));
    }
    if entry.is_null() {
        return None;
    }
    // SAFETY: the section holds one `Opener`, put there by `export_files!`.
    Some(unsafe { entry.read() })
}

/// `open64`
///
/// # Safety
/// As the C function.
pub unsafe fn open(path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    match opener() {
        // SAFETY: forwarded to the caller.
        Some(opener) => unsafe { opener(path, flags, mode) },
        None => ret(Err(unsupported("open"))),
    }
}

/// Exports `open` and `close`; see the module [`opener`](crate::files::opener).
#[macro_export]
macro_rules! export_opener {
    ($image:ty) => {
        const _: () = {
            #[unsafe(link_section = "kit_open")]
            static OPENER: $crate::files::opener::Opener = $crate::files::open::open::<$image>;

            unsafe fn close_one(fd: $crate::types::c_int) -> $crate::types::c_int {
                // SAFETY: no instruction, only a relocation: it ties the opener to this function.
                unsafe {
            ::core::arch::asm!(".reloc ., BFD_RELOC_NONE, {}", sym OPENER, options(nomem, nostack))
                };
                $crate::fd::control::close::<$image>(fd)
            }
            $crate::c_calls! {
            $image;
                fn close(fd: c_int) -> c_int = close_one;
            }
        };
        $crate::c_calls! {
            $image;
            fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int = $crate::files::opener::open;
            fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int = $crate::files::opener::open;
        }
    };
}
