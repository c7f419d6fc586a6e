//! `__cxa_thread_atexit_impl`: destructors of thread-local variables.
//!
//! Prebuilt `std` registers one function per thread, the first time a `thread_local!` with a destructor is used;
//! C++ registers one per variable. Both forms run last in, first out, when the thread ends or, for the thread that
//! calls `exit`, there.

use crate::threads::tcb;
use crate::types::{c_int, c_void};
use core::alloc::Layout;
use core::ptr::NonNull;

/// The function to call with the object.
pub type Destructor = unsafe extern "C" fn(*mut c_void);

/// One registration.
pub struct Node {
    next: *mut Node,
    destructor: Destructor,
    object: *mut c_void,
}

/// `__cxa_thread_atexit_impl`.
pub fn register(destructor: Destructor, object: *mut c_void, _dso: *mut c_void) -> c_int {
    let tcb = tcb::current();
    let Ok(node) = kit_iface_alloc::allocate(Layout::new::<Node>()) else { return libc::ENOMEM };
    let node = node.cast::<Node>();
    // SAFETY: the memory is fresh and of the node's layout.
    unsafe { node.write(Node { next: tcb.destructors.get(), destructor, object }) };
    tcb.destructors.set(node.as_ptr());
    0
}

/// Runs what the calling thread has registered, including what is registered meanwhile.
pub(crate) fn run() {
    let tcb = tcb::current();
    while let Some(node) = NonNull::new(tcb.destructors.get()) {
        // SAFETY: the list holds nodes of `register`, each taken out once, here.
        let Node { next, destructor, object } = unsafe { node.read() };
        tcb.destructors.set(next);
        // SAFETY: the node is in the list no more; the registrar promised that function and object go together.
        unsafe {
            kit_iface_alloc::free(node.cast(), Layout::new::<Node>());
            destructor(object);
        }
    }
}
