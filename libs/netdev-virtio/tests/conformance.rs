//! The slot's suite, on two drivers whose devices are joined by a wire.

use kit_iface_irq::fake::FakeIrq;
use kit_iface_netdev::conformance::{self, Pair};
use kit_iface_netdev::{NetDevice, NetDeviceError};
use kit_netdev_virtio::VirtioNet;
use kit_util_host_test::virtio::{DeviceQueue, Model, VirtioMachine};
use std::collections::VecDeque;
use std::sync::Mutex;

kit_util_host_test::bind!();

const NETWORK: u16 = 1;
const HEADER_BYTES: usize = 12;
/// Frames that the wire holds before it lets the sender wait.
const WIRE_FRAMES: usize = 8;

type Wire = Mutex<VecDeque<Vec<u8>>>;

/// The host's side of a network card.
struct Card {
    incoming: &'static Wire,
    outgoing: &'static Wire,
}

impl Model for Card {
    fn turn(&mut self, queues: &mut [DeviceQueue]) -> bool {
        let mut has_moved = false;
        let [receive, transmit] = queues else { panic!("two queues") };
        if self.outgoing.lock().unwrap().len() < WIRE_FRAMES
            && let Some(chain) = transmit.take()
        {
            let bytes = chain.bytes();
            assert_eq!(bytes[..HEADER_BYTES], [0; HEADER_BYTES], "no offload is asked for");
            self.outgoing.lock().unwrap().push_back(bytes[HEADER_BYTES..].to_vec());
            transmit.give(chain, 0);
            has_moved = true;
        }
        let waiting = !self.incoming.lock().unwrap().is_empty();
        if waiting && let Some(chain) = receive.take() {
            let mut bytes = vec![0; HEADER_BYTES];
            bytes.extend(self.incoming.lock().unwrap().pop_front().unwrap());
            let written = chain.fill(&bytes);
            assert_eq!(written, bytes.len(), "a buffer holds any frame");
            receive.give(chain, written);
            has_moved = true;
        }
        has_moved
    }
}

static NEAR: VirtioMachine = VirtioMachine::new(NETWORK, &[0x52, 0x54, 0, 0x12, 0x34, 0x56, 1, 0]);
static FAR: VirtioMachine = VirtioMachine::new(NETWORK, &[0x52, 0x54, 0, 0x12, 0x34, 0x57, 1, 0]);

#[test]
fn two_cards_conform() {
    static THERE: Wire = Mutex::new(VecDeque::new());
    static BACK: Wire = Mutex::new(VecDeque::new());
    static NEAR_CARD: VirtioNet<VirtioMachine, FakeIrq<4>> = VirtioNet::new(&NEAR, &NEAR.irq);
    static FAR_CARD: VirtioNet<VirtioMachine, FakeIrq<4>, 8, 4> = VirtioNet::new(&FAR, &FAR.irq);
    NEAR.plug(Card { incoming: &BACK, outgoing: &THERE });
    FAR.plug(Card { incoming: &THERE, outgoing: &BACK });
    let now_ns = &kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;
    conformance::check(&Pair { near: &NEAR_CARD, far: &FAR_CARD, now_ns, seed: 2, in_flight: 8 });
    let capabilities = NEAR_CARD.start().unwrap();
    assert_eq!((capabilities.mac, capabilities.mtu), ([0x52, 0x54, 0, 0x12, 0x34, 0x56], 1500));
}

#[test]
fn a_machine_without_a_card_says_so() {
    static EMPTY: VirtioMachine = VirtioMachine::new(NETWORK, &[]);
    static CARD: VirtioNet<VirtioMachine, FakeIrq<4>> = VirtioNet::new(&EMPTY, &EMPTY.irq);
    assert_eq!(CARD.start(), Err(NetDeviceError::Absent));
    assert!(!CARD.can_receive() && !CARD.can_transmit());
}
