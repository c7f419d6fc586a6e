//! The POSIX names that the app needs and `std` has not, as a C program would declare them.

use std::ffi::{c_int, c_void};

pub const OTHER: c_int = 0;
pub const FIFO: c_int = 1;
pub const RR: c_int = 2;
const PRIO_INHERIT: c_int = 1;
const PRIO_PROCESS: c_int = 0;

#[repr(C, align(8))]
struct Opaque([u8; 64]);

#[allow(non_camel_case_types, reason = "as in C")]
type pthread_t = usize;

unsafe extern "C" {
    fn pthread_self() -> pthread_t;
    fn pthread_setschedparam(thread: pthread_t, policy: c_int, priority: *const c_int) -> c_int;
    fn pthread_getschedparam(thread: pthread_t, policy: *mut c_int, priority: *mut c_int) -> c_int;
    fn setpriority(which: c_int, who: u32, nice: c_int) -> c_int;
    fn getpriority(which: c_int, who: u32) -> c_int;
    fn pthread_mutex_init(mutex: *mut c_void, attributes: *const c_void) -> c_int;
    fn pthread_mutex_lock(mutex: *mut c_void) -> c_int;
    fn pthread_mutex_unlock(mutex: *mut c_void) -> c_int;
    fn pthread_mutexattr_init(attributes: *mut c_void) -> c_int;
    fn pthread_mutexattr_setprotocol(attributes: *mut c_void, protocol: c_int) -> c_int;
}

/// Sets policy and priority of the calling thread; answers the error number.
pub fn set(policy: c_int, priority: c_int) -> c_int {
    // SAFETY: the caller's own thread, and a `sched_param` is one number.
    unsafe { pthread_setschedparam(pthread_self(), policy, &priority) }
}

/// Policy and priority of the calling thread.
pub fn get() -> (c_int, c_int) {
    let (mut policy, mut priority) = (-1, -1);
    // SAFETY: as above.
    assert_eq!(unsafe { pthread_getschedparam(pthread_self(), &mut policy, &mut priority) }, 0);
    (policy, priority)
}

/// Sets the nice value of the calling thread; answers whether that worked, and the value that is then.
pub fn nice(value: c_int) -> (bool, c_int) {
    // SAFETY: no pointers.
    unsafe { (setpriority(PRIO_PROCESS, 0, value) == 0, getpriority(PRIO_PROCESS, 0)) }
}

/// A mutex with `PTHREAD_PRIO_INHERIT`.
pub struct Mutex(std::cell::UnsafeCell<Opaque>);

// SAFETY: what a mutex is for.
unsafe impl Sync for Mutex {}

impl Mutex {
    pub fn new() -> Box<Self> {
        let mutex = Box::new(Self(std::cell::UnsafeCell::new(Opaque([0; 64]))));
        let mut attributes = Opaque([0; 64]);
        let attributes = (&raw mut attributes).cast();
        // SAFETY: both objects are larger than what they stand for, and the mutex does not move.
        unsafe {
            assert_eq!(pthread_mutexattr_init(attributes), 0);
            assert_eq!(pthread_mutexattr_setprotocol(attributes, PRIO_INHERIT), 0);
            assert_eq!(pthread_mutex_init(mutex.0.get().cast(), attributes), 0);
        }
        mutex
    }

    pub fn with<R>(&self, body: impl FnOnce() -> R) -> R {
        // SAFETY: initialised by `new`; unlocked by who locked it.
        assert_eq!(unsafe { pthread_mutex_lock(self.0.get().cast()) }, 0);
        let result = body();
        // SAFETY: as above.
        assert_eq!(unsafe { pthread_mutex_unlock(self.0.get().cast()) }, 0);
        result
    }
}
