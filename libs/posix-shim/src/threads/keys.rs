//! `pthread_key_t`: thread-local values whose keys are made at run time.
//!
//! Keys are few (prebuilt `std` makes none as long as `__cxa_thread_atexit_impl` works), so a thread keeps the
//! values it has set in a short list. A key that is deleted and made anew has a new generation, so that values
//! of the old one are not seen through it.

use crate::threads::tcb;
use crate::types::{c_int, c_void, pthread_key_t};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// Called with a thread's value when the thread ends, if the value is not null.
pub type Destructor = unsafe extern "C" fn(*mut c_void);

/// Keys that can exist at once; POSIX asks for 128 (`_POSIX_THREAD_KEYS_MAX`).
const KEYS: usize = 128;
/// How often destructors that set values again are run; POSIX asks for 4 (`PTHREAD_DESTRUCTOR_ITERATIONS`).
const ROUNDS: usize = 4;

/// State of a key: [`FREE`], [`PLAIN`], or the address of its destructor.
static STATES: [AtomicUsize; KEYS] = [const { AtomicUsize::new(FREE) }; KEYS];
/// How often each key has been deleted.
static GENERATIONS: [AtomicU32; KEYS] = [const { AtomicU32::new(0) }; KEYS];
const FREE: usize = 0;
const PLAIN: usize = 1;

struct Value {
    key: pthread_key_t,
    generation: u32,
    value: *mut c_void,
}

/// The values that one thread has set.
pub struct Values(Vec<Value>);

impl Values {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    fn find(&mut self, key: pthread_key_t) -> Option<&mut Value> {
        self.0.iter_mut().find(|value| value.key == key)
    }
}

fn mine() -> &'static mut Values {
    // SAFETY: only the thread itself touches its values, and no caller keeps the reference across a call of
    // foreign code.
    unsafe { &mut *tcb::current().keys.get() }
}

/// `pthread_key_create`.
///
/// # Safety
/// `key` is writable.
pub unsafe fn create(key: *mut pthread_key_t, destructor: Option<Destructor>) -> c_int {
    let state = destructor.map_or(PLAIN, |function| function as usize);
    for (number, slot) in STATES.iter().enumerate() {
        if slot.compare_exchange(FREE, state, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            // SAFETY: forwarded to the caller.
            unsafe { key.write(number as pthread_key_t) };
            return 0;
        }
    }
    libc::EAGAIN
}

/// `pthread_key_delete`.
pub fn delete(key: pthread_key_t) -> c_int {
    match STATES.get(key as usize) {
        Some(slot) if slot.swap(FREE, Ordering::AcqRel) != FREE => {
            GENERATIONS[key as usize].fetch_add(1, Ordering::AcqRel);
            0
        }
        _ => libc::EINVAL,
    }
}

/// `pthread_setspecific`.
pub fn set(key: pthread_key_t, value: *const c_void) -> c_int {
    if state(key) == FREE {
        return libc::EINVAL;
    }
    let (value, generation) = (value.cast_mut(), generation(key));
    let mine = mine();
    if let Some(slot) = mine.find(key) {
        *slot = Value { key, generation, value };
    } else if mine.0.try_reserve(1).is_ok() {
        mine.0.push(Value { key, generation, value });
    } else {
        return libc::ENOMEM;
    }
    0
}

/// `pthread_getspecific`.
pub fn get(key: pthread_key_t) -> *mut c_void {
    match mine().find(key) {
        Some(slot) if slot.generation == generation(key) => slot.value,
        _ => core::ptr::null_mut(),
    }
}

fn state(key: pthread_key_t) -> usize {
    STATES.get(key as usize).map_or(FREE, |slot| slot.load(Ordering::Acquire))
}

fn generation(key: pthread_key_t) -> u32 {
    GENERATIONS.get(key as usize).map_or(0, |count| count.load(Ordering::Acquire))
}

/// Runs the destructors of the calling thread's values, and forgets the values.
pub(crate) fn run_destructors() {
    for _ in 0..ROUNDS {
        let values = core::mem::take(&mut mine().0);
        if values.is_empty() {
            break;
        }
        for Value { key, generation: set_in, value } in values {
            let destructor = state(key);
            if destructor > PLAIN && !value.is_null() && set_in == generation(key) {
                // SAFETY: states above `PLAIN` are addresses of destructors, stored by `create`.
                unsafe { core::mem::transmute::<usize, Destructor>(destructor)(value) };
            }
        }
    }
}
