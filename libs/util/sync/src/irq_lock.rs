//! A spin lock that masks interrupts.

use core::cell::UnsafeCell;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicBool, Ordering};
use kit_iface_irq::Masked;

/// A value behind a spin lock whose holder runs with interrupts masked: the only lock that an interrupt
/// handler may take.
pub struct IrqLock<T> {
    is_held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the lock hands the value to one holder at a time, on whichever CPU.
unsafe impl<T: Send> Sync for IrqLock<T> {}

impl<T> IrqLock<T> {
    /// A lock around `value`.
    pub const fn new(value: T) -> Self {
        Self { is_held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Masks interrupts, then takes the lock. Taking it twice on one CPU is a bug that spins for ever.
    #[inline]
    pub fn lock(&self) -> IrqGuard<'_, T> {
        let mask = Masked::new();
        while self.is_held.swap(true, Ordering::Acquire) {
            while self.is_held.load(Ordering::Relaxed) {
                core::hint::spin_loop();
            }
        }
        IrqGuard { lock: self, mask }
    }

    /// Whether somebody holds it, at this moment. For fault handlers, which must not take a lock that the code
    /// they interrupted may hold.
    #[inline]
    pub fn is_held(&self) -> bool {
        self.is_held.load(Ordering::Relaxed)
    }

    /// The value without the lock, for a fault path: the code that faulted may be the holder.
    ///
    /// # Safety
    /// The caller runs instead of every possible holder (masked, on the only CPU), reads only, and takes what
    /// it reads as a hint: the holder may have been in the middle of a change.
    pub unsafe fn peek(&self) -> &T {
        // SAFETY: nobody writes while the caller reads, by the caller's promise.
        unsafe { &*self.value.get() }
    }
}

/// Exclusive access to an [`IrqLock`]'s value. The lock opens first, the mask second: see the field order.
pub struct IrqGuard<'a, T> {
    lock: &'a IrqLock<T>,
    mask: Masked,
}

impl<T> IrqGuard<'_, T> {
    /// Whether interrupts were enabled before the lock was taken.
    #[inline]
    pub fn is_outermost(&self) -> bool {
        self.mask.is_outermost()
    }

    /// Opens the lock and leaves interrupts masked.
    #[inline]
    pub fn unlock(self) -> Masked {
        let opened = ManuallyDrop::new(self);
        opened.lock.is_held.store(false, Ordering::Release);
        // SAFETY: the guard is not dropped, so the mask has one owner, the caller.
        unsafe { core::ptr::read(&opened.mask) }
    }
}

impl<T> Deref for IrqGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard exists only while its lock is held.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for IrqGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and `&mut self` makes this the only reference.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for IrqGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.is_held.store(false, Ordering::Release);
    }
}
