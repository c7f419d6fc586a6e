//! Descriptors 0 to 2: the image's console as open files.
//!
//! They are statics made by the compiler, not by boot code. A blocking read sleeps on the console's own key; a set
//! (`poll`, `epoll`) that watches input gets a small OS thread that carries the console's wake-ups over.

use crate::Errno;
use crate::fd::watch::Bell;
use crate::fd::{Direction, Events, File, Status, Watch};
use core::ffi::c_int;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use kit_iface_console::{Console, ConsoleError};
use kit_iface_image::Image;
use kit_iface_sched::{NO_DEADLINE, SpawnError, Wake, spawn, wait};

/// Stack of the relay thread: it calls nothing deep.
const RELAY_STACK_BYTES: usize = 16 * 1024;

/// One of the standard streams of an image.
pub struct Stream<I> {
    index: u8,
    _image: PhantomData<fn() -> I>,
}

static FLAGS: [AtomicI32; 3] = [const { AtomicI32::new(libc::O_RDWR) }; 3];
static WATCH: Watch = Watch::new();
static HAS_RELAY: AtomicBool = AtomicBool::new(false);
/// Rings when somebody has taken input, so that the relay looks again.
static TAKEN: Bell = Bell::new();

impl<I: Image> Stream<I> {
    const IN: Self = Self { index: 0, _image: PhantomData };
    const OUT: Self = Self { index: 1, _image: PhantomData };
    const ERROR: Self = Self { index: 2, _image: PhantomData };

    /// The stream that `fd` means in a fresh image.
    pub fn of(fd: c_int) -> Option<&'static Self> {
        match fd {
            0 => Some(&Self::IN),
            1 => Some(&Self::OUT),
            2 => Some(&Self::ERROR),
            _ => None,
        }
    }
}

/// Turns wake-ups of the console into events, as long as the image lives.
fn relay<I: Image>(_: usize) {
    let console = I::console();
    loop {
        let taken = TAKEN.rings();
        wait(console.input_key(), NO_DEADLINE, || !console.is_readable());
        if console.is_readable() {
            WATCH.notify(Events::IN);
            TAKEN.sleep(taken, NO_DEADLINE);
        }
    }
}

impl<I: Image> File for Stream<I> {
    fn flags(&self) -> &AtomicI32 {
        &FLAGS[usize::from(self.index)]
    }

    fn watch(&self) -> Option<&Watch> {
        Some(&WATCH)
    }

    fn readiness(&self, interest: Events) -> Events {
        // An image that never asks for input has no input path: do not look unless asked.
        let readable = interest.intersects(Events::IN) && I::console().is_readable();
        Events::OUT.with_if(readable, Events::IN)
    }

    fn status(&self) -> Status {
        Status { device: kit_iface_fs::devices::CONSOLE, ..Status::nameless(libc::S_IFCHR | 0o620) }
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let result = match I::console().read(buffer) {
            Ok(count) => Ok(count),
            Err(ConsoleError::EndOfInput) => Ok(0),
            Err(ConsoleError::WouldBlock) => Err(Errno(libc::EAGAIN)),
        };
        TAKEN.ring();
        result
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        I::console().write(bytes);
        Ok(bytes.len())
    }

    fn ticket(&self, _direction: Direction) -> u32 {
        0
    }

    fn sleep(&self, _direction: Direction, _ticket: u32, deadline_ns: u64) -> Wake {
        let console = I::console();
        wait(console.input_key(), deadline_ns, || !console.is_readable())
    }

    fn before_watch(&self) -> Result<(), Errno> {
        if self.index != 0 || HAS_RELAY.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let spawned = spawn("console", RELAY_STACK_BYTES, relay::<I>, 0);
        HAS_RELAY.store(spawned.is_ok(), Ordering::Release);
        spawned.map(drop).map_err(|error| match error {
            SpawnError::OutOfMemory => Errno(libc::ENOMEM),
            SpawnError::TooMany => crate::unsupported("watching standard input without a second thread"),
        })
    }
}
