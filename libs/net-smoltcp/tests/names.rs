//! Names are resolved over the stack, against a name server on the other end of the wire.

mod common;

use common::{addresses, config, ip, wired};
use kit_iface_net::{Family, Kind, Net, NetError, Observer};
use kit_net_smoltcp::Config;
use std::net::IpAddr;

kit_util_host_test::bind!();

const A: u16 = 1;
const AAAA: u16 = 28;

/// Answers questions as a name server would, for ever.
fn serve(stack: &'static impl Net) {
    let silent = Observer { function: |_, _| (), data: 0 };
    let socket = stack.open(Kind::Datagram, Family::V4, silent).unwrap();
    stack.bind(socket, "0.0.0.0:53".parse().unwrap()).unwrap();
    let mut buffer = [0; 512];
    loop {
        match stack.receive(socket, &mut buffer, false) {
            Ok((bytes, from)) => {
                if let Some(answer) = answer(&buffer[..bytes]) {
                    stack.send(socket, &answer, Some(from)).unwrap();
                }
            }
            Err(NetError::WouldBlock) => std::thread::sleep(std::time::Duration::from_millis(1)),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn answer(question: &[u8]) -> Option<Vec<u8>> {
    let name = &question[12..question.len() - 4];
    let kind = u16::from_be_bytes([question[question.len() - 4], question[question.len() - 3]]);
    let (code, records): (u8, &[&[u8]]) = match (name, kind) {
        (b"\x04both\x04test\0", A) => (0, &[&[10, 9, 8, 7], &[10, 9, 8, 6]]),
        (b"\x04both\x04test\0", AAAA) => (0, &[&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]),
        (b"\x02v4\x04test\0", A) => (0, &[&[10, 9, 8, 5]]),
        (b"\x02v4\x04test\0", _) => (0, &[]),
        (b"\x06broken\x04test\0", _) => (2, &[]),
        (b"\x06silent\x04test\0", _) => return None,
        _ => (3, &[]),
    };
    let mut message = question.to_vec();
    (message[2], message[3], message[7]) = (0x81, 0x80 | code, records.len() as u8);
    for data in records {
        message.extend([0xc0, 12]);
        message.extend(kind.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 9, 0, data.len() as u8]);
        message.extend(*data);
    }
    Some(message)
}

#[test]
fn names_are_found_or_not() {
    kit_util_host_test::set_clock_speed(10);
    const CLIENT: Config =
        Config { addresses: addresses("10.0.0.2/24", "10.0.0.1"), ..config("10.0.0.2/24") };
    let ((server, _), (client, _)) = wired!(config("10.0.0.1/24"), CLIENT);
    std::thread::spawn(|| serve(server));
    let resolve = |name: &str| {
        let mut all: Vec<IpAddr> = Vec::new();
        client.resolve(name, &mut |address| all.push(address)).map(|()| all)
    };
    assert_eq!(resolve("both.test"), Ok(vec![ip("10.9.8.7"), ip("10.9.8.6"), ip("fd00::1")]));
    assert_eq!(resolve("v4.test."), Ok(vec![ip("10.9.8.5")]));
    assert_eq!(resolve("nobody.test"), Err(NetError::NameNotFound));
    assert_eq!(resolve("not a.host..name"), Err(NetError::NameNotFound));
    assert_eq!(resolve("broken.test"), Err(NetError::TimedOut));
    assert_eq!(resolve("silent.test"), Err(NetError::TimedOut));
    assert_eq!(resolve("app.localhost"), Ok(vec![ip("127.0.0.1"), ip("::1")]));
}

#[test]
fn without_a_name_server_nothing_is_found() {
    let (_, (client, _)) = wired!(config("10.0.1.1/24"), config("10.0.1.2/24"));
    assert_eq!(client.resolve("both.test", &mut |_| ()), Err(NetError::Unreachable));
}
