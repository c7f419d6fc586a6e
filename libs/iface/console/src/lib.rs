//! The console slot: the application's standard streams, and the ambient log of the OS.
//!
//! Output is synchronous: when [`Console::write`] returns, the bytes are with the device. An image may die
//! at any moment, and what it said before must be out by then. What is written before a console can reach its
//! device, or where the machine lacks it, goes nowhere: nobody waits for a device that may never come. Input is buffered by the device; a reader
//! asks, and waits on [`Console::input_key`] if there is nothing.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

use core::fmt;

/// Why a read gave no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleError {
    /// Nothing has arrived yet: wait on [`Console::input_key`], then ask again.
    WouldBlock,
    /// Input has ended. Every later read says so too.
    EndOfInput,
}

/// A console.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a console",
    note = "choose one with `[config] CONSOLE_… = true`; `kit doctor` lists them"
)]
pub trait Console: Sync + 'static {
    /// Writes all of `bytes`. May be called from any context, fault handlers included, so it takes no lock
    /// that such a context could hold. Spins at the device's pace at worst; never sleeps.
    fn write(&self, bytes: &[u8]);

    /// Reads what has arrived, at most `buffer.len()` bytes; the count is at least 1 for a buffer that is not
    /// empty. Never blocks. A console without input keeps this and the two methods below: its input has ended
    /// before it began.
    fn read(&self, buffer: &mut [u8]) -> Result<usize, ConsoleError> {
        if buffer.is_empty() { Ok(0) } else { Err(ConsoleError::EndOfInput) }
    }

    /// Whether [`Console::read`] would answer something else than [`ConsoleError::WouldBlock`].
    fn is_readable(&self) -> bool {
        true
    }

    /// The key that is woken when input arrives or ends. The first call arms the device's input interrupt:
    /// an image that never reads has no input path at all.
    fn input_key(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }
}

/// `fmt::Write` over any console.
pub struct Writer<'a, C: Console + ?Sized>(pub &'a C);

impl<C: Console + ?Sized> fmt::Write for Writer<'_, C> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

unsafe extern "Rust" {
    safe fn __kit_log(text: &str);
}

/// Writes `text` to the ambient log as it is. Prefer this to [`log!`] on paths that every image has:
/// `core::fmt` costs kilobytes.
#[inline]
pub fn log_str(text: &str) {
    __kit_log(text);
}

/// The ambient log as `fmt::Write`; see [`log!`].
pub struct Log;

impl fmt::Write for Log {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        __kit_log(text);
        Ok(())
    }
}

/// Writes one formatted line, prefixed `kit: `, to the ambient log.
#[macro_export]
macro_rules! log {
    ($($argument:tt)*) => {{
        use core::fmt::Write as _;
        let _ = writeln!($crate::Log, "kit: {}", format_args!($($argument)*));
    }};
}

/// Binds the ambient log to a console static of the composed root. Once, only there.
#[macro_export]
macro_rules! use_log {
    ($console:path) => {
        const _: () = {
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_log(text: &str) {
                $crate::Console::write(&$console, text.as_bytes())
            }
        };
    };
}
