//! The console on a virtio console device (virtio 1.2, section 5.3): port 0, without the feature of several ports.
//!
//! * The device is found and set up by the first write or read. All memory is part of the console, which is a static:
//!   there is no heap to wait for, and none to deadlock with. The platform must have been started, which is the first
//!   thing that every root does.
//! * Output is lent to the device and polled for, so it works with interrupts masked, in fault handlers and panics.
//! * Input is asked for at the first read; its interrupt wakes readers.
#![no_std]
#![deny(missing_docs)]

mod port;
mod ring;

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use kit_iface_console::{Console, ConsoleError};
use kit_iface_irq::{Handler, Irq};
use kit_iface_platform::Platform;
use kit_util_sync::IrqLock;
use kit_util_virtio::Acknowledge;
use port::Port;
use ring::Shared;

/// How often a writer looks whether another one is done. Longer means that it is the code which this one interrupted,
/// and which will never be.
const PATIENCE: u32 = 100_000_000;

/// The first virtio console of a platform.
pub struct VirtioConsole<P: 'static, I: 'static> {
    platform: &'static P,
    irq: &'static I,
    state: IrqLock<State>,
    input: Shared,
    output: Shared,
    signal: Signal,
}

#[expect(clippy::large_enum_variant, reason = "there is one, in a static, and no heap to put it on")]
enum State {
    /// Nobody has written or read.
    Waiting,
    Ready(Port),
    /// There is none, or it does not work.
    Absent,
}

/// What the interrupt handler needs. Written once, before the handler is attached.
struct Signal(UnsafeCell<MaybeUninit<Acknowledge>>);

// SAFETY: written under the lock before the handler that reads it is attached, and never again.
unsafe impl Sync for Signal {}

impl Signal {
    fn key(&self) -> usize {
        self.0.get().addr()
    }
}

/// The receive interrupt.
fn received(data: usize) {
    let place = data as *const MaybeUninit<Acknowledge>;
    // SAFETY: `data` is the place of a console's signal, a static, which was written before this was attached.
    unsafe { (*place).assume_init() }.acknowledge();
    kit_iface_sched::wake(data, usize::MAX);
}

impl<P: Platform, I: Irq> VirtioConsole<P, I> {
    /// The first such device of `platform`, whose input will interrupt through `irq`. One static, made by the composed
    /// root; nothing is touched before the first write or read.
    pub const fn new(platform: &'static P, irq: &'static I) -> Self {
        Self {
            platform,
            irq,
            state: IrqLock::new(State::Waiting),
            input: Shared::new(),
            output: Shared::new(),
            signal: Signal(UnsafeCell::new(MaybeUninit::uninit())),
        }
    }

    /// Finds the device and sets it up.
    #[cold]
    fn bring_up(&self, state: &mut State) {
        // SAFETY: the console is a static: the trait demands `'static`, and the root makes one.
        let (input, output): (&'static Shared, &'static Shared) =
            unsafe { (&*(&raw const self.input), &*(&raw const self.output)) };
        let handler = |acknowledge| {
            // SAFETY: the handler is not attached yet, and the lock is held.
            unsafe { (*self.signal.0.get()).write(acknowledge) };
            Handler { function: received, data: self.signal.key() }
        };
        *state = match Port::open(self.platform, self.irq, [input, output], handler) {
            Ok(port) => State::Ready(port),
            Err(_) => State::Absent,
        };
    }

    /// Runs `body` on the port; without one, input has ended.
    fn with_port<R>(&self, body: impl FnOnce(&mut Port) -> R, absent: R) -> R {
        let mut state = self.state.lock();
        if let State::Waiting = &*state {
            self.bring_up(&mut state);
        }
        match &mut *state {
            State::Ready(port) => body(port),
            _ => absent,
        }
    }
}

impl<P: Platform, I: Irq> Console for VirtioConsole<P, I> {
    fn write(&self, bytes: &[u8]) {
        let mut patience = PATIENCE;
        while self.state.is_held() {
            if patience == 0 {
                return;
            }
            patience -= 1;
            core::hint::spin_loop();
        }
        self.with_port(|port| port.write(bytes), ());
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize, ConsoleError> {
        let absent = if buffer.is_empty() { Ok(0) } else { Err(ConsoleError::EndOfInput) };
        self.with_port(|port| port.read(buffer), absent)
    }

    fn is_readable(&self) -> bool {
        self.with_port(Port::is_readable, true)
    }

    fn input_key(&self) -> usize {
        self.with_port(Port::receive, ());
        self.signal.key()
    }
}
