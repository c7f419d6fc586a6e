//! The slot's suite, around devices of all kinds of promises; and what the file says, read back.

use kit_iface_netdev::NetDevice;
use kit_iface_netdev::conformance::{self, Pair};
use kit_iface_netdev::fake::FakeDevice;
use kit_iface_platform::Recorder;
use kit_netdev_pcap::Pcap;
use std::sync::Mutex;

kit_util_host_test::bind!();

/// A file in memory, or none.
struct File {
    bytes: Mutex<Vec<u8>>,
    is_wanted: bool,
}

impl File {
    const fn new(is_wanted: bool) -> Self {
        Self { bytes: Mutex::new(Vec::new()), is_wanted }
    }
}

impl Recorder for File {
    fn is_wanted(&self) -> bool {
        self.is_wanted
    }
    fn record(&self, bytes: &[u8]) {
        assert!(self.is_wanted, "nothing is recorded that nobody wants");
        self.bytes.lock().unwrap().extend_from_slice(bytes);
    }
}

#[test]
fn a_recorded_card_conforms() {
    static INNER: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 1]);
    static FAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 2]);
    static FILE: File = File::new(true);
    static NEAR: Pcap<FakeDevice, File> = Pcap::new(&INNER, &FILE, 65_535);
    FakeDevice::join(&INNER, &FAR);
    let now_ns = &kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;
    conformance::check(&Pair { near: &NEAR, far: &FAR, now_ns, seed: 7, in_flight: 8 });
    let packets = packets(&FILE.bytes.lock().unwrap());
    let sent = packets.iter().filter(|packet| packet.flags == 2).count();
    assert_eq!(sent as u32, INNER.sent_frames(), "each frame is recorded once");
}

#[test]
fn the_far_end_may_be_recorded_as_well() {
    static NEAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 3]);
    static INNER: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 4]);
    static FILE: File = File::new(false);
    static FAR: Pcap<FakeDevice, File> = Pcap::new(&INNER, &FILE, 65_535);
    FakeDevice::join(&NEAR, &INNER);
    let now_ns = &kit_util_host_test::reexport::kit_iface_clock::monotonic_ns;
    conformance::check(&Pair { near: &NEAR, far: &FAR, now_ns, seed: 8, in_flight: 8 });
}

#[test]
fn both_directions_are_in_the_file() {
    static INNER: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 5]);
    static FAR: FakeDevice = FakeDevice::new([2, 0, 0, 0, 0, 6]);
    static FILE: File = File::new(true);
    static NEAR: Pcap<FakeDevice, File> = Pcap::new(&INNER, &FILE, 64);
    FakeDevice::join(&INNER, &FAR);
    NEAR.start().unwrap();
    FAR.start().unwrap();
    NEAR.transmit(61, |frame| frame.fill(1)).unwrap();
    FAR.transmit(100, |frame| frame.fill(2)).unwrap();
    assert_eq!(NEAR.receive(|frame| frame.len()), Some(100), "the stack gets all of it");
    let now_ns = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let [out, back] = &packets(&FILE.bytes.lock().unwrap())[..] else { panic!("two frames") };
    assert_eq!((out.flags, &out.data[..], out.length), (2, &[1; 61][..], 61));
    assert_eq!((back.flags, &back.data[..], back.length), (1, &[2; 64][..], 100));
    assert!(out.at_ns <= back.at_ns && now_ns - out.at_ns < 60_000_000_000, "the wall clock");
}

struct Packet {
    at_ns: u64,
    data: Vec<u8>,
    length: usize,
    flags: u32,
}

/// Reads a file as the format's draft says, lengths at both ends of each block included.
fn packets(file: &[u8]) -> Vec<Packet> {
    let word = |at: usize| u32::from_ne_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!((word(0), word(8)), (0x0a0d_0d0a, 0x1a2b_3c4d), "a section header");
    let (mut at, mut packets) = (0, Vec::new());
    while at < file.len() {
        let bytes = word(at + 4) as usize;
        assert!(bytes.is_multiple_of(4) && word(at + bytes - 4) as usize == bytes, "lengths agree");
        if word(at) == 6 {
            let kept = word(at + 20) as usize;
            let options = at + 28 + kept.next_multiple_of(4);
            assert_eq!(word(options), 2 | 4 << 16, "epb_flags");
            packets.push(Packet {
                at_ns: u64::from(word(at + 12)) << 32 | u64::from(word(at + 16)),
                data: file[at + 28..at + 28 + kept].to_vec(),
                length: word(at + 24) as usize,
                flags: word(options + 4),
            });
        }
        at += bytes;
    }
    packets
}
