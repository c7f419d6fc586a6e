//! Memory: blocks of the heap, and mappings of address space.
//!
//! | file | concern |
//! |---|---|
//! | [`blocks`] | `malloc` and its family, over the ambient heap |
//! | [`small`] | blocks below half a page: the heap's, or pages cut into equal parts |
//! | [`pages`] | larger blocks: whole pages, and a table of their lengths |
//! | [`mappings`] | `mmap` and its family, over the address space |

pub mod blocks;
pub mod mappings;
mod pages;
mod small;

pub use blocks::{free, malloc};

/// Exports the group `memory`.
#[macro_export]
macro_rules! export_memory {
    ($image:ty) => {
        $crate::c_names! {
            fn malloc(bytes: size_t) -> *mut c_void = $crate::memory::blocks::malloc;
            fn calloc(count: size_t, bytes: size_t) -> *mut c_void = $crate::memory::blocks::calloc;
            fn realloc(block: *mut c_void, bytes: size_t) -> *mut c_void = $crate::memory::blocks::realloc;
            fn reallocarray(block: *mut c_void, count: size_t, bytes: size_t) -> *mut c_void = $crate::memory::blocks::reallocarray;
            fn free(block: *mut c_void) = $crate::memory::blocks::free;
            fn posix_memalign(block: *mut *mut c_void, align: size_t, bytes: size_t) -> c_int = $crate::memory::blocks::posix_memalign;
            fn aligned_alloc(align: size_t, bytes: size_t) -> *mut c_void = $crate::memory::blocks::aligned_alloc;
            fn memalign(align: size_t, bytes: size_t) -> *mut c_void = $crate::memory::blocks::aligned_alloc;
            fn malloc_usable_size(block: *mut c_void) -> size_t = $crate::memory::blocks::usable_size;
            fn mlock(start: *const c_void, bytes: size_t) -> c_int = $crate::memory::mappings::lock;
            fn munlock(start: *const c_void, bytes: size_t) -> c_int = $crate::memory::mappings::lock;
        }
        $crate::c_calls! {
            $image;
            fn mmap64(hint: *mut c_void, bytes: size_t, protection: c_int, flags: c_int, descriptor: c_int, offset: off64_t) -> *mut c_void = $crate::memory::mappings::map::<$image>;
            fn mmap(hint: *mut c_void, bytes: size_t, protection: c_int, flags: c_int, descriptor: c_int, offset: off64_t) -> *mut c_void = $crate::memory::mappings::map::<$image>;
            fn munmap(start: *mut c_void, bytes: size_t) -> c_int = $crate::memory::mappings::unmap::<$image>;
            fn mprotect(start: *mut c_void, bytes: size_t, protection: c_int) -> c_int = $crate::memory::mappings::protect::<$image>;
            fn madvise(start: *mut c_void, bytes: size_t, advice: c_int) -> c_int = $crate::memory::mappings::advise::<$image>;
            fn mremap(start: *mut c_void, old_bytes: size_t, bytes: size_t, flags: c_int) -> *mut c_void = $crate::memory::mappings::remap::<$image>;
            fn msync(start: *mut c_void, bytes: size_t, flags: c_int) -> c_int = $crate::memory::mappings::sync;
        }
    };
}
