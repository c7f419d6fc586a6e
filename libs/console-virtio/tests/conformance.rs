//! The slot's suite, on a driver whose device is a test.

use kit_console_virtio::VirtioConsole;
use kit_iface_console::conformance::{self, FarEnd};
use kit_iface_console::{Console, ConsoleError};
use kit_iface_irq::fake::FakeIrq;
use kit_util_host_test::virtio::{Chain, DeviceQueue, Model, VirtioMachine};
use kit_util_wire::END;
use std::sync::Mutex;
use std::time::{Duration, Instant};

kit_util_host_test::bind!();

const CONSOLE: u16 = 3;
const FOLLOWS_VERSION_1: u32 = 1;

type Machine = VirtioMachine;
type Driver = VirtioConsole<Machine, FakeIrq<4>>;

static TYPED: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SENT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The device: takes what is sent, and gives what was typed, as much as fits.
struct Terminal {
    lent: Option<Chain>,
}

impl Model for Terminal {
    fn turn(&mut self, queues: &mut [DeviceQueue]) -> bool {
        let [input, output] = queues else { panic!("two queues") };
        let mut did = false;
        if let Some(chain) = output.take() {
            SENT.lock().unwrap().extend(chain.bytes());
            output.give(chain, 0);
            did = true;
        }
        self.lent = self.lent.take().or_else(|| input.take());
        let mut typed = TYPED.lock().unwrap();
        if !typed.is_empty()
            && let Some(chain) = self.lent.take()
        {
            let count = chain.fill(&typed);
            typed.drain(..count);
            input.give(chain, count);
            did = true;
        }
        did
    }
}

fn type_bytes(console: &Driver, bytes: &[u8]) {
    TYPED.lock().unwrap().extend(bytes);
    let start = Instant::now();
    while !TYPED.lock().unwrap().is_empty() || !console.is_readable() {
        assert!(start.elapsed() < Duration::from_secs(10), "the driver takes no input");
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// One test: the far end is a static.
#[test]
fn keeps_the_promises_of_the_slot() {
    static MACHINE: Machine = Machine::offering(CONSOLE, &[], FOLLOWS_VERSION_1).reaching_memory();
    static DRIVER: Driver = Driver::new(&MACHINE, &MACHINE.irq);
    MACHINE.plug(Terminal { lent: None });
    conformance::check(
        &DRIVER,
        FarEnd {
            type_bytes: &mut |bytes| type_bytes(&DRIVER, bytes),
            end_input: &mut || type_bytes(&DRIVER, &[END]),
            take_output: &mut |buffer| {
                let sent = std::mem::take(&mut *SENT.lock().unwrap());
                buffer[..sent.len()].copy_from_slice(&sent);
                sent.len()
            },
        },
    );
}

#[test]
fn a_machine_without_a_device_is_silent() {
    static EMPTY: Machine = Machine::new(CONSOLE, &[]).reaching_memory();
    static DRIVER: Driver = Driver::new(&EMPTY, &EMPTY.irq);
    conformance::check_silent(&DRIVER);
    assert_eq!(DRIVER.read(&mut [0; 4]), Err(ConsoleError::EndOfInput));
}
