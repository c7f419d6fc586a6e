//! The console's suite. It replaces the process's standard streams by pipes, so it runs without the harness,
//! which writes to them too.

use kit_iface_console::conformance::{FarEnd, check};
use kit_platform_linux::{HostConsole, Interrupts};
use std::fs::File;
use std::io::{Read, Write, pipe};
use std::os::fd::{AsRawFd, FromRawFd};

kit_util_host_test::bind!();

static INTERRUPTS: Interrupts = Interrupts::new();
static CONSOLE: HostConsole = HostConsole::new(&INTERRUPTS);

#[unsafe(no_mangle)]
fn __kit_timer_expired() {}

#[unsafe(no_mangle)]
fn __kit_interrupt_return(_frame: *mut ()) {}

fn main() {
    let (input, typist) = pipe().unwrap();
    let (mut reader, output) = pipe().unwrap();
    // SAFETY: descriptors 0 and 1 are open and nobody uses them at this moment; 99 is free.
    let mut terminal = unsafe {
        assert_eq!(libc::dup2(1, 99), 99);
        assert_eq!(libc::dup2(input.as_raw_fd(), 0), 0);
        assert_eq!(libc::dup2(output.as_raw_fd(), 1), 1);
        File::from_raw_fd(99)
    };
    drop((input, output));
    let mut typist = Some(typist);
    let typist = std::cell::RefCell::new(&mut typist);
    let far = FarEnd {
        type_bytes: &mut |bytes| typist.borrow_mut().as_mut().unwrap().write_all(bytes).unwrap(),
        end_input: &mut || drop(typist.borrow_mut().take()),
        take_output: &mut |buffer| {
            // The console has written before this asks, so what there is, is there at once.
            let is_there = kit_util_linux::bytes_readable(reader.as_raw_fd()).unwrap() > 0;
            if is_there { reader.read(buffer).unwrap() } else { 0 }
        },
    };
    check(&CONSOLE, far);
    writeln!(terminal, "console: ok").unwrap();
}
