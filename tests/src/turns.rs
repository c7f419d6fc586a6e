//! Turns: at most two machines run at once, and one build, however many test processes there are.
//!
//! The locks are files, so that `cargo test` in two terminals shares the machine as well. The system drops a
//! lock when its holder ends, however it ends.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::Duration;

/// How many QEMUs may run at once: emulated machines that share a core miss their time limits.
const MACHINES: usize = 2;

/// A turn; dropping it gives it to the next.
pub struct Turn(#[expect(dead_code, reason = "the open file is the lock")] File);

/// Waits for leave to run a machine.
pub fn machine() -> Turn {
    loop {
        for number in 0..MACHINES {
            let file = lock_file(&format!("machine-{number}.lock"));
            match file.try_lock() {
                Ok(()) => return Turn(file),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => panic!("cannot lock: {error}"),
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for leave to build.
pub fn build() -> Turn {
    named("build")
}

/// Waits for leave to do what one at a time may do.
pub fn named(what: &str) -> Turn {
    let file = lock_file(&format!("{what}.lock"));
    file.lock().expect("a plain file can be locked");
    Turn(file)
}

fn lock_file(name: &str) -> File {
    let path = crate::scratch().join(name);
    File::create(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
