//! What strangers and mistakes can do to the network stacks: full tables, storms of packets. A clean error or a lost
//! packet is right; a hang, a panic or a server that is deaf afterwards is not.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use kit_iface_net::conformance::wire::Frame;
use kit_tests::image::{Boot, Machine, boot};
use kit_tests::lan::Lan;
use kit_tests::variant;

kit_util_host_test::bind!();

const APP: &str = "tests/apps/net-workloads";
const LIMIT: Duration = Duration::from_secs(60);

/// The app with these options.
fn image(name: &str, config: &str) -> Boot {
    let app = variant::of(APP, &format!("net-{name}"), &format!("[config]\n{config}\n"));
    boot(&app, Machine::Microvm)
}

fn udp_mini() -> Boot {
    image("udp-mini", "NET_UDP_MINI = true")
}

fn few_sockets() -> Boot {
    image("few", "NET_SMOLTCP = true\nNET_SOCKETS = 24\nNET_TIME_WAIT = 4")
}

/// Frames of every kind that a stranger on the wire can send, `count` of them, as fast as the host lets.
fn storm(lan: &Lan, count: u32, seed: u64) {
    println!("storm: seed {seed}");
    let mut state = seed;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as u32
    };
    for number in 0..count {
        let (one, other) = (random() as u16 | 1, random() as u16 | 1);
        let data: Vec<u8> = (0..random() % 600).map(|at| (at * 7 + number) as u8).collect();
        let frame = match number % 8 {
            0 => Frame { bytes: (0..14 + random() % 200).map(|_| random() as u8).collect() },
            1 => Frame::udp(&lan.wire, one, other, &data),
            2 | 3 => Frame::tcp(&lan.wire, one, 8080, 0x02, random(), 0, b""),
            4 => Frame::tcp(&lan.wire, one, other, random() as u8 & 0x3f, random(), random(), &data),
            5 => Frame::arp_request(&lan.wire),
            6 => Frame::echo(&lan.wire, one, other, &data),
            _ => Frame::udp(&lan.wire, one, 8080, &data),
        };
        lan.send(&frame.bytes);
        if number.is_multiple_of(64) {
            // So that the machine sees most of it: the host's socket has few places.
            std::thread::sleep(Duration::from_millis(2));
            lan.forget();
        }
    }
}

#[test]
fn a_request_is_answered_after_a_packet_storm() {
    let mut lan = Lan::boot(&boot("examples/http-min", Machine::Microvm).variable("PORT", "8080"), LIMIT);
    let ask = |lan: &Lan, port| {
        let answer = lan.ask(port, b"GET / HTTP/1.1\r\nHost: kit\r\n\r\n", Duration::from_secs(45));
        let answer = answer.unwrap_or_else(|| panic!("no answer on port {port}"));
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    };
    ask(&lan, 40_000);
    storm(&lan, 20_000, 1);
    lan.forget();
    ask(&lan, 40_001);
    assert!(lan.process.is_running());
}

#[test]
fn a_datagram_is_answered_after_a_packet_storm() {
    let boot = udp_mini().variable("PORT", "8080").arguments(["udp-server"]);
    let mut lan = Lan::boot(&boot, LIMIT);
    let ask = |lan: &Lan, word: &[u8]| {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(20) {
            lan.send(&Frame::udp(&lan.wire, 777, 8080, word).bytes);
            let answer = lan.next(Duration::from_secs(1), |packet| {
                let (8080, 777, payload) = packet.udp()? else { return None };
                Some(payload.to_vec())
            });
            if answer.as_deref() == Some(word) {
                return;
            }
        }
        panic!("no answer");
    };
    ask(&lan, b"before");
    storm(&lan, 20_000, 2);
    lan.forget();
    ask(&lan, b"after");
    assert!(lan.process.is_running());
}

#[test]
fn sockets_run_out_and_come_back() {
    for boot in [udp_mini(), few_sockets()] {
        let output = boot.arguments(["fill"]).run().expect_code(0);
        assert!(output.stdout.contains("fill: all right"), "{}", output.transcript());
        assert!(output.stdout.contains("No buffer space available"), "{}", output.transcript());
    }
}

/// More clients than sockets: those that there is room for are served, and when they leave, others are.
#[test]
fn connections_run_out_and_come_back() {
    let server = few_sockets().arguments(["tcp-server"]).serve();
    let echo = |stream: &mut TcpStream| {
        let mut byte = [0];
        stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a time-out");
        stream.write_all(b"x").is_ok() && stream.read_exact(&mut byte).is_ok()
    };
    let mut clients = Vec::new();
    let mut served = 0;
    for _ in 0..36 {
        let Ok(mut stream) = TcpStream::connect(server.address) else { continue };
        served += u32::from(echo(&mut stream));
        clients.push(stream);
    }
    println!("{served} of {} are served at a time", clients.len());
    assert!((8..24).contains(&served), "{served} connections with 24 sockets");
    drop(clients);
    let begin = Instant::now();
    while !TcpStream::connect(server.address).is_ok_and(|mut stream| echo(&mut stream)) {
        assert!(begin.elapsed() < Duration::from_secs(40), "nobody is served any more");
    }
}
