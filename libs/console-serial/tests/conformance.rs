//! The console slot's suite, against a pretended 16550, and what only this console promises.

use kit_console_serial::{Registers, Serial};
use kit_iface_console::conformance::{self, FarEnd};
use kit_iface_console::{Console, ConsoleError};
use kit_iface_irq::{Handler, Irq, IrqError, Line, Message};
use kit_util_wire::{END, QUOTE};
use std::collections::VecDeque;
use std::sync::Mutex;

kit_util_host_test::bind!(irq_mask, threads, clock);

/// A 16550 without FIFOs: one byte at a time, the rest waits on the wire.
#[derive(Default)]
struct Device {
    wire: VecDeque<u8>,
    sent: Vec<u8>,
    /// How often the transmitter claims to be busy before it takes the next byte.
    busy: u32,
    interrupts_enabled: u8,
}

static DEVICE: Mutex<Device> =
    Mutex::new(Device { wire: VecDeque::new(), sent: Vec::new(), busy: 0, interrupts_enabled: 0 });
static ATTACHED: Mutex<Option<(Line, Handler)>> = Mutex::new(None);

struct Pretended;

impl Registers for Pretended {
    fn read(offset: u8) -> u8 {
        let mut device = DEVICE.lock().unwrap();
        match offset {
            0 => device.wire.pop_front().expect("a read of the data register without data"),
            5 => {
                let is_empty = device.busy == 0;
                device.busy = device.busy.saturating_sub(1);
                u8::from(!device.wire.is_empty()) | u8::from(is_empty) << 5
            }
            _ => 0,
        }
    }

    fn write(offset: u8, value: u8) {
        let mut device = DEVICE.lock().unwrap();
        match offset {
            0 => {
                assert_eq!(device.busy, 0, "a byte was written over another");
                device.sent.push(value);
                device.busy = 2;
            }
            1 => device.interrupts_enabled = value,
            _ => {}
        }
    }
}

struct Controller;

impl Irq for Controller {
    fn attach(&self, line: Line, handler: Handler) -> Result<Message, IrqError> {
        let last = ATTACHED.lock().unwrap().replace((line, handler));
        assert!(last.is_none(), "attached twice");
        Ok(Message::default())
    }
    fn detach(&self, _: Line) {}
}

fn type_bytes(bytes: &[u8]) {
    DEVICE.lock().unwrap().wire.extend(bytes);
}

/// Whether interrupts are enabled, and how many bytes wait on the wire.
fn device_state() -> (u8, usize) {
    let device = DEVICE.lock().unwrap();
    (device.interrupts_enabled, device.wire.len())
}

/// One test: there is one device.
#[test]
fn keeps_the_promises_of_the_slot() {
    static CONTROLLER: Controller = Controller;
    let console = Serial::<Controller, Pretended>::new(&CONTROLLER);

    // Nobody waits: no interrupt. A read drains the device all the same, piece by piece.
    type_bytes(&[b'y'; 600]);
    let (mut got, mut buffer) = (0, [0; 100]);
    while let Ok(count) = console.read(&mut buffer) {
        got += count;
    }
    assert_eq!(got, 600);
    assert!(ATTACHED.lock().unwrap().is_none() && DEVICE.lock().unwrap().interrupts_enabled == 0);

    // A reader that waits arms the interrupt, which stops while the ring is full and goes on when it is read.
    console.input_key();
    let (line, handler) = ATTACHED.lock().unwrap().unwrap();
    assert_eq!(line, Line::Pin { number: 4, level: false });
    assert_eq!(DEVICE.lock().unwrap().interrupts_enabled, 1);
    type_bytes(&[b'z'; 257]);
    (handler.function)(handler.data);
    assert_eq!(device_state(), (0, 1));
    assert_eq!(console.read(&mut buffer), Ok(100));
    assert_eq!(device_state(), (1, 0));
    assert_eq!([(); 3].map(|()| console.read(&mut buffer)), [Ok(100), Ok(57), Err(ConsoleError::WouldBlock)]);

    // Quoted codes are bytes.
    type_bytes(&[QUOTE, END, QUOTE, QUOTE]);
    assert_eq!(console.read(&mut buffer), Ok(2));
    assert_eq!(buffer[..2], [END, QUOTE]);
    assert_eq!(console.read(&mut []), Ok(0));

    conformance::check(
        &console,
        FarEnd {
            type_bytes: &mut type_bytes,
            end_input: &mut || type_bytes(&[END]),
            take_output: &mut |buffer| {
                let sent = std::mem::take(&mut DEVICE.lock().unwrap().sent);
                buffer[..sent.len()].copy_from_slice(&sent);
                sent.len()
            },
        },
    );
}
