//! Names to addresses: numbers, then `/etc/hosts`, then the host's DNS servers.
//!
//! The kernel has no resolver, and there is no libc in the process. Each server of `/etc/resolv.conf` is asked
//! over UDP, in order, twice; the first definite answer counts.

use crate::HostSockets;
use crate::host_files::{load, look_up, name_servers};
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use kit_iface_irq::Irq;
use kit_iface_net::{Family, Kind, Net, NetError, Observer};
use kit_iface_sched::{wait, wake};
use kit_util_dns::{Answer, Question, Record};
use kit_util_linux::fill_random;

/// Largest message over UDP without extensions (RFC 1035, 2.3.4).
const MESSAGE_BYTES: usize = 512;
const ROUNDS: u32 = 2;
const PATIENCE_NS: u64 = 3_000_000_000;

pub(crate) fn resolve<I: Irq>(
    net: &HostSockets<I>,
    name: &str,
    found: &mut dyn FnMut(IpAddr),
) -> Result<(), NetError> {
    if let Ok(address) = name.parse() {
        found(address);
        return Ok(());
    }
    let mut addresses = Vec::new();
    look_up(&load(c"/etc/hosts"), name, &mut |address| addresses.push(address));
    let result = if addresses.is_empty() { ask_servers(net, name, &mut addresses) } else { Ok(()) };
    for is_v4 in [true, false] {
        addresses.iter().filter(|address| address.is_ipv4() == is_v4).for_each(|address| found(*address));
    }
    if addresses.is_empty() { Err(result.err().unwrap_or(NetError::NameNotFound)) } else { Ok(()) }
}

/// Asks for both kinds of address. An error means that nobody gave a definite answer about either.
fn ask_servers<I: Irq>(
    net: &HostSockets<I>,
    name: &str,
    addresses: &mut Vec<IpAddr>,
) -> Result<(), NetError> {
    let mut servers: Vec<IpAddr> = name_servers(&load(c"/etc/resolv.conf")).collect();
    if servers.is_empty() {
        // As resolv.conf(5) says.
        servers.push(Ipv4Addr::LOCALHOST.into());
    }
    let mut result = Err(NetError::TimedOut);
    for record in [Record::A, Record::Aaaa] {
        let tries = core::iter::repeat_n(&servers, ROUNDS as usize).flatten();
        for server in tries {
            match ask(net, *server, name, record, addresses) {
                Ok(Answer::Addresses(_)) => {
                    result = Ok(());
                    break;
                }
                Ok(Answer::NoSuchName) => return Err(NetError::NameNotFound),
                Err(NetError::NameNotFound) => return Err(NetError::NameNotFound),
                Ok(Answer::ServerFailed) => result = result.or(Err(NetError::TimedOut)),
                Err(error) => result = result.or(Err(error)),
            }
        }
    }
    result
}

/// One question to one server. The socket is connected, so the kernel drops what others send; identity and
/// port are random (RFC 5452).
fn ask<I: Irq>(
    net: &HostSockets<I>,
    server: IpAddr,
    name: &str,
    record: Record,
    addresses: &mut Vec<IpAddr>,
) -> Result<Answer, NetError> {
    let mut id = [0; 2];
    fill_random(&mut id).map_err(|_| NetError::Down)?;
    let question = Question::new(u16::from_ne_bytes(id), name, record).ok_or(NetError::NameNotFound)?;
    let family = if server.is_ipv4() { Family::V4 } else { Family::V6 };
    let key = addresses as *const _ as usize;
    let observer = Observer { function: |key, _| _ = wake(key, usize::MAX), data: key };
    let socket = net.open(Kind::Datagram, family, observer)?;
    let answer = net
        .connect(socket, SocketAddr::new(server, kit_util_dns::PORT))
        .and_then(|()| net.send(socket, question.bytes(), None))
        .and_then(|_| await_answer(net, socket, &question, key, addresses));
    net.close(socket);
    answer
}

fn await_answer<I: Irq>(
    net: &HostSockets<I>,
    socket: crate::Socket,
    question: &Question,
    key: usize,
    addresses: &mut Vec<IpAddr>,
) -> Result<Answer, NetError> {
    let deadline_ns = kit_iface_clock::monotonic_ns() + PATIENCE_NS;
    let mut reply = [0; MESSAGE_BYTES];
    loop {
        match net.receive(socket, &mut reply, false) {
            Ok((length, _)) => {
                let answer = question.answer(&reply[..length], &mut |address| addresses.push(address));
                if let Some(answer) = answer {
                    return Ok(answer);
                }
            }
            Err(NetError::WouldBlock) => {
                if kit_iface_clock::monotonic_ns() >= deadline_ns {
                    return Err(NetError::TimedOut);
                }
                let is_silent = || !net.readiness(socket).intersects(kit_iface_net::Readiness::READABLE);
                wait(key, deadline_ns, is_silent);
            }
            Err(error) => return Err(error),
        }
    }
}
