//! A static that is made on first use.

use crate::SleepLock;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering};

/// A value that the first caller makes and all share.
pub struct Lazy<T> {
    is_ready: AtomicBool,
    making: SleepLock<()>,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: the value is written once, under the lock, before `is_ready` publishes it; then it is only shared.
unsafe impl<T: Send + Sync> Sync for Lazy<T> {}

impl<T> Lazy<T> {
    /// Not made yet.
    pub const fn new() -> Self {
        Self {
            is_ready: AtomicBool::new(false),
            making: SleepLock::new(()),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// The value, if somebody has made it.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        // SAFETY: `is_ready` is set, with release, after the value was written, and never cleared.
        self.is_ready.load(Ordering::Acquire).then(|| unsafe { (*self.value.get()).assume_init_ref() })
    }

    /// The value, made by `make` if this is the first call. If `make` fails, the next caller tries again.
    /// Blocks while another thread is making it.
    #[inline]
    pub fn get_or_try<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        match self.get() {
            Some(value) => Ok(value),
            None => self.make(make),
        }
    }

    /// The value, made by `make` if this is the first call.
    #[inline]
    pub fn get_or(&self, make: impl FnOnce() -> T) -> &T {
        match self.get_or_try(|| Ok::<T, core::convert::Infallible>(make())) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    #[cold]
    fn make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let _making = self.making.lock();
        if let Some(value) = self.get() {
            return Ok(value);
        }
        let value = make()?;
        // SAFETY: `is_ready` is not set, so nobody reads; the lock makes this the only writer.
        let value = unsafe { (*self.value.get()).write(value) };
        self.is_ready.store(true, Ordering::Release);
        Ok(value)
    }
}
