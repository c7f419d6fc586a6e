//! The device: writing a frame straight into its buffer, headers and checksums included.

use crate::endpoint::{Endpoint, Ip, is_group, v4};
use crate::{ipv4, ipv6};
use kit_iface_netdev::{Capabilities, ETHERNET_HEADER_BYTES, NetDevice};
use kit_util_net::checksum::{fold, plus, pseudo, sum};

/// EtherTypes (RFC 894, RFC 826, RFC 2464).
pub(crate) const TYPE_IPV4: u16 = 0x0800;
pub(crate) const TYPE_ARP: u16 = 0x0806;
pub(crate) const TYPE_IPV6: u16 = 0x86dd;

/// Protocol numbers.
pub(crate) const ICMP: u8 = 1;
pub(crate) const UDP: u8 = 17;
pub(crate) const ICMPV6: u8 = 58;

/// Bytes of a UDP header (RFC 768).
pub(crate) const UDP_HEADER_BYTES: usize = 8;

/// An Ethernet address.
pub(crate) type Mac = [u8; 6];
/// Everybody on the wire.
pub(crate) const BROADCAST: Mac = [0xff; 6];
/// RFC 1122, 3.2.1.7, recommends at least the Internet's diameter.
pub(crate) const HOP_LIMIT: u8 = 64;

/// What stands before a transport's bytes.
pub(crate) struct Header {
    pub to: Mac,
    pub source: Ip,
    pub destination: Ip,
    pub protocol: u8,
    pub hop_limit: u8,
}

/// The network device; all zero is none.
pub(crate) struct Link<D: 'static> {
    device: Option<&'static D>,
    pub mac: Mac,
    /// Bytes of the largest packet.
    mtu: u16,
    /// The device verifies and fills the checksums of UDP.
    pub is_trusted: bool,
    identification: u16,
}

impl<D: NetDevice> Link<D> {
    /// No device.
    pub const fn new() -> Self {
        Self { device: None, mac: [0; 6], mtu: 0, is_trusted: false, identification: 0 }
    }

    /// From now on frames go through `device`. Packets of IPv4 are numbered from `first` on.
    pub fn attach(&mut self, device: &'static D, capabilities: Capabilities, first: u16) {
        self.device = Some(device);
        self.mac = capabilities.mac;
        self.mtu = capabilities.mtu.min(usize::from(u16::MAX)) as u16;
        self.is_trusted = capabilities.checksum_offload;
        self.identification = first;
    }

    /// Whether a frame would find room.
    pub fn has_room(&self) -> bool {
        self.device.is_some_and(NetDevice::can_transmit)
    }

    /// Bytes of the largest UDP payload in a packet to `peer`.
    pub fn payload_bytes(&self, peer: Ip) -> usize {
        usize::from(self.mtu).saturating_sub(header_bytes(peer) + UDP_HEADER_BYTES)
    }

    /// Sends a packet whose transport part, of `bytes`, `fill` writes; its checksum is filled in afterwards. `false`
    /// if the device has no room or the packet is too large for it.
    pub fn send(&mut self, header: &Header, bytes: usize, fill: &mut dyn FnMut(&mut [u8])) -> bool {
        let Some(device) = self.device else { return false };
        let packet_bytes = header_bytes(header.destination) + bytes;
        if packet_bytes > usize::from(self.mtu) {
            return false;
        }
        let sent = device.transmit(ETHERNET_HEADER_BYTES + packet_bytes, |frame| {
            if let Some(upper) = self.write_headers(header, bytes, frame) {
                fill(upper);
                self.complete(header, upper);
            }
        });
        sent.is_some()
    }

    /// Sends a UDP datagram (RFC 768) through the machine at `to_mac`; as [`Link::send`].
    pub fn send_datagram(
        &mut self,
        to_mac: Mac,
        ends: (Endpoint, Endpoint),
        hop_limit: u8,
        payload: &[u8],
    ) -> bool {
        let (from, to) = ends;
        let hop_limit = match hop_limit {
            // RFC 1112, 6.1: what is said to a group stays near unless somebody wants otherwise.
            0 if is_group(to.ip) => 1,
            0 => HOP_LIMIT,
            limit => limit,
        };
        let header = Header { to: to_mac, source: from.ip, destination: to.ip, protocol: UDP, hop_limit };
        let bytes = UDP_HEADER_BYTES + payload.len();
        self.send(&header, bytes, &mut |upper| {
            let Some((udp, body)) = upper.split_first_chunk_mut::<UDP_HEADER_BYTES>() else { return };
            udp[..2].copy_from_slice(&from.port.to_be_bytes());
            udp[2..4].copy_from_slice(&to.port.to_be_bytes());
            udp[4..6].copy_from_slice(&(bytes as u16).to_be_bytes());
            udp[6..].fill(0);
            body.copy_from_slice(payload);
        })
    }

