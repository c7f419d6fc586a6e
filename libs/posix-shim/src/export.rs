//! How C names come to be: prototypes over the composed image, written out by macros in the composed root only.
//!
//! No function of this library carries a C name itself. Each module has a macro `export_<group>!` that lists its
//! names with their prototypes, and the root invokes the groups that its configuration fills. So an image without
//! a network stack has no socket names, and a host test that links this library keeps the host's `malloc`.
//!
//! `exports.toml` lists the same names for `kit check`; `tests/exports.rs` keeps both equal.

use kit_iface_image::Image;

/// Defines C functions, each forwarding to a Rust function: `fn name(argument: type, …) -> type = path;`.
///
/// The types are those of [`crate::types`]. The Rust function may be safe or unsafe; a variadic C function is
/// written with as many word-sized arguments as the longest call passes (sound on x86-64 and AArch64, where
/// variadic integer arguments travel like named ones).
#[macro_export]
macro_rules! c_names {
    ($(fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:path;)*) => {
        const _: () = {
            #[allow(unused_imports, reason = "not every group needs C types")]
            use $crate::types::*;
            $(
                #[unsafe(no_mangle)]
                #[allow(unused_unsafe, reason = "bodies that demand nothing of the caller are safe functions")]
                unsafe extern "C" fn $name($($argument: $type),*) $(-> $result)? {
                    // SAFETY: the C caller answers for its pointers, as the name's manual page demands.
                    unsafe { $body($($argument),*) }
                }
            )*
        };
    };
}

/// As [`c_names!`], for what is a system call on Linux: each call is an event of the image's trace, with its first
/// argument and its result. Where nothing is traced this is [`c_names!`].
#[macro_export]
macro_rules! c_calls {
    ($image:ty; $(fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:path;)*) => {
        const _: () = {
            #[allow(unused_imports, reason = "not every group needs C types")]
            use $crate::types::*;
            $(
                #[unsafe(no_mangle)]
                #[allow(unused_unsafe, reason = "bodies that demand nothing of the caller are safe functions")]
                unsafe extern "C" fn $name($($argument: $type),*) $(-> $result)? {
                    $crate::traced::<$image, _>(
                        stringify!($name),
                        || $crate::c_calls!(@first $($argument),*),
                        // SAFETY: the C caller answers for its pointers, as the name's manual page demands.
                        || unsafe { $body($($argument),*) },
                    )
                }
            )*
        };
    };
    (@first) => { 0 };
    (@first $first:ident $(, $other:ident)*) => { $crate::word(&$first) };
}

/// Runs the body of a C name as a span of the image's trace.
#[doc(hidden)]
#[inline(always)]
pub fn traced<I: Image, R: Copy>(
    name: &'static str,
    argument: impl FnOnce() -> u64,
    body: impl FnOnce() -> R,
) -> R {
    kit_iface_trace::span(I::trace(), name, argument, body, word)
}

/// An argument or a result of a C function as a number, with the sign that C gives it.
#[doc(hidden)]
#[inline]
pub fn word<T: Copy>(value: &T) -> u64 {
    let address = core::ptr::from_ref(value);
    // SAFETY: C's arguments and results are plain values of these sizes, all of whose bytes are set; unaligned reads
    // because a type of eight bytes need not be as aligned as the number.
    unsafe {
        match size_of::<T>() {
            8 => address.cast::<u64>().read_unaligned(),
            4 => address.cast::<i32>().read_unaligned() as u64,
            2 => address.cast::<i16>().read_unaligned() as u64,
            1 => address.cast::<i8>().read() as u64,
            _ => 0,
        }
    }
}

/// Defines C data: `static name: type = value;`.
#[macro_export]
macro_rules! c_data {
    ($(static $name:ident: $type:ty = $value:expr;)*) => {
        const _: () = {
            $(
                #[unsafe(no_mangle)]
                #[allow(non_upper_case_globals, reason = "C names its data in lower case")]
                static $name: $type = $value;
            )*
        };
    };
}

/// Defines C functions in assembly: `asm name, other_name = "text";`, both names with the same body. For what
/// the compiler itself calls: a loop that copies bytes would be compiled into a call of `memcpy`.
#[macro_export]
macro_rules! c_assembly {
    ($(asm $first:ident $(, $other:ident)* = $text:expr;)*) => {
        $(
            ::core::arch::global_asm!(
                concat!(".section .text.", stringify!($first), ",\"ax\",@progbits"),
                ".p2align 4",
                $(
                    concat!(".globl ", stringify!($other)),
                    concat!(".type ", stringify!($other), ", @function"),
                    concat!(stringify!($other), ":"),
                )*
                concat!(".globl ", stringify!($first)),
                concat!(".type ", stringify!($first), ", @function"),
                concat!(stringify!($first), ":"),
                $text,
                concat!(".size ", stringify!($first), ", . - ", stringify!($first)),
            );
        )*
    };
}

/// Defines C names that exist so that programs link, and answer -1 with `ENOSYS`; the first call of each says so
/// on the console.
#[macro_export]
macro_rules! c_stubs {
    ($($name:ident)*) => {
        const _: () = {
            $(
                #[unsafe(no_mangle)]
                extern "C" fn $name() -> isize {
                    $crate::errno::ret::<isize>(Err($crate::unsupported(stringify!($name))))
                }
            )*
        };
    };
}

/// Exports every group that all ported applications have. The root invokes it once; [`crate::export_sockets!`] joins
/// where a network stack was chosen, [`crate::export_spawning!`] where there can be threads, and
/// [`crate::export_random!`] where there is a source of random bytes.
#[macro_export]
macro_rules! export {
    ($image:ty) => {
        $crate::export_errno!($image);
        $crate::export_strings!($image);
        $crate::export_memory!($image);
        $crate::export_threads!($image);
        $crate::export_futex!($image);
        $crate::export_time!($image);
        $crate::export_signals!($image);
        $crate::export_env!($image);
        $crate::export_process!($image);
        $crate::export_descriptors!($image);
        $crate::export_opener!($image);
        $crate::export_files!($image);
        $crate::export_events!($image);
        $crate::export_math!($image);
        $crate::export_loader!($image);
        $crate::export_stubs!($image);
    };
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn words_keep_the_sign_of_c() {
        assert_eq!(word(&-1_i32), u64::MAX);
        assert_eq!(word(&-1_isize), u64::MAX);
        assert_eq!(word(&3_u32), 3);
        assert_eq!(word(&core::ptr::null::<u8>()), 0);
        assert_eq!(word(&()), 0);
    }
}
