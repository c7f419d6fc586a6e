//! The smallest image: no `std`, no threads, no heap. Says hello, exits with the number in its first argument.
#![no_std]

use kit_native::System;

/// The application; what it returns is the exit code.
pub fn main(system: &impl System) -> u8 {
    system.write(b"Hello, world!\n");
    let mut buffer = [0; 3];
    system.argument(1, &mut buffer).and_then(number).unwrap_or(0)
}

fn number(digits: &[u8]) -> Option<u8> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}