    /// Sends a frame of another kind than IP to `to`.
    pub fn send_other(&mut self, to: Mac, kind: u16, payload: &[u8]) -> bool {
        let Some(device) = self.device else { return false };
        let sent = device.transmit(ETHERNET_HEADER_BYTES + payload.len(), |frame| {
            if let Some(body) = self.write_ethernet(to, kind, frame) {
                body.copy_from_slice(payload);
            }
        });
        sent.is_some()
    }

    fn write_ethernet<'a>(&self, to: Mac, kind: u16, frame: &'a mut [u8]) -> Option<&'a mut [u8]> {
        let (ethernet, body) = frame.split_first_chunk_mut::<ETHERNET_HEADER_BYTES>()?;
        ethernet[..6].copy_from_slice(&to);
        ethernet[6..12].copy_from_slice(&self.mac);
        ethernet[12..].copy_from_slice(&kind.to_be_bytes());
        Some(body)
    }

    /// Writes everything before the transport's part and returns that.
    fn write_headers<'a>(
        &mut self,
        header: &Header,
        bytes: usize,
        frame: &'a mut [u8],
    ) -> Option<&'a mut [u8]> {
        match (v4(header.source), v4(header.destination)) {
            (Some(source), Some(destination)) => {
                let packet = self.write_ethernet(header.to, TYPE_IPV4, frame)?;
                let (ip, upper) = packet.split_first_chunk_mut::<{ ipv4::HEADER_BYTES }>()?;
                self.identification = self.identification.wrapping_add(1);
                // RFC 791, 3.1. Routers on the way may fragment: the stack does not look for their limits.
                *ip = [0; ipv4::HEADER_BYTES];
                ip[0] = 0x45;
                ip[2..4].copy_from_slice(&((ipv4::HEADER_BYTES + bytes) as u16).to_be_bytes());
                ip[4..6].copy_from_slice(&self.identification.to_be_bytes());
                (ip[8], ip[9]) = (header.hop_limit, header.protocol);
                ip[12..16].copy_from_slice(&source.octets());
                ip[16..].copy_from_slice(&destination.octets());
                let checksum = !fold(sum(ip));
                ip[10..12].copy_from_slice(&checksum.to_ne_bytes());
                Some(upper)
            }
            _ => {
                let packet = self.write_ethernet(header.to, TYPE_IPV6, frame)?;
                let (ip, upper) = packet.split_first_chunk_mut::<{ ipv6::HEADER_BYTES }>()?;
                // RFC 8200, 3.
                ip[..4].copy_from_slice(&[0x60, 0, 0, 0]);
                ip[4..6].copy_from_slice(&(bytes as u16).to_be_bytes());
                (ip[6], ip[7]) = (header.protocol, header.hop_limit);
                ip[8..24].copy_from_slice(&header.source.octets());
                ip[24..].copy_from_slice(&header.destination.octets());
                Some(upper)
            }
        }
    }

    /// Fills the transport's checksum in, which `fill` has left zero.
    fn complete(&self, header: &Header, upper: &mut [u8]) {
        let at = match header.protocol {
            UDP if self.is_trusted => return,
            UDP => 6,
            _ => 2,
        };
        let mut total = sum(upper);
        if header.protocol != ICMP {
            total =
                plus(total, pseudo_header(header.source, header.destination, header.protocol, upper.len()));
        }
        let checksum = match !fold(total) {
            // RFC 768: zero would say that there is none.
            0 if header.protocol == UDP => u16::MAX,
            checksum => checksum,
        };
        if let Some(place) = upper.get_mut(at..at + 2) {
            place.copy_from_slice(&checksum.to_ne_bytes());
        }
    }
}

/// The sum of a pseudo-header (RFC 768; RFC 8200, 8.1).
pub(crate) fn pseudo_header(source: Ip, destination: Ip, protocol: u8, bytes: usize) -> u64 {
    let from = if v4(source).is_some() { 12 } else { 0 };
    let addresses = plus(sum(&source.octets()[from..]), sum(&destination.octets()[from..]));
    plus(addresses, pseudo(protocol, bytes))
}

fn header_bytes(peer: Ip) -> usize {
    if v4(peer).is_some() { ipv4::HEADER_BYTES } else { ipv6::HEADER_BYTES }
}
