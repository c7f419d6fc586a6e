//! The unwinder of panics: the names `_Unwind_*` are those of the crate `unwinding`, over the tables that the
//! linker indexes (`--eh-frame-hdr`).
//!
//! Only an image has it. The OS is built with `panic = "abort"`; what is built with unwinding is a host test,
//! whose own runtime has these names already.

pub use unwinding::abi::{
    _Unwind_Backtrace, _Unwind_DeleteException, _Unwind_FindEnclosingFunction, _Unwind_ForcedUnwind,
    _Unwind_GetCFA, _Unwind_GetDataRelBase, _Unwind_GetGR, _Unwind_GetIP, _Unwind_GetIPInfo,
    _Unwind_GetLanguageSpecificData, _Unwind_GetRegionStart, _Unwind_GetTextRelBase, _Unwind_RaiseException,
    _Unwind_Resume, _Unwind_Resume_or_Rethrow, _Unwind_SetGR, _Unwind_SetIP,
};

/// What prebuilt `core` names in its unwind tables. No frame of the OS is ever unwound through a landing pad, so
/// nobody calls it; it stays local to the OS object, and the application has its own.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() -> ! {
    kit_iface_platform::fatal("unwinding")
}
