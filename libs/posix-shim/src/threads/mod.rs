//! POSIX threads: real threads of the image, dressed as `pthread_t`.
//!
//! | file | concern |
//! |---|---|
//! | [`tcb`] | the per-thread block that the thread pointer points to: TLS, `errno`, life cycle |
//! | [`create`] | `pthread_create`, `_join`, `_detach`, and how a thread ends |
//! | [`attributes`] | `pthread_attr_*` |
//! | [`keys`] | `pthread_key_*`: dynamic thread-local values |
//! | [`destructors`] | `__cxa_thread_atexit_impl`: destructors of `thread_local!` |
//! | [`identity`] | `gettid`, names, affinity, `sched_yield`, `pthread_once` |

pub mod attributes;
pub mod create;
pub mod destructors;
pub mod identity;
pub mod keys;
pub mod tcb;

/// Exports the group `threads`: what the first thread knows and has as well.
#[macro_export]
macro_rules! export_threads {
    ($image:ty) => {
        $crate::c_names! {
            fn pthread_exit(result: *mut c_void) -> ! = $crate::threads::create::exit::<$image>;
            fn pthread_self() -> pthread_t = $crate::threads::identity::this;
            fn pthread_equal(a: pthread_t, b: pthread_t) -> c_int = $crate::threads::identity::equal;
            fn pthread_once(control: *mut pthread_once_t, run: extern "C" fn()) -> c_int = $crate::threads::identity::once;
            fn pthread_setname_np(thread: pthread_t, name: *const c_char) -> c_int = $crate::threads::identity::set_name::<$image>;
            fn pthread_getname_np(thread: pthread_t, buffer: *mut c_char, buffer_bytes: size_t) -> c_int = $crate::threads::identity::name::<$image>;
            fn pthread_attr_destroy(attributes: *mut pthread_attr_t) -> c_int = $crate::threads::attributes::destroy;
            fn pthread_attr_getstacksize(attributes: *const pthread_attr_t, bytes: *mut size_t) -> c_int = $crate::threads::attributes::stack_size;
            fn pthread_attr_getguardsize(attributes: *const pthread_attr_t, bytes: *mut size_t) -> c_int = $crate::threads::attributes::guard_size;
            fn pthread_attr_getstack(attributes: *const pthread_attr_t, lowest: *mut *mut c_void, bytes: *mut size_t) -> c_int = $crate::threads::attributes::stack;
            fn pthread_getattr_np(thread: pthread_t, attributes: *mut pthread_attr_t) -> c_int = $crate::threads::attributes::of_thread;
            fn pthread_key_create(key: *mut pthread_key_t, destructor: Option<$crate::threads::keys::Destructor>) -> c_int = $crate::threads::keys::create;
            fn pthread_key_delete(key: pthread_key_t) -> c_int = $crate::threads::keys::delete;
            fn pthread_setspecific(key: pthread_key_t, value: *const c_void) -> c_int = $crate::threads::keys::set;
            fn pthread_getspecific(key: pthread_key_t) -> *mut c_void = $crate::threads::keys::get;
            fn __cxa_thread_atexit_impl(destructor: $crate::threads::destructors::Destructor, object: *mut c_void, dso: *mut c_void) -> c_int = $crate::threads::destructors::register;
            fn gettid() -> pid_t = $crate::threads::identity::id;
            fn sched_yield() -> c_int = $crate::threads::identity::yield_now;
            fn sched_getaffinity(thread: pid_t, mask_bytes: size_t, mask: *mut cpu_set_t) -> c_int = $crate::threads::identity::affinity;
            fn sched_getcpu() -> c_int = $crate::threads::identity::cpu;
        }
    };
}

/// Exports the group `spawning`, where the scheduler has room for more than one thread.
#[macro_export]
macro_rules! export_spawning {
    ($image:ty) => {
        $crate::c_names! {
            fn pthread_create(thread: *mut pthread_t, attributes: *const pthread_attr_t, start: $crate::threads::create::Start, argument: *mut c_void) -> c_int = $crate::threads::create::create::<$image>;
            fn pthread_join(thread: pthread_t, result: *mut *mut c_void) -> c_int = $crate::threads::create::join;
            fn pthread_detach(thread: pthread_t) -> c_int = $crate::threads::create::detach;
            fn pthread_attr_init(attributes: *mut pthread_attr_t) -> c_int = $crate::threads::attributes::init;
            fn pthread_attr_setstacksize(attributes: *mut pthread_attr_t, bytes: size_t) -> c_int = $crate::threads::attributes::set_stack_size;
            fn pthread_attr_setguardsize(attributes: *mut pthread_attr_t, bytes: size_t) -> c_int = $crate::threads::attributes::set_guard_size;
            fn pthread_attr_setdetachstate(attributes: *mut pthread_attr_t, state: c_int) -> c_int = $crate::threads::attributes::set_detach_state;
        }
    };
}
