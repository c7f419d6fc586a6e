//! Frames that come from anywhere: random ones, and good ones with random changes. Nothing panics, nothing hangs, nothing
//! is lost, and afterwards the stack answers as before.

mod common;

use common::{addresses, stack};
use kit_iface_net::conformance::wire::{Frame, Wire};
use kit_iface_net::{Family, Kind, Net, NetError, Observer};
use kit_iface_netdev::NetDevice;
use kit_iface_netdev::fake::FakeDevice;
use kit_util_net::random::Random;
use std::time::{Duration, Instant};

kit_util_host_test::bind!();

const FRAMES: usize = 60_000;
const MOST_BYTES: usize = 1514;

/// A frame to be spoilt: what a neighbour, a client, a router and a DHCP server send.
fn good(wire: &Wire, random: &mut Random) -> Vec<u8> {
    let mut bytes = [0; 96];
    bytes.iter_mut().for_each(|byte| *byte = random.next() as u8);
    let part = &bytes[..random.next() as usize % bytes.len()];
    match random.next() % 8 {
        0 => Frame::arp_request(wire),
        1 => Frame::udp(wire, 7000, 53, part),
        2 => Frame::echo(wire, 7, 9, part),
        3 => Frame::icmp(wire, 3, 3, 0, part),
        4 => Frame::tcp(wire, 7000, 80, 0x02, 1, 0, b""),
        5 => Frame::udp(wire, 67, 68, part),
        6 => Frame::neighbour_solicitation(wire),
        _ => Frame::icmp(wire, 134, 0, random.next() as u32, part),
    }
    .bytes
}

fn spoil(frame: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..random.next() % 4 {
        let at = random.next() as usize % frame.len();
        frame[at] = random.next() as u8;
    }
    if random.next().is_multiple_of(4) {
        frame.truncate(1 + random.next() as usize % frame.len());
    }
}

fn feed(device: &FakeDevice, frame: &[u8]) {
    let begin = Instant::now();
    while device.transmit(frame.len(), |buffer| buffer.copy_from_slice(frame)).is_none() {
        assert!(begin.elapsed() < Duration::from_secs(20), "the stack does not take frames any more");
        while device.receive(|_| ()).is_some() {}
        std::thread::yield_now();
    }
    while device.receive(|_| ()).is_some() {}
}

#[test]
fn frames_from_anywhere() {
    let seed =
        std::env::var("KIT_SEED").map_or(20_261_121, |seed| seed.parse().expect("KIT_SEED is a number"));
    println!("KIT_SEED={seed}");
    let mut random = Random::from_seed(seed);
    stack!(STACK, NEAR, 1, addresses("10.0.0.1/24", ""));
    static FAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 2]);
    FakeDevice::join(&NEAR, &FAR);
    FAR.start().unwrap();
    let silent = Observer { function: |_, _| (), data: 0 };
    let socket = STACK.open(Kind::Datagram, Family::V6, silent).unwrap();
    STACK.bind(socket, "[::]:53".parse().unwrap()).unwrap();
    let v4 = Wire::v4([2, 0, 0, 0, 0, 2], [10, 0, 0, 2], [2, 0, 0, 0, 0, 1], [10, 0, 0, 1]);
    let v6 = Wire::v6([2, 0, 0, 0, 0, 2], "fe80::2", [2, 0, 0, 0, 0, 1], "fe80::ff:fe00:1");
    let mut buffer = [0; 2000];
    for number in 0..FRAMES {
        let mut frame = match number % 4 {
            0 => (0..1 + random.next() as usize % 200).map(|_| random.next() as u8).collect(),
            1 => good(&v6, &mut random),
            _ => good(&v4, &mut random),
        };
        spoil(&mut frame, &mut random);
        if number % 1000 == 0 {
            frame.resize(MOST_BYTES, random.next() as u8);
        }
        feed(&FAR, &frame);
        if number % 64 == 0 {
            while STACK.receive(socket, &mut buffer, false).is_ok() {}
        }
    }
    // What was learned from that may be wrong, but nothing is broken.
    while STACK.receive(socket, &mut buffer, false) != Err(NetError::WouldBlock) {}
    let begin = Instant::now();
    let answer = loop {
        feed(&FAR, &Frame::udp(&v4, 7000, 53, b"still there?").bytes);
        if let Ok((length, from)) = STACK.receive(socket, &mut buffer, false) {
            assert_eq!(from, "[::ffff:10.0.0.2]:7000".parse().unwrap());
            break buffer[..length].to_vec();
        }
        assert!(begin.elapsed() < Duration::from_secs(5), "the stack is deaf");
    };
    assert_eq!(answer, b"still there?");
}
