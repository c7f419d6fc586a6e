//! The numbers of the devices that programs open by name, and their names in `/dev`.
//!
//! Linux's numbers (Documentation/admin-guide/devices.txt), so that an archive or a host folder with device nodes
//! means the same here. The descriptors are symlinks into `/proc` there; here they have numbers of their own, in the
//! range that is free for local use.

use crate::device_number;

/// Takes everything, has nothing.
pub const NULL: u32 = device_number(1, 3);
/// Endless zeroes.
pub const ZERO: u32 = device_number(1, 5);
/// Endless zeroes, and never has room.
pub const FULL: u32 = device_number(1, 7);
/// Random bytes.
pub const RANDOM: u32 = device_number(1, 8);
/// Random bytes.
pub const URANDOM: u32 = device_number(1, 9);
/// The terminal of the program: here the console.
pub const TTY: u32 = device_number(5, 0);
/// The console.
pub const CONSOLE: u32 = device_number(5, 1);
/// Descriptor 0 under another name; the next two numbers are descriptors 1 and 2.
pub const DESCRIPTOR: u32 = device_number(240, 0);

/// What is in `/dev`, sorted by name.
pub const ALL: &[(&str, u32)] = &[
    ("console", CONSOLE),
    ("full", FULL),
    ("null", NULL),
    ("random", RANDOM),
    ("stderr", DESCRIPTOR + 2),
    ("stdin", DESCRIPTOR),
    ("stdout", DESCRIPTOR + 1),
    ("tty", TTY),
    ("urandom", URANDOM),
    ("zero", ZERO),
];
