//! A console whose far end is a test.

use crate::{Console, ConsoleError};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

/// Holds up to `BYTES` bytes of output and of input.
pub struct FakeConsole<const BYTES: usize> {
    state: UnsafeCell<State<BYTES>>,
    is_busy: AtomicBool,
}

struct State<const BYTES: usize> {
    input: Bytes<BYTES>,
    output: Bytes<BYTES>,
    has_ended: bool,
}

struct Bytes<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Bytes<N> {
    const EMPTY: Self = Self { bytes: [0; N], length: 0 };

    fn push(&mut self, bytes: &[u8]) {
        assert!(self.length + bytes.len() <= N, "a fake console of {N} bytes is full");
        self.bytes[self.length..][..bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    fn take(&mut self, buffer: &mut [u8]) -> usize {
        let count = buffer.len().min(self.length);
        buffer[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes.copy_within(count..self.length, 0);
        self.length -= count;
        count
    }
}

// SAFETY: the state is only touched in `with`, which one caller at a time is in.
unsafe impl<const BYTES: usize> Sync for FakeConsole<BYTES> {}

impl<const BYTES: usize> FakeConsole<BYTES> {
    /// Nothing typed, nothing written.
    pub const fn new() -> Self {
        let state = State { input: Bytes::EMPTY, output: Bytes::EMPTY, has_ended: false };
        Self { state: UnsafeCell::new(state), is_busy: AtomicBool::new(false) }
    }

    /// Bytes arrive. The caller wakes [`Console::input_key`] if somebody may be waiting.
    pub fn type_bytes(&self, bytes: &[u8]) {
        self.with(|state| state.input.push(bytes));
    }

    /// Input ends.
    pub fn end_input(&self) {
        self.with(|state| state.has_ended = true);
    }

    /// Takes what has been written; returns how many bytes.
    pub fn take_output(&self, buffer: &mut [u8]) -> usize {
        self.with(|state| state.output.take(buffer))
    }

    fn with<R>(&self, body: impl FnOnce(&mut State<BYTES>) -> R) -> R {
        while self.is_busy.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        // SAFETY: `is_busy` was clear, and is set until the reference is gone.
        let result = body(unsafe { &mut *self.state.get() });
        self.is_busy.store(false, Ordering::Release);
        result
    }
}

impl<const BYTES: usize> Console for FakeConsole<BYTES> {
    fn write(&self, bytes: &[u8]) {
        self.with(|state| state.output.push(bytes));
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, ConsoleError> {
        self.with(|state| match (state.input.take(buffer), state.has_ended) {
            (0, true) => Err(ConsoleError::EndOfInput),
            (0, false) if !buffer.is_empty() => Err(ConsoleError::WouldBlock),
            (count, _) => Ok(count),
        })
    }

    fn is_readable(&self) -> bool {
        self.with(|state| state.has_ended || state.input.length > 0)
    }

    fn input_key(&self) -> usize {
        core::ptr::from_ref(self) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_the_suite() {
        let console = FakeConsole::<9001>::new();
        let far = crate::conformance::FarEnd {
            type_bytes: &mut |bytes| console.type_bytes(bytes),
            end_input: &mut || console.end_input(),
            take_output: &mut |buffer| console.take_output(buffer),
        };
        crate::conformance::check(&console, far);
    }
}
