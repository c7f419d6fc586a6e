//! Runs a native application as an ordinary program: the `main.rs` beside its `lib.rs` is one call of [`run`].
//!
//! The one crate of the OS's folders that uses `std`. Nothing of it reaches an image: the root links the
//! application's library, and that does not know this crate.
#![deny(missing_docs)]
#![forbid(unsafe_code)]

use std::io::{Write, stdout};
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use kit_util_native::System;

/// The program's own process as a [`System`].
pub struct Host {
    arguments: Vec<Vec<u8>>,
    start: Instant,
}

/// Calls the application with this process's arguments; its answer is the exit code.
pub fn run(main: impl FnOnce(&Host) -> u8) -> ExitCode {
    let arguments = std::env::args_os().map(OsStringExt::into_vec).collect();
    ExitCode::from(main(&Host { arguments, start: Instant::now() }))
}

impl System for Host {
    fn write(&self, bytes: &[u8]) {
        // A console never fails, and a native application could not be told if this one did.
        let _ = stdout().write_all(bytes).and_then(|()| stdout().flush());
    }

    fn argument<'buffer>(&self, index: usize, buffer: &'buffer mut [u8]) -> Option<&'buffer [u8]> {
        let argument = self.arguments.get(index)?;
        let buffer = buffer.get_mut(..argument.len())?;
        buffer.copy_from_slice(argument);
        Some(buffer)
    }

    fn monotonic_ns(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn wall_ns(&self) -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(arguments: &[&str]) -> Host {
        let arguments = arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect();
        Host { arguments, start: Instant::now() }
    }

    #[test]
    fn an_argument_is_whole_or_absent() {
        let host = host(&["app", "three"]);
        assert_eq!(host.argument(1, &mut [0; 5]), Some(&b"three"[..]));
        assert_eq!(host.argument(1, &mut [0; 4]), None);
        assert_eq!(host.argument(2, &mut [0; 9]), None);
    }

    #[test]
    fn time_passes() {
        let host = host(&[]);
        let before = host.monotonic_ns();
        assert!(host.monotonic_ns() >= before);
        assert!(host.wall_ns() > 1_700_000_000_000_000_000);
    }
}
