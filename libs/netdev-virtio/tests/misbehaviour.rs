//! Devices that break the rules: no panic, no hang, no frame that was not there, whatever they say.

use kit_iface_irq::fake::FakeIrq;
use kit_iface_netdev::{ETHERNET_HEADER_BYTES, NetDevice};
use kit_netdev_virtio::VirtioNet;
use kit_util_host_test::virtio::{DeviceQueue, Model, VirtioMachine};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

kit_util_host_test::bind!();

const NETWORK: u16 = 1;
const HEADER_BYTES: usize = 12;
const BUFFER_BYTES: usize = 2048;
const CONFIG: [u8; 8] = [0x52, 0x54, 0, 0x12, 0x34, 0x56, 1, 0];
const PATIENCE: Duration = Duration::from_secs(10);

type Card = VirtioNet<VirtioMachine, FakeIrq<4>, 8, 4>;

/// A started card whose device is `model`.
fn card(model: impl Model) -> &'static Card {
    let machine: &'static VirtioMachine = Box::leak(Box::new(VirtioMachine::new(NETWORK, &CONFIG)));
    let card: &'static Card = Box::leak(Box::new(VirtioNet::new(machine, &machine.irq)));
    machine.plug(model);
    card.start().expect("the device comes up");
    card
}

/// Returns each receive buffer as `what` says: with which number (of the buffer that it has, if none), and how many
/// bytes it claims to have written.
struct Liar<W>(W);

impl<W: FnMut() -> (Option<u32>, u32) + Send + 'static> Model for Liar<W> {
    fn turn(&mut self, queues: &mut [DeviceQueue]) -> bool {
        let [receive, transmit] = queues else { panic!("two queues") };
        while let Some(chain) = transmit.take() {
            transmit.give(chain, 0);
        }
        let Some(chain) = receive.take() else { return false };
        chain.fill(&[7; BUFFER_BYTES]);
        let (number, bytes) = (self.0)();
        receive.claim(number.unwrap_or(chain.number()), bytes);
        true
    }
}

/// What arrives until `enough` or nothing more can.
fn drain(card: &Card, enough: usize) -> Vec<usize> {
    let (start, mut lengths) = (Instant::now(), Vec::new());
    let mut quiet_since = Instant::now();
    while lengths.len() < enough && quiet_since.elapsed() < Duration::from_millis(300) {
        assert!(start.elapsed() < PATIENCE, "the driver hangs");
        let length = card.receive(|frame| {
            assert!(frame.iter().all(|byte| *byte == 7), "what the device wrote");
            frame.len()
        });
        if let Some(length) = length {
            lengths.push(length);
            quiet_since = Instant::now();
        }
    }
    lengths
}

#[test]
fn lengths_that_cannot_be_are_no_frames() {
    let lengths = [0, 1, 11, 12, 25, 26, 100, 2048, 2049, 65_535, u32::MAX - 1, u32::MAX, 300];
    static TURN: AtomicU64 = AtomicU64::new(0);
    let liar = move || (None, lengths[TURN.fetch_add(1, Ordering::Relaxed) as usize % lengths.len()]);
    let card = card(Liar(liar));
    let arrived = drain(card, 5000);
    assert_eq!(arrived.len(), 5000, "frames go on arriving between the others");
    let possible = lengths.map(|bytes| (bytes as usize).wrapping_sub(HEADER_BYTES));
    for length in arrived {
        assert!(possible.contains(&length) && length >= ETHERNET_HEADER_BYTES, "{length}");
        assert!(length <= BUFFER_BYTES - HEADER_BYTES, "{length}");
    }
    assert_eq!(card.transmit(60, |frame| frame.len()), Some(60));
}

#[test]
fn a_device_with_nothing_but_bad_lengths_is_given_up() {
    let card = card(Liar(|| (None, 3)));
    assert!(drain(card, 1).is_empty());
    assert!(!card.can_receive(), "nobody waits for it, or spins");
}

#[test]
fn buffers_that_were_not_lent_cannot_come_back() {
    for number in [8, 9, 255, 65_535, 65_536, u32::MAX] {
        let mut turns = 0;
        let card = card(Liar(move || {
            turns += 1;
            (if turns == 20 { Some(number) } else { None }, 100)
        }));
        assert_eq!(drain(card, 1000).len(), 19, "what came before was good");
        assert!(!card.can_receive(), "a card that cannot be relied on is given up");
        assert!(card.receive(|_| panic!("there is no frame")).is_none());
    }
}

#[test]
fn one_buffer_cannot_come_back_twice() {
    // The first buffer again and again: all but the first time the driver may have lent it anew, or not.
    let card = card(Liar(|| (Some(0), 100)));
    for length in drain(card, 1000) {
        assert_eq!(length, 100 - HEADER_BYTES);
    }
}

#[test]
fn a_flood_leaves_time_to_send() {
    let card = card(Liar(|| (None, 1514 + HEADER_BYTES as u32)));
    let start = Instant::now();
    for _ in 0..500 {
        assert_eq!(drain(card, 3).len(), 3);
        while card.transmit(1514, |frame| frame.fill(1)).is_none() {
            assert!(start.elapsed() < PATIENCE, "no room although the device takes all");
        }
    }
}
