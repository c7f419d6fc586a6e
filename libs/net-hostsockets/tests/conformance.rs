//! The slot's suite over the host's loopback interface.

use kit_iface_net::{Family, Kind, Net, NetError, Observer, Readiness, Shutdown};
use kit_iface_sched::{wait, wake};
use kit_net_hostsockets::HostSockets;
use kit_util_host_test::descriptors::PumpIrq;
use std::net::SocketAddr;

kit_util_host_test::bind!();

static IRQ: PumpIrq = PumpIrq;
static NET: HostSockets<PumpIrq> = HostSockets::new(&IRQ);

#[test]
fn suite() {
    kit_iface_net::conformance::check_all(&kit_iface_net::conformance::Pair {
        server: &NET,
        client: &NET,
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        bulk_bytes: 8 << 20,
        first_port: 24_800,
    });
}

const ANY: &str = "127.0.0.1:0";

fn observer() -> Observer {
    Observer { function: |_, _| _ = wake(1, usize::MAX), data: 0 }
}

/// Repeats `call` until it does not say `WouldBlock`; a missed event fails by the deadline.
fn block<R>(
    socket: kit_net_hostsockets::Socket,
    want: Readiness,
    mut call: impl FnMut() -> Result<R, NetError>,
) -> R {
    let deadline = kit_iface_clock::monotonic_ns() + 5_000_000_000;
    loop {
        match call() {
            Err(NetError::WouldBlock) => {
                wait(1, deadline, || !NET.readiness(socket).intersects(want));
                assert!(kit_iface_clock::monotonic_ns() < deadline, "no event came");
            }
            result => return result.unwrap(),
        }
    }
}

#[test]
fn a_stream_carries_a_megabyte_both_ways() {
    let listener = NET.open(Kind::Stream, Family::V4, observer()).unwrap();
    NET.bind(listener, ANY.parse().unwrap()).unwrap();
    NET.listen(listener, 4).unwrap();
    let address = NET.local_address(listener).unwrap();
    let client = NET.open(Kind::Stream, Family::V4, observer()).unwrap();
    assert!(matches!(NET.connect(client, address), Ok(()) | Err(NetError::InProgress)));
    let (server, peer) = block(listener, Readiness::READABLE, || NET.accept(listener, observer()));
    assert_eq!(peer, NET.local_address(client).unwrap());
    let echo = std::thread::spawn(move || {
        let mut buffer = vec![0; 5000];
        loop {
            let (count, _) = block(server, Readiness::READABLE, || NET.receive(server, &mut buffer, false));
            if count == 0 {
                break NET.close(server);
            }
            let mut sent = 0;
            while sent < count {
                sent += block(server, Readiness::WRITABLE, || NET.send(server, &buffer[sent..count], None));
            }
        }
    });
    let data: Vec<u8> = (0..1 << 20).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let (expected, mut sent) = (data.clone(), 0);
    let writer = std::thread::spawn(move || {
        while sent < data.len() {
            sent += block(client, Readiness::WRITABLE, || NET.send(client, &data[sent..], None));
        }
        NET.shutdown(client, Shutdown::Write).unwrap();
    });
    let (mut got, mut buffer) = (Vec::new(), vec![0; 7000]);
    loop {
        let (count, _) = block(client, Readiness::READABLE, || NET.receive(client, &mut buffer, false));
        got.extend_from_slice(&buffer[..count]);
        if count == 0 {
            break;
        }
    }
    assert!(got == expected, "{} bytes came back", got.len());
    writer.join().unwrap();
    echo.join().unwrap();
    NET.close(client);
    NET.close(listener);
}

#[test]
fn a_refused_connection_is_an_error_that_is_told_once() {
    let unused = std::net::TcpListener::bind(ANY).unwrap().local_addr().unwrap();
    let client = NET.open(Kind::Stream, Family::V4, observer()).unwrap();
    let error = match NET.connect(client, unused) {
        Err(NetError::InProgress) => {
            let deadline = kit_iface_clock::monotonic_ns() + 5_000_000_000;
            wait(1, deadline, || !NET.readiness(client).intersects(Readiness::ERROR));
            NET.take_error(client)
        }
        result => result.err(),
    };
    assert_eq!(error, Some(NetError::Refused));
    assert_eq!(NET.take_error(client), None);
    NET.close(client);
}

#[test]
fn names_are_resolved_from_numbers_and_the_hosts_file() {
    let resolve = |name: &str| {
        let mut all = Vec::new();
        NET.resolve(name, &mut |address| all.push(address)).map(|()| all)
    };
    assert_eq!(resolve("::1").unwrap(), ["::1".parse::<std::net::IpAddr>().unwrap()]);
    assert!(resolve("localhost").unwrap().contains(&"127.0.0.1".parse().unwrap()));
    assert_eq!(resolve("a..b"), Err(NetError::NameNotFound));
    assert_eq!(resolve(""), Err(NetError::NameNotFound));
}

#[test]
fn datagrams_keep_their_sender() {
    let [a, b] = [0; 2].map(|_| NET.open(Kind::Datagram, Family::V4, observer()).unwrap());
    let bound: Vec<SocketAddr> = [a, b]
        .map(|socket| {
            NET.bind(socket, ANY.parse().unwrap()).unwrap();
            NET.local_address(socket).unwrap()
        })
        .into();
    assert_eq!(NET.send(a, b"one", Some(bound[1])), Ok(3));
    let mut buffer = [0; 8];
    let (count, sender) = block(b, Readiness::READABLE, || NET.receive(b, &mut buffer, false));
    assert_eq!((&buffer[..count], sender), (&b"one"[..], bound[0]));
    [a, b].into_iter().for_each(|socket| NET.close(socket));
}
