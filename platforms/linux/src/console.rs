//! The console: the process's standard input and output.
//!
//! Input is never switched to non-blocking mode: the open file is shared with the shell that started us, which
//! would inherit the mode. The kernel is asked for readiness instead.

use crate::Interrupts;
use core::sync::atomic::{AtomicBool, Ordering};
use kit_iface_console::{Console, ConsoleError};
use kit_iface_irq::{Handler, Irq, Line};
use kit_util_linux::{Errno, PollEntry, poll, read, write};

const INPUT: i32 = 0;
const OUTPUT: i32 = 1;

/// Standard input and output.
pub struct HostConsole {
    interrupts: &'static Interrupts,
    is_armed: AtomicBool,
    has_ended: AtomicBool,
}

impl HostConsole {
    /// The standard streams; input arrives as an interrupt of `interrupts`.
    pub const fn new(interrupts: &'static Interrupts) -> Self {
        Self { interrupts, is_armed: AtomicBool::new(false), has_ended: AtomicBool::new(false) }
    }
}

impl Console for HostConsole {
    fn write(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match write(OUTPUT, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::INTERRUPTED) => {}
                // Whoever started us made the output non-blocking: wait until it takes more.
                Err(Errno::AGAIN) => {
                    let _ =
                        poll(&mut [PollEntry { descriptor: OUTPUT, events: libc::POLLOUT, found: 0 }], None);
                }
                // The reader has gone; there is nobody to tell.
                Err(_) => return,
            }
        }
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, ConsoleError> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_readable() {
                return Err(ConsoleError::WouldBlock);
            }
            if self.has_ended.load(Ordering::Relaxed) {
                return Err(ConsoleError::EndOfInput);
            }
            match read(INPUT, buffer) {
                Ok(count @ 1..) => return Ok(count),
                Err(Errno::AGAIN) => return Err(ConsoleError::WouldBlock),
                Err(Errno::INTERRUPTED) => {}
                Ok(0) | Err(_) => self.has_ended.store(true, Ordering::Relaxed),
            }
        }
    }

    fn is_readable(&self) -> bool {
        let mut entry = [PollEntry { descriptor: INPUT, events: libc::POLLIN, found: 0 }];
        self.has_ended.load(Ordering::Relaxed) || poll(&mut entry, Some(0)) != Ok(0)
    }

    fn input_key(&self) -> usize {
        let key = core::ptr::from_ref(self).addr();
        if !self.is_armed.swap(true, Ordering::Relaxed) {
            let handler = Handler { function: |key| _ = kit_iface_sched::wake(key, usize::MAX), data: key };
            // Files are always readable, and refused here for just that reason: nobody waits for them.
            let _ = self.interrupts.attach(Line::Descriptor(INPUT), handler);
        }
        key
    }
}
