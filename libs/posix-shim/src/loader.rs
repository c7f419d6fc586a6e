//! What a linked program expects of a dynamic loader and of its C library's identity: almost nothing is there.

use crate::types::{c_char, c_int, c_void, dl_phdr_info, size_t};

/// `dlsym`: no names can be looked up. `std` asks for one (`__pthread_get_minstack`) and goes without it.
pub fn symbol(_library: *mut c_void, _name: *const c_char) -> *mut c_void {
    core::ptr::null_mut()
}

/// `dl_iterate_phdr`: no objects. Only the symboliser of backtraces asks; `kit run` symbolises on the host.
pub fn objects(
    _visit: Option<unsafe extern "C" fn(*mut dl_phdr_info, size_t, *mut c_void) -> c_int>,
    _data: *mut c_void,
) -> c_int {
    0
}

/// `gnu_get_libc_version`: `std` works around bugs of versions before 2.26.
pub fn version() -> *const c_char {
    c"2.36".as_ptr()
}

/// `__res_init`: `std` calls it after a failed look-up, for versions before 2.26.
pub fn reload_resolver() -> c_int {
    0
}

/// `__kit_no_backtrace`: what the linker puts in the place of `std`'s printer of backtraces, which alone would be half
/// of an image. Answers `Ok(())` of `fmt::Result`, which is a zero byte.
pub fn no_backtrace() -> c_int {
    0
}

/// Exports the group `loader`.
#[macro_export]
macro_rules! export_loader {
    ($image:ty) => {
        $crate::c_data! {
            static __dso_handle: usize = 0;
        }
        $crate::c_names! {
            fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void = $crate::loader::symbol;
            fn dl_iterate_phdr(visit: Option<unsafe extern "C" fn(*mut dl_phdr_info, size_t, *mut c_void) -> c_int>, data: *mut c_void) -> c_int = $crate::loader::objects;
            fn gnu_get_libc_version() -> *const c_char = $crate::loader::version;
            fn __res_init() -> c_int = $crate::loader::reload_resolver;
            fn __kit_no_backtrace() -> c_int = $crate::loader::no_backtrace;
        }
    };
}
