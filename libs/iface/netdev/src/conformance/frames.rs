//! Frames arrive as they were sent: whole, in order, once.

use super::random::{LEAST_BYTES, Random, number, write};
use super::{PATIENCE_NS, Pair};
use crate::{Capabilities, ETHERNET_HEADER_BYTES, NetDevice};
use kit_iface_sched::sleep_until;

/// Frames that the random part sends each way.
const FRAMES: u64 = 2000;
/// Longest queue that the random part keeps on a wire.
const MOST_IN_FLIGHT: usize = 64;

/// A started pair, with a count of what was sent each way.
pub(super) struct Link<'a, 'b, N: NetDevice, F: NetDevice> {
    pair: &'a Pair<'b, N, F>,
    pub macs: [[u8; 6]; 2],
    largest: usize,
    sent: u64,
}

/// Frames on their way, in one direction: how many were sent and taken, and how long those in between are.
struct Lane {
    sent: u64,
    taken: u64,
    bytes: [usize; MOST_IN_FLIGHT],
}

impl Lane {
    const fn new() -> Self {
        Self { sent: 0, taken: 0, bytes: [0; MOST_IN_FLIGHT] }
    }

    fn in_flight(&self) -> usize {
        (self.sent - self.taken) as usize
    }

    fn send(&mut self, from: &impl NetDevice, [to, mac]: [[u8; 6]; 2], bytes: usize) {
        let number = self.sent;
        let sent = from.transmit(bytes, |frame| {
            assert_eq!(frame.len(), bytes, "the buffer is exactly as long as asked");
            write(frame, to, mac, number);
        });
        assert!(sent.is_some(), "room was promised");
        self.bytes[number as usize % MOST_IN_FLIGHT] = bytes;
        self.sent += 1;
    }

    /// Takes a frame if one has arrived.
    fn take(&mut self, to: &impl NetDevice, [mac, from]: [[u8; 6]; 2]) -> bool {
        let bytes = self.bytes[self.taken as usize % MOST_IN_FLIGHT];
        let taken = to.receive(|frame| number(frame, mac, from, bytes));
        if let Some(number) = taken {
            assert!(self.in_flight() > 0, "frame {number} arrives, and was taken before");
            assert_eq!(number, self.taken, "frames arrive in order, each once");
            self.taken += 1;
        }
        taken.is_some()
    }
}

impl<'a, 'b, N: NetDevice, F: NetDevice> Link<'a, 'b, N, F> {
    pub fn new(pair: &'a Pair<'b, N, F>, near: Capabilities, far: Capabilities) -> Self {
        let largest = near.mtu.min(far.mtu) + ETHERNET_HEADER_BYTES;
        Self { pair, macs: [near.mac, far.mac], largest, sent: 0 }
    }

    /// Sends one frame from near to far.
    pub fn send(&mut self, bytes: usize) -> Option<()> {
        let ([near, far], number) = (self.macs, self.sent);
        let sent = self.pair.near.transmit(bytes, |frame| write(frame, far, near, number));
        self.sent += u64::from(sent.is_some());
        sent
    }

    /// Takes a frame of `bytes` that near has sent; its number. `None` if nothing has arrived.
    pub fn take(&self, bytes: usize) -> Option<u64> {
        let [near, far] = self.macs;
        self.pair.far.receive(|frame| number(frame, far, near, bytes))
    }

    /// Frames of every size come out as they went in.
    pub fn every_size_arrives(&mut self) {
        for bytes in [LEAST_BYTES, 59, 60, 61, 590, self.largest - 1, self.largest] {
            self.send(bytes).expect("there is room");
            self.until(|link| link.pair.far.can_receive(), "a frame did not arrive");
            assert_eq!(self.take(bytes), Some(self.sent - 1));
            assert!(!self.pair.far.can_receive() || self.take(bytes).is_none(), "one frame, once");
        }
    }

    /// A seeded mixture of sending and taking at both ends.
    pub fn frames_keep_their_order_both_ways(&mut self) {
        let Pair { near, far, seed, .. } = *self.pair;
        let mut random = Random::new(seed);
        let [near_mac, far_mac] = self.macs;
        let (mut there, mut back) = (Lane::new(), Lane::new());
        // What comes back from a device that gives everything back is what went there.
        let back_frames = if self.pair.is_loop() { 0 } else { FRAMES };
        let most = self.pair.in_flight.min(MOST_IN_FLIGHT);
        let mut quiet_since = (self.pair.now_ns)();
        while there.taken < FRAMES || back.taken < back_frames {
            let bytes = LEAST_BYTES + random.below(self.largest - LEAST_BYTES + 1);
            let has_moved = match random.below(4) {
                0 if there.sent < FRAMES && there.in_flight() < most && near.can_transmit() => {
                    there.send(near, [far_mac, near_mac], bytes);
                    true
                }
                1 if back.sent < back_frames && back.in_flight() < most && far.can_transmit() => {
                    back.send(far, [near_mac, far_mac], bytes);
                    true
                }
                2 => there.take(far, [far_mac, near_mac]),
                3 if back_frames > 0 => back.take(near, [near_mac, far_mac]),
                _ => false,
            };
            let now_ns = (self.pair.now_ns)();
            if has_moved {
                quiet_since = now_ns;
            } else if now_ns > quiet_since + 1_000_000 {
                assert!(now_ns < quiet_since + PATIENCE_NS, "seed {seed}: a frame was lost");
                sleep_until(now_ns + 50_000);
            }
        }
        assert!(near.receive(|_| ()).is_none() && far.receive(|_| ()).is_none(), "nothing is left");
    }

    /// What `consume` sends while it looks at a frame arrives, and the frame does not change under it.
    pub fn a_consumer_may_answer(&mut self) {
        let Pair { near, far, .. } = *self.pair;
        let [near_mac, far_mac] = self.macs;
        for round in 0..50 {
            self.send(200).expect("there is room");
            self.until(|link| link.pair.far.can_receive(), "a frame did not arrive");
            let sent = self.sent - 1;
            let answered = far.receive(|frame| {
                let answer = far.transmit(300, |answer| write(answer, near_mac, far_mac, round));
                assert_eq!(number(frame, far_mac, near_mac, 200), sent, "the frame stays as it was");
                answer
            });
            assert_eq!(answered, Some(Some(())), "there is a frame, and room for an answer");
            self.until(|link| link.pair.near.can_receive(), "an answer did not arrive");
            assert_eq!(near.receive(|frame| number(frame, near_mac, far_mac, 300)), Some(round));
        }
    }

    /// Waits until `holds`.
    pub fn until(&self, holds: impl Fn(&Self) -> bool, otherwise: &str) {
        let deadline_ns = (self.pair.now_ns)() + PATIENCE_NS;
        while !holds(self) {
            let now_ns = (self.pair.now_ns)();
            assert!(now_ns < deadline_ns, "{otherwise}");
            sleep_until(now_ns + 50_000);
        }
    }
}
