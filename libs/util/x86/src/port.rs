//! Registers in I/O space.

use core::arch::asm;
use core::marker::PhantomData;

mod private {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for u32 {}
}

/// The widths that IN and OUT know. The width matters: a device may ignore an access of another one.
pub trait PortValue: private::Sealed + Copy {
    /// Executes IN.
    ///
    /// # Safety
    /// Reading this port has no effect on memory that Rust knows of.
    unsafe fn input(port: u16) -> Self;

    /// Executes OUT.
    ///
    /// # Safety
    /// Writing this port has no effect on memory that Rust knows of.
    unsafe fn output(port: u16, value: Self);

    /// Executes OUTS for each value.
    ///
    /// # Safety
    /// As [`PortValue::output`].
    unsafe fn output_all(port: u16, values: &[Self]);
}

macro_rules! port_value {
    ($type:ty, $register:tt, $string:tt) => {
        impl PortValue for $type {
            #[inline]
            unsafe fn input(port: u16) -> Self {
                let value;
                // SAFETY: one IN; its effects are the caller's to judge.
                unsafe { asm!(concat!("in ", $register, ", dx"), in("dx") port, out($register) value, options(nostack, preserves_flags)) };
                value
            }
            #[inline]
            unsafe fn output(port: u16, value: Self) {
                // SAFETY: one OUT; its effects are the caller's to judge.
                unsafe { asm!(concat!("out dx, ", $register), in("dx") port, in($register) value, options(nostack, preserves_flags)) };
            }
            #[inline]
            unsafe fn output_all(port: u16, values: &[Self]) {
                // SAFETY: reads the slice, upwards, for the ABI keeps the direction flag clear; the effects of the
                // OUTs are the caller's to judge.
                unsafe { asm!(concat!("rep ", $string), in("dx") port, inout("rsi") values.as_ptr() => _, inout("rcx") values.len() => _, options(nostack, preserves_flags, readonly)) };
            }
        }
    };
}
port_value!(u8, "al", "outsb");
port_value!(u16, "ax", "outsw");
port_value!(u32, "eax", "outsd");

/// One register in I/O space, of the width `T`.
#[derive(Clone, Copy, Debug)]
pub struct Port<T> {
    number: u16,
    width: PhantomData<T>,
}

impl<T: PortValue> Port<T> {
    /// The register at `number`.
    ///
    /// # Safety
    /// No read and no write of this port, whatever the value, makes a device touch memory that Rust owns or
    /// the processor leave the state that Rust relies on. A port without a device is fine.
    #[inline]
    pub const unsafe fn new(number: u16) -> Self {
        Self { number, width: PhantomData }
    }

    /// Reads the register; all ones where no device answers.
    #[inline]
    pub fn read(self) -> T {
        // SAFETY: promised to `new`.
        unsafe { T::input(self.number) }
    }

    /// Writes each of `values` to the register, in order: one exit to a hypervisor that takes them together, where
    /// [`Port::write`] would take one each.
    #[inline]
    pub fn write_all(self, values: &[T]) {
        // SAFETY: promised to `new`.
        unsafe { T::output_all(self.number, values) }
    }

    /// Writes the register; nothing happens where no device answers.
    #[inline]
    pub fn write(self, value: T) {
        // SAFETY: promised to `new`.
        unsafe { T::output(self.number, value) }
    }
}
