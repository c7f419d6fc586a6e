//! `pthread_attr_t`: what a thread should be made with, or was made with.

use crate::threads::tcb::Tcb;
use crate::threads::urgency::urgency_of;
use crate::types::{c_int, c_void, pthread_attr_t, pthread_t, sched_param, size_t};
use kit_iface_sched::Urgency;
use kit_iface_vm::PAGE_BYTES;

/// What glibc gives a thread by default: `RLIMIT_STACK`, which is 8 MiB nearly everywhere.
const DEFAULT_STACK_BYTES: usize = 8 << 20;
/// `PTHREAD_STACK_MIN` of glibc on x86-64.
const LEAST_STACK_BYTES: usize = 16 << 10;

/// What we keep inside the opaque `pthread_attr_t`.
#[repr(C)]
struct Attributes {
    stack_lowest: usize,
    stack_bytes: usize,
    guard_bytes: usize,
    policy: c_int,
    priority: c_int,
    is_detached: bool,
    /// Whether policy and priority count, and not those of the creator.
    is_explicit: bool,
}

const _: () = assert!(size_of::<Attributes>() <= size_of::<pthread_attr_t>());
const _: () = assert!(align_of::<Attributes>() <= align_of::<pthread_attr_t>());

/// `pthread_attr_init`.
///
/// # Safety
/// `attributes` is writable.
pub unsafe fn init(attributes: *mut pthread_attr_t) -> c_int {
    let fresh = Attributes {
        stack_lowest: 0,
        stack_bytes: DEFAULT_STACK_BYTES,
        guard_bytes: PAGE_BYTES,
        policy: libc::SCHED_OTHER,
        priority: 0,
        is_detached: false,
        is_explicit: false,
    };
    // SAFETY: the caller's object is as large and as aligned, as asserted above.
    unsafe { attributes.cast::<Attributes>().write(fresh) };
    0
}

/// `pthread_attr_destroy`.
pub fn destroy(_attributes: *mut pthread_attr_t) -> c_int {
    0
}

/// Stack size, whether the thread starts detached, and how urgent it is if not as its creator; the defaults for a
/// null pointer.
///
/// # Safety
/// `attributes` is null or was initialised.
pub(crate) unsafe fn wanted(attributes: *const pthread_attr_t) -> (usize, bool, Option<Urgency>) {
    // SAFETY: by the caller's promise it points to what `init` wrote.
    match unsafe { attributes.cast::<Attributes>().as_ref() } {
        Some(attributes) => {
            let urgency = attributes.is_explicit.then(|| urgency_of(attributes.policy, attributes.priority));
            (attributes.stack_bytes, attributes.is_detached, urgency.flatten())
        }
        None => (DEFAULT_STACK_BYTES, false, None),
    }
}

/// `pthread_attr_setinheritsched`.
///
/// # Safety
/// `attributes` was initialised.
pub unsafe fn set_inheritance(attributes: *mut pthread_attr_t, inheritance: c_int) -> c_int {
    let is_explicit = match inheritance {
        libc::PTHREAD_INHERIT_SCHED => false,
        libc::PTHREAD_EXPLICIT_SCHED => true,
        _ => return libc::EINVAL,
    };
    // SAFETY: forwarded to the caller.
    unsafe { (*attributes.cast::<Attributes>()).is_explicit = is_explicit };
    0
}

/// `pthread_attr_setschedpolicy`: what counts with `PTHREAD_EXPLICIT_SCHED`.
///
/// # Safety
/// `attributes` was initialised.
pub unsafe fn set_policy(attributes: *mut pthread_attr_t, policy: c_int) -> c_int {
    let (libc::SCHED_OTHER | libc::SCHED_RR | libc::SCHED_FIFO) = policy else { return libc::EINVAL };
    // SAFETY: forwarded to the caller.
    unsafe { (*attributes.cast::<Attributes>()).policy = policy };
    0
}

/// `pthread_attr_setschedparam`.
///
/// # Safety
/// `attributes` was initialised, `parameters` is readable.
pub unsafe fn set_parameters(attributes: *mut pthread_attr_t, parameters: *const sched_param) -> c_int {
    // SAFETY: forwarded to the caller.
    let priority = unsafe { (*parameters).sched_priority };
    if !(0..=99).contains(&priority) {
        return libc::EINVAL;
    }
    // SAFETY: forwarded to the caller.
    unsafe { (*attributes.cast::<Attributes>()).priority = priority };
    0
}

/// `pthread_attr_setstacksize`.
///
/// # Safety
/// `attributes` was initialised.
pub unsafe fn set_stack_size(attributes: *mut pthread_attr_t, bytes: size_t) -> c_int {
    if bytes < LEAST_STACK_BYTES {
        return libc::EINVAL;
    }
    // SAFETY: forwarded to the caller.
    unsafe { (*attributes.cast::<Attributes>()).stack_bytes = bytes };
    0
}

/// `pthread_attr_getstacksize`.
///
/// # Safety
/// `attributes` was initialised, `bytes` is writable.
pub unsafe fn stack_size(attributes: *const pthread_attr_t, bytes: *mut size_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { bytes.write((*attributes.cast::<Attributes>()).stack_bytes) };
    0
}

/// `pthread_attr_setguardsize`: accepted; every stack has exactly one guard page.
pub fn set_guard_size(_attributes: *mut pthread_attr_t, _bytes: size_t) -> c_int {
    0
}

/// `pthread_attr_getguardsize`.
///
/// # Safety
/// `attributes` was initialised, `bytes` is writable.
pub unsafe fn guard_size(attributes: *const pthread_attr_t, bytes: *mut size_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { bytes.write((*attributes.cast::<Attributes>()).guard_bytes) };
    0
}

/// `pthread_attr_setdetachstate`.
///
/// # Safety
/// `attributes` was initialised.
pub unsafe fn set_detach_state(attributes: *mut pthread_attr_t, state: c_int) -> c_int {
    let is_detached = match state {
        libc::PTHREAD_CREATE_DETACHED => true,
        libc::PTHREAD_CREATE_JOINABLE => false,
        _ => return libc::EINVAL,
    };
    // SAFETY: forwarded to the caller.
    unsafe { (*attributes.cast::<Attributes>()).is_detached = is_detached };
    0
}

/// `pthread_attr_getstack`.
///
/// # Safety
/// `attributes` was initialised, the other pointers are writable.
pub unsafe fn stack(
    attributes: *const pthread_attr_t,
    lowest: *mut *mut c_void,
    bytes: *mut size_t,
) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe {
        let attributes = &*attributes.cast::<Attributes>();
        lowest.write(attributes.stack_lowest as *mut c_void);
        bytes.write(attributes.stack_bytes);
    }
    0
}

/// `pthread_getattr_np`: how a running thread was made.
///
/// # Safety
/// `thread` is alive, `attributes` is writable.
pub unsafe fn of_thread(thread: pthread_t, attributes: *mut pthread_attr_t) -> c_int {
    // SAFETY: a live thread's block is alive.
    let (stack_lowest, stack_bytes) = unsafe { (*(thread as *const Tcb)).stack.get() };
    // SAFETY: forwarded to the caller; `init` has written the object when the other fields are set.
    unsafe {
        init(attributes);
        let made = &mut *attributes.cast::<Attributes>();
        (made.stack_lowest, made.stack_bytes) = (stack_lowest, stack_bytes);
    }
    0
}
