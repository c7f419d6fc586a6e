//! The stack is configured by DHCP, and what was begun before that goes on afterwards.

mod common;

use common::config;
use kit_iface_net::{Family, Kind, Net, NetError, Observer};
use kit_iface_netdev::NetDevice;
use kit_iface_netdev::fake::FakeDevice;
use kit_net_smoltcp::Stack;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, DhcpMessageType, DhcpPacket, DhcpRepr, EthernetAddress, EthernetFrame,
    EthernetProtocol, IpProtocol, Ipv4Packet, Ipv4Repr, TcpPacket, UdpPacket, UdpRepr,
};
use std::net::Ipv4Addr;
use std::sync::Mutex;

kit_util_host_test::bind!();

const MAC: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 7]);
const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
const LEASED: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);
/// A host beyond the router.
const FAR_AWAY: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 9);

/// What the network saw: the source of each SYN.
static SYNS: Mutex<Vec<(Ipv4Addr, Ipv4Addr)>> = Mutex::new(Vec::new());

/// A router that leases an address, answers for its own, and notes who knocks.
fn serve(device: &'static FakeDevice) {
    device.start().unwrap();
    loop {
        let mut reply = None;
        device.receive(|frame| reply = respond(&EthernetFrame::new_checked(&*frame).unwrap()));
        match reply {
            Some(reply) => {
                device.transmit(reply.len(), |frame| frame.copy_from_slice(&reply)).unwrap();
            }
            None => std::thread::sleep(std::time::Duration::from_millis(1)),
        }
    }
}

fn respond(frame: &EthernetFrame<&[u8]>) -> Option<Vec<u8>> {
    match frame.ethertype() {
        EthernetProtocol::Arp => {
            let ArpRepr::EthernetIpv4 {
                source_hardware_addr,
                source_protocol_addr,
                target_protocol_addr,
                ..
            } = ArpRepr::parse(&ArpPacket::new_checked(frame.payload()).ok()?).ok()?
            else {
                return None;
            };
            let reply = ArpRepr::EthernetIpv4 {
                operation: ArpOperation::Reply,
                source_hardware_addr: MAC,
                source_protocol_addr: target_protocol_addr,
                target_hardware_addr: source_hardware_addr,
                target_protocol_addr: source_protocol_addr,
            };
            let mut out = ethernet(source_hardware_addr, EthernetProtocol::Arp, reply.buffer_len());
            reply.emit(&mut ArpPacket::new_unchecked(&mut out[14..]));
            (target_protocol_addr == ROUTER).then_some(out)
        }
        EthernetProtocol::Ipv4 => {
            let packet = Ipv4Packet::new_checked(frame.payload()).ok()?;
            assert!(packet.verify_checksum());
            match packet.next_header() {
                IpProtocol::Udp => {
                    lease(frame.src_addr(), UdpPacket::new_checked(packet.payload()).ok()?.payload())
                }
                IpProtocol::Tcp => {
                    let segment = TcpPacket::new_checked(packet.payload()).ok()?;
                    assert!(segment.verify_checksum(&packet.src_addr().into(), &packet.dst_addr().into()));
                    SYNS.lock().unwrap().push((packet.src_addr(), packet.dst_addr()));
                    None
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn lease(client: EthernetAddress, message: &[u8]) -> Option<Vec<u8>> {
    let packet = DhcpPacket::new_checked(message).ok()?;
    let asked = DhcpRepr::parse(&packet).ok()?;
    let message_type = match asked.message_type {
        DhcpMessageType::Discover => DhcpMessageType::Offer,
        DhcpMessageType::Request => DhcpMessageType::Ack,
        _ => return None,
    };
    let answer = DhcpRepr {
        message_type,
        your_ip: LEASED,
        server_identifier: Some(ROUTER),
        server_ip: ROUTER,
        subnet_mask: Some(Ipv4Addr::new(255, 255, 255, 0)),
        router: Some(ROUTER),
        lease_duration: Some(3600),
        requested_ip: None,
        client_identifier: None,
        parameter_request_list: None,
        max_size: None,
        dns_servers: Some([ROUTER].into_iter().collect()),
        ..asked
    };
    let udp = UdpRepr { src_port: 67, dst_port: 68 };
    let ip = Ipv4Repr {
        src_addr: ROUTER,
        dst_addr: LEASED,
        next_header: IpProtocol::Udp,
        payload_len: 8 + answer.buffer_len(),
        hop_limit: 64,
    };
    let all = ChecksumCapabilities::default();
    let mut out = ethernet(client, EthernetProtocol::Ipv4, ip.buffer_len() + ip.payload_len);
    let mut packet = Ipv4Packet::new_unchecked(&mut out[14..]);
    ip.emit(&mut packet, &all);
    let write = |bytes: &mut [u8]| answer.emit(&mut DhcpPacket::new_unchecked(bytes)).unwrap();
    let mut datagram = UdpPacket::new_unchecked(packet.payload_mut());
    udp.emit(&mut datagram, &ROUTER.into(), &LEASED.into(), answer.buffer_len(), write, &all);
    Some(out)
}

fn ethernet(to: EthernetAddress, kind: EthernetProtocol, bytes: usize) -> Vec<u8> {
    let mut frame = vec![0; 14 + bytes];
    let mut header = EthernetFrame::new_unchecked(&mut frame[..]);
    header.set_src_addr(MAC);
    header.set_dst_addr(to);
    header.set_ethertype(kind);
    frame
}

#[test]
fn an_attempt_waits_for_the_lease() {
    static DEVICE: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 1]);
    static ROUTER_DEVICE: FakeDevice = FakeDevice::new(MAC.0);
    static STACK: Stack<FakeDevice> = Stack::new(&DEVICE, config("dhcp"));
    FakeDevice::join(&DEVICE, &ROUTER_DEVICE);
    let silent = Observer { function: |_, _| (), data: 0 };

    let early = STACK.open(Kind::Stream, Family::V4, silent).unwrap();
    assert_eq!(STACK.connect(early, (FAR_AWAY, 80).into()), Err(NetError::InProgress));
    assert_eq!(STACK.connect(early, (FAR_AWAY, 80).into()), Err(NetError::AlreadyConnecting));
    assert_eq!(
        STACK.bind(STACK.open(Kind::Stream, Family::V4, silent).unwrap(), (LEASED, 80).into()),
        Err(NetError::AddressNotAvailable)
    );

    std::thread::spawn(|| serve(&ROUTER_DEVICE));
    let start = std::time::Instant::now();
    while SYNS.lock().unwrap().is_empty() {
        assert!(start.elapsed().as_secs() < 20, "no SYN went out");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(SYNS.lock().unwrap()[0], (LEASED, FAR_AWAY), "from the leased address, through the router");
    assert_eq!(STACK.local_address(early).map(|local| local.ip()), Ok(LEASED.into()));
    let late = STACK.open(Kind::Stream, Family::V4, silent).unwrap();
    assert_eq!(STACK.bind(late, (LEASED, 80).into()), Ok(()), "the leased address is the machine's own now");
}
