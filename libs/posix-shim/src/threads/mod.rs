//! POSIX threads: real threads of the image, dressed as `pthread_t`.
//!
//! | file | concern |
//! |---|---|
//! | [`tcb`] | the per-thread block that the thread pointer points to: TLS, `errno`, life cycle |
//! | [`create`] | `pthread_create`, `_join`, `_detach`, and how a thread ends |
//! | [`attributes`] | `pthread_attr_*` |
//! | [`keys`] | `pthread_key_*`: dynamic thread-local values |
//! | [`destructors`] | `__cxa_thread_atexit_impl`: destructors of `thread_local!` |
//! | [`urgency`] | policies, priorities and nice values |
//! | [`mutex`] | `pthread_mutex_*`, and futexes that say who holds them |
//! | [`identity`] | `gettid`, names, affinity, `sched_yield`, `pthread_once` |

pub mod attributes;
pub mod create;
pub mod destructors;
pub mod identity;
pub mod keys;
pub mod mutex;
pub mod tcb;
pub mod urgency;

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
            fn sched_getaffinity(thread: pid_t, mask_bytes: size_t, mask: *mut cpu_set_t) -> c_int = $crate::threads::identity::affinity;
            fn pthread_setschedparam(thread: pthread_t, policy: c_int, parameters: *const sched_param) -> c_int = $crate::threads::urgency::set_of_thread::<$image>;
            fn pthread_setschedprio(thread: pthread_t, priority: c_int) -> c_int = $crate::threads::urgency::set_priority_of_thread::<$image>;
            fn pthread_getschedparam(thread: pthread_t, policy: *mut c_int, parameters: *mut sched_param) -> c_int = $crate::threads::urgency::of_thread::<$image>;
            fn sched_setscheduler(thread: pid_t, policy: c_int, parameters: *const sched_param) -> c_int = $crate::threads::urgency::set_scheduler::<$image>;
            fn sched_getscheduler(thread: pid_t) -> c_int = $crate::threads::urgency::scheduler::<$image>;
            fn sched_setparam(thread: pid_t, parameters: *const sched_param) -> c_int = $crate::threads::urgency::set_parameters::<$image>;
            fn sched_getparam(thread: pid_t, parameters: *mut sched_param) -> c_int = $crate::threads::urgency::parameters::<$image>;
            fn sched_get_priority_min(policy: c_int) -> c_int = $crate::threads::urgency::least;
            fn sched_get_priority_max(policy: c_int) -> c_int = $crate::threads::urgency::greatest;
            fn setpriority(which: c_int, who: id_t, nice: c_int) -> c_int = $crate::threads::urgency::set_nice::<$image>;
            fn getpriority(which: c_int, who: id_t) -> c_int = $crate::threads::urgency::nice::<$image>;
            fn pthread_mutex_init(mutex: *mut pthread_mutex_t, attributes: *const pthread_mutexattr_t) -> c_int = $crate::threads::mutex::init;
            fn pthread_mutex_destroy(mutex: *mut pthread_mutex_t) -> c_int = $crate::threads::mutex::destroy;
            fn pthread_mutex_lock(mutex: *mut pthread_mutex_t) -> c_int = $crate::threads::mutex::lock;
            fn pthread_mutex_timedlock(mutex: *mut pthread_mutex_t, deadline: *const timespec) -> c_int = $crate::threads::mutex::lock_timed;
            fn pthread_mutex_trylock(mutex: *mut pthread_mutex_t) -> c_int = $crate::threads::mutex::try_lock;
            fn pthread_mutex_unlock(mutex: *mut pthread_mutex_t) -> c_int = $crate::threads::mutex::unlock;
            fn pthread_mutexattr_init(attributes: *mut pthread_mutexattr_t) -> c_int = $crate::threads::mutex::init_attributes;
            fn pthread_mutexattr_destroy(attributes: *mut pthread_mutexattr_t) -> c_int = $crate::threads::mutex::destroy_attributes;
            fn pthread_mutexattr_settype(attributes: *mut pthread_mutexattr_t, kind: c_int) -> c_int = $crate::threads::mutex::set_kind;
            fn pthread_mutexattr_setprotocol(attributes: *mut pthread_mutexattr_t, protocol: c_int) -> c_int = $crate::threads::mutex::set_protocol;
            fn pthread_mutexattr_getprotocol(attributes: *const pthread_mutexattr_t, protocol: *mut c_int) -> c_int = $crate::threads::mutex::protocol;
            fn sched_getcpu() -> c_int = $crate::threads::identity::cpu;
        }
        $crate::c_calls! {
            $image;
            fn sched_yield() -> c_int = $crate::threads::identity::yield_now;
        }
    };
}

/// Exports the group `spawning`, where the scheduler has room for more than one thread.
#[macro_export]
macro_rules! export_spawning {
    ($image:ty) => {
        $crate::c_names! {
            fn pthread_detach(thread: pthread_t) -> c_int = $crate::threads::create::detach;
            fn pthread_attr_init(attributes: *mut pthread_attr_t) -> c_int = $crate::threads::attributes::init;
            fn pthread_attr_setstacksize(attributes: *mut pthread_attr_t, bytes: size_t) -> c_int = $crate::threads::attributes::set_stack_size;
            fn pthread_attr_setinheritsched(attributes: *mut pthread_attr_t, inheritance: c_int) -> c_int = $crate::threads::attributes::set_inheritance;
            fn pthread_attr_setschedpolicy(attributes: *mut pthread_attr_t, policy: c_int) -> c_int = $crate::threads::attributes::set_policy;
            fn pthread_attr_setschedparam(attributes: *mut pthread_attr_t, parameters: *const sched_param) -> c_int = $crate::threads::attributes::set_parameters;
            fn pthread_attr_setguardsize(attributes: *mut pthread_attr_t, bytes: size_t) -> c_int = $crate::threads::attributes::set_guard_size;
            fn pthread_attr_setdetachstate(attributes: *mut pthread_attr_t, state: c_int) -> c_int = $crate::threads::attributes::set_detach_state;
        }
        $crate::c_calls! {
            $image;
            fn pthread_create(thread: *mut pthread_t, attributes: *const pthread_attr_t, start: $crate::threads::create::Start, argument: *mut c_void) -> c_int = $crate::threads::create::create::<$image>;
            fn pthread_join(thread: pthread_t, result: *mut *mut c_void) -> c_int = $crate::threads::create::join;
        }
    };
}
