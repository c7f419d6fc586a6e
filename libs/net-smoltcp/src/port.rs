//! smoltcp's view of a link: one frame in, any number out.
//!
//! smoltcp pulls frames from a device and offers each to a whole socket set. This stack pushes instead: it
//! decides whose frame it is first ([`crate::packet`]) and then lets smoltcp see exactly that frame and that
//! socket, through a port that lives for one call. Both links share one type, so that smoltcp's generic code
//! exists once in an image.

use crate::checksum;
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use kit_iface_netdev::NetDevice;
use smoltcp::phy::{self, Checksum, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

/// Where frames go.
pub(crate) enum Sink<'a, D: 'static> {
    /// The network device.
    Device(&'static D),
    /// This machine: the queue of packets that the stack will deliver to itself.
    Loopback(&'a mut VecDeque<Vec<u8>>),
}

impl<D> Sink<'_, D> {
    fn again(&mut self) -> Sink<'_, D> {
        match self {
            Sink::Device(device) => Sink::Device(device),
            Sink::Loopback(queue) => Sink::Loopback(queue),
        }
    }
}

/// What a link can carry, fixed when it starts.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub medium: Medium,
    /// Bytes of the largest frame, Ethernet header included where there is one.
    pub frame_bytes: usize,
    /// Nobody needs to compute or verify checksums.
    pub trusted: bool,
}

/// What was sent through a port.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sent {
    /// Packets of sockets.
    pub packets: u32,
    /// Questions for a neighbour's address.
    pub questions: u32,
    /// The device had no room for a frame.
    pub refused: bool,
}

/// See the module's description.
pub(crate) struct Port<'a, D: 'static> {
    pub frame: Option<&'a [u8]>,
    pub sink: Sink<'a, D>,
    pub limits: Limits,
    pub sent: Sent,
}

impl<D: NetDevice> phy::Device for Port<'_, D> {
    type RxToken<'t>
        = Received<'t>
    where
        Self: 't;
    type TxToken<'t>
        = Room<'t, D>
    where
        Self: 't;

    fn receive(&mut self, _now: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        let frame = self.frame.take()?;
        let is_trusted = self.limits.trusted;
        Some((Received(frame), Room { sink: self.sink.again(), sent: &mut self.sent, is_trusted }))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Self::TxToken<'_>> {
        if let Sink::Device(device) = self.sink
            && !device.can_transmit()
        {
            self.sent.refused = true;
            return None;
        }
        let is_trusted = self.limits.trusted;
        Some(Room { sink: self.sink.again(), sent: &mut self.sent, is_trusted })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = self.limits.medium;
        capabilities.max_transmission_unit = self.limits.frame_bytes;
        // These two are done here, or by the device.
        capabilities.checksum.ipv4 = Checksum::None;
        capabilities.checksum.tcp = Checksum::None;
        if self.limits.trusted {
            capabilities.checksum.udp = Checksum::None;
            capabilities.checksum.icmpv4 = Checksum::None;
            capabilities.checksum.icmpv6 = Checksum::None;
        }
        capabilities
    }
}

/// The one frame.
pub(crate) struct Received<'a>(&'a [u8]);

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, consume: F) -> R {
        consume(self.0)
    }
}

/// Leave to send a frame.
pub(crate) struct Room<'a, D: 'static> {
    sink: Sink<'a, D>,
    sent: &'a mut Sent,
    is_trusted: bool,
}

impl<D: NetDevice> phy::TxToken for Room<'_, D> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, bytes: usize, fill: F) -> R {
        let Self { sink, sent, is_trusted } = self;
        match sink {
            Sink::Loopback(queue) => {
                let mut frame = vec![0; bytes];
                let result = fill(&mut frame);
                queue.push_back(frame);
                sent.packets += 1;
                result
            }
            Sink::Device(device) => {
                let (mut fill, mut result) = (Some(fill), None);
                device.transmit(bytes, |frame| {
                    result = fill.take().map(|fill| fill(frame));
                    if !is_trusted {
                        checksum::complete(frame);
                    }
                    match is_question(frame) {
                        true => sent.questions += 1,
                        false => sent.packets += 1,
                    }
                });
                match (result, fill) {
                    (Some(result), _) => result,
                    // An answer (a reset, an echo) that the device had no room for: lost, as on any wire.
                    (None, Some(fill)) => {
                        sent.refused = true;
                        fill(&mut vec![0; bytes])
                    }
                    (None, None) => unreachable!("`fill` is either called or still here"),
                }
            }
        }
    }
}

/// ARP, or an ICMPv6 neighbour solicitation (RFC 4861, 4.3: type 135).
fn is_question(frame: &[u8]) -> bool {
    match (frame.get(12), frame.get(13)) {
        (Some(0x08), Some(0x06)) => true,
        (Some(0x86), Some(0xdd)) => frame.get(20) == Some(&58) && frame.get(54) == Some(&135),
        _ => false,
    }
}
