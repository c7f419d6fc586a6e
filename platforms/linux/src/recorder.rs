//! Recordings go to the file that the variable `KIT_RECORD` names.

use crate::entry;
use crate::platform::{Linux, RECORD_VARIABLE};
use core::sync::atomic::{AtomicI32, Ordering};
use kit_iface_platform::Recorder;
use kit_util_linux::{Errno, create_file, write};

/// The open file; one of the two below before and instead.
static FILE: AtomicI32 = AtomicI32::new(NOT_OPENED);
const NOT_OPENED: i32 = -1;
const NONE: i32 = -2;

impl Recorder for Linux {
    fn is_wanted(&self) -> bool {
        if FILE.load(Ordering::Relaxed) == NOT_OPENED {
            FILE.store(open().unwrap_or(NONE), Ordering::Relaxed);
        }
        FILE.load(Ordering::Relaxed) != NONE
    }

    fn record(&self, mut bytes: &[u8]) {
        let file = FILE.load(Ordering::Relaxed);
        while !bytes.is_empty() {
            match write(file, bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(Errno::INTERRUPTED) => {}
                // The disk is full, or there is no file: what is written so far stays readable.
                Err(_) => return,
            }
        }
    }
}

fn open() -> Option<i32> {
    let path = entry::text_variable(RECORD_VARIABLE)?;
    let file = create_file(path).ok();
    if file.is_none() {
        let parts =
            [b"kit: ", path.to_bytes(), b": it cannot be written (KIT_RECORD): nothing is recorded\n"];
        parts.into_iter().for_each(|part| _ = write(2, part));
    }
    file
}
