//! Names to addresses: a stub resolver (RFC 1123, 6.1.3.1) over the stack's own datagram sockets.
//!
//! Asks for IPv4 and IPv6 at once, from a fresh random port and with fresh random identifiers each time
//! (RFC 5452), each server in turn, four times.

use crate::engine::Core;
use crate::slot::Socket;
use crate::stack::Stack;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_net::{Family, Kind, Net, NetError, Observer};
use kit_iface_netdev::NetDevice;
use kit_iface_sched::{wait, wake};
use kit_util_dns::{Answer, Question, Record};

const ATTEMPTS: usize = 4;
const SECOND_NS: u64 = 1_000_000_000;
/// How long a name waits for the network to be configured.
const CONFIGURATION_NS: u64 = 10 * SECOND_NS;
/// How long the second answer may take once the first is there.
const LATE_ANSWER_NS: u64 = SECOND_NS / 2;
/// RFC 1035, 4.2.1: what fits a datagram without EDNS, and some servers' slack.
const MESSAGE_BYTES: usize = 1232;

/// Counts what resolving threads may be waiting for. One for all: they are few, and look for themselves.
pub(crate) struct News(AtomicU32);

/// See [`News`].
pub(crate) static NEWS: News = News(AtomicU32::new(0));

impl News {
    /// Something has happened.
    pub fn tell(&self) {
        self.0.fetch_add(1, Ordering::Release);
        wake(self.0.as_ptr() as usize, usize::MAX);
    }

    fn count(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    /// Sleeps until something has happened since `seen`, or `deadline_ns`.
    fn wait(&self, seen: u32, deadline_ns: u64) {
        wait(self.0.as_ptr() as usize, deadline_ns, || self.count() == seen);
    }
}

/// See `Net::resolve`.
pub(crate) fn resolve<D: NetDevice>(
    stack: &Stack<D>,
    name: &str,
    found: &mut dyn FnMut(IpAddr),
) -> Result<(), NetError> {
    if let Ok(address) = name.parse() {
        found(address);
        return Ok(());
    }
    // RFC 6761, 6.3.
    let plain = name.strip_suffix('.').unwrap_or(name);
    if plain.eq_ignore_ascii_case("localhost") || plain.to_ascii_lowercase().ends_with(".localhost") {
        found(Ipv4Addr::LOCALHOST.into());
        found(Ipv6Addr::LOCALHOST.into());
        return Ok(());
    }
    let servers = servers(stack)?;
    let mut search = Search { name, addresses: Vec::new(), is_missing: false };
    let mut outcome = Err(NetError::TimedOut);
    for attempt in 0..ATTEMPTS {
        let Some(server) = servers.get(attempt % servers.len().max(1)) else {
            return Err(NetError::Unreachable);
        };
        let patience_ns = SECOND_NS << (attempt / servers.len()).min(2);
        outcome = search.ask(stack, *server, monotonic_ns() + patience_ns);
        if outcome != Err(NetError::TimedOut) {
            break;
        }
    }
    outcome?;
    search.addresses.sort_by_key(IpAddr::is_ipv6);
    search.addresses.into_iter().for_each(found);
    Ok(())
}

/// The name servers, once the network is configured.
fn servers<D: NetDevice>(stack: &Stack<D>) -> Result<Vec<IpAddr>, NetError> {
    let shared = stack.started()?;
    let deadline_ns = monotonic_ns() + CONFIGURATION_NS;
    loop {
        let seen = NEWS.count();
        let (servers, is_waiting) =
            shared.with(|core| (core.autoconfig.name_servers.clone(), core.links.awaits_address));
        if !is_waiting || monotonic_ns() >= deadline_ns {
            return if servers.is_empty() { Err(NetError::Unreachable) } else { Ok(servers) };
        }
        NEWS.wait(seen, deadline_ns);
    }
}

struct Search<'a> {
    name: &'a str,
    addresses: Vec<IpAddr>,
    is_missing: bool,
}

struct Asked {
    question: Question,
    is_open: bool,
}

impl Search<'_> {
    /// Asks one server once.
    fn ask<D: NetDevice>(
        &mut self,
        stack: &Stack<D>,
        server: IpAddr,
        deadline_ns: u64,
    ) -> Result<(), NetError> {
        let family = if server.is_ipv4() { Family::V4 } else { Family::V6 };
        let observer = Observer { function: |_, _| NEWS.tell(), data: 0 };
        let socket = stack.open(Kind::Datagram, family, observer)?;
        let outcome = self.ask_on(stack, socket, SocketAddr::new(server, kit_util_dns::PORT), deadline_ns);
        stack.close(socket);
        outcome
    }

    fn ask_on<D: NetDevice>(
        &mut self,
        stack: &Stack<D>,
        socket: Socket,
        server: SocketAddr,
        mut deadline_ns: u64,
    ) -> Result<(), NetError> {
        // A connected socket hears nobody else.
        stack.connect(socket, server)?;
        let ids = stack.running()?.with(|core: &mut Core<D>| core.random.next());
        let mut questions = Vec::new();
        for (record, id) in [(Record::A, ids as u16), (Record::Aaaa, (ids >> 16) as u16)] {
            let question = Question::new(id, self.name, record).ok_or(NetError::NameNotFound)?;
            questions.push(Asked { question, is_open: true });
        }
        for asked in &questions {
            stack.send(socket, asked.question.bytes(), None)?;
        }
        let mut buffer = alloc::vec![0; MESSAGE_BYTES];
        loop {
            let seen = NEWS.count();
            match stack.receive(socket, &mut buffer, false) {
                Ok((bytes, _)) => self.hear(&mut questions, &buffer[..bytes]),
                Err(NetError::WouldBlock) if monotonic_ns() < deadline_ns => NEWS.wait(seen, deadline_ns),
                Err(NetError::WouldBlock | NetError::Refused) => break,
                Err(error) => return Err(error),
            }
            match questions.iter().filter(|asked| asked.is_open).count() {
                0 => break,
                1 => deadline_ns = deadline_ns.min(monotonic_ns() + LATE_ANSWER_NS),
                _ => {}
            }
        }
        match (self.addresses.is_empty(), questions.iter().any(|asked| asked.is_open)) {
            (false, _) => Ok(()),
            (true, true) if !self.is_missing => Err(NetError::TimedOut),
            (true, _) => Err(NetError::NameNotFound),
        }
    }

    fn hear(&mut self, questions: &mut [Asked], message: &[u8]) {
        for asked in questions.iter_mut().filter(|asked| asked.is_open) {
            match asked.question.answer(message, &mut |address| self.addresses.push(address)) {
                None => continue,
                Some(Answer::NoSuchName) => self.is_missing = true,
                // Stays open: the next attempt asks another server.
                Some(Answer::ServerFailed) => return,
                Some(Answer::Addresses(_)) => {}
            }
            asked.is_open = false;
            return;
        }
    }
}
