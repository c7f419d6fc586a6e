//! A machine on the same wire that says what a check makes it say, and hears what the stack answers.

use super::wire::{Frame, Heard, HeardSegment, ICMPV6, Packet, Segment, Wire};
use crate::Net;
use core::net::IpAddr;
use kit_iface_clock::monotonic_ns;
use kit_iface_netdev::NetDevice;
use kit_iface_sched::{sleep_until, wait};

/// Longer than any retransmission that a check may meet.
const PATIENCE_NS: u64 = 100_000_000_000;

/// A stack with a wire to it.
pub struct Stand<N: Net, D: NetDevice> {
    /// The stack. It is configured with `wire.stack_ip`, and has 24 sockets.
    pub net: &'static N,
    /// Our end of the wire. Started.
    pub device: &'static D,
    /// Who is who.
    pub wire: Wire,
    /// The first of 32 ports that the checks may use on both machines.
    pub first_port: u16,
}

impl<N: Net, D: NetDevice> Stand<N, D> {
    /// Sends a frame.
    pub fn send(&self, frame: &Frame) {
        let deadline_ns = monotonic_ns() + PATIENCE_NS;
        while self.device.transmit(frame.bytes.len(), |room| room.copy_from_slice(&frame.bytes)).is_none() {
            assert!(monotonic_ns() < deadline_ns, "the stack does not take frames any more");
            sleep_until(monotonic_ns() + 100_000);
        }
    }

    /// The next packet for us that `want` takes. Questions for our MAC are answered meanwhile.
    pub fn next<R>(&self, what: &str, mut want: impl FnMut(&Packet) -> Option<R>) -> R {
        let deadline_ns = monotonic_ns() + PATIENCE_NS;
        loop {
            if let Some(found) = self.hear(true, &mut want) {
                return found;
            }
            assert!(monotonic_ns() < deadline_ns, "the stack has not sent {what}");
        }
    }

    /// Nothing that `unwanted` takes is sent for `ms` milliseconds.
    pub fn never<R>(&self, what: &str, ms: u64, mut unwanted: impl FnMut(&Packet) -> Option<R>) {
        let until_ns = monotonic_ns() + ms * 1_000_000;
        while monotonic_ns() < until_ns {
            assert!(self.hear(true, &mut unwanted).is_none(), "the stack has sent {what}");
        }
    }

    /// The next ARP or neighbour solicitation for our address, which is not answered.
    pub fn next_question(&self) {
        let deadline_ns = monotonic_ns() + PATIENCE_NS;
        let mut has_asked = false;
        while !has_asked {
            assert!(monotonic_ns() < deadline_ns, "the stack has not asked for us");
            self.receive(|heard| has_asked |= self.answer(heard).is_some());
        }
    }

    /// Answers what was asked by [`Stand::next_question`].
    pub fn answer_question(&self) {
        self.send(&match self.wire.ip {
            IpAddr::V4(_) => Frame::arp_reply(&self.wire),
            IpAddr::V6(_) => Frame::neighbour_advertisement(&self.wire),
        });
    }

    /// The next segment from port `from` that `want` takes.
    pub fn next_segment(&self, what: &str, from: u16, want: impl Fn(&HeardSegment) -> bool) -> HeardSegment {
        self.next(what, |packet| packet.tcp().filter(|segment| segment.from == from && want(segment)))
    }

    /// Sends a segment.
    pub fn send_segment(&self, from: u16, to: u16, segment: Segment<'_>) {
        self.send(&Frame::segment(&self.wire, from, to, &segment));
    }

    fn hear<R>(&self, answers: bool, want: &mut impl FnMut(&Packet) -> Option<R>) -> Option<R> {
        let mut found = None;
        let mut answer = None;
        self.receive(|heard| {
            answer = self.answer(heard).filter(|_| answers);
            if let Heard::Ip(packet) = heard
                && packet.destination == self.wire.ip
                && packet.source == self.wire.stack_ip
            {
                assert_eq!(packet.to, self.wire.mac, "what is for us is sent to us");
                found = want(packet);
            }
        });
        if let Some(frame) = answer {
            self.send(&frame);
        }
        found
    }

    /// One frame, or a short wait for one.
    fn receive(&self, consume: impl FnOnce(&Heard)) {
        match self.device.receive(|frame| Heard::read(frame)) {
            Some(heard) => consume(&heard),
            None => {
                self.device.set_receive_interrupts(true);
                wait(self.device.event_key(), monotonic_ns() + 1_000_000, || !self.device.can_receive());
            }
        }
    }

    /// What a question for our MAC is answered with.
    fn answer(&self, heard: &Heard) -> Option<Frame> {
        match (heard, self.wire.ip) {
            (Heard::Arp(1, _, _, target), ip) if ip == IpAddr::V4(*target) => {
                Some(Frame::arp_reply(&self.wire))
            }
            (Heard::Ip(packet), IpAddr::V6(ip)) if packet.protocol == ICMPV6 => {
                let (kind, _, body) = packet.icmp()?;
                let is_for_us =
                    kind == 135 && body.get(4..20) == Some(&ip.octets()) && packet.hop_limit == 255;
                is_for_us.then(|| Frame::neighbour_advertisement(&self.wire))
            }
            _ => None,
        }
    }
}
