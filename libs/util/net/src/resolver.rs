//! Names to addresses: a stub resolver (RFC 1123, 6.1.3.1) over a stack's own datagram sockets.
//!
//! Asks for IPv4 and IPv6 at once, from a fresh random port and with fresh random identifiers each time
//! (RFC 5452), each server in turn, four times. Everything lies on the stack of the thread that asks.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_net::{Family, Kind, Net, NetError, Observer};
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
/// Name servers that a stack knows of; resolv.conf(5) has as many.
pub const MOST_SERVERS: usize = 3;
/// Addresses of one name that are told.
const MOST_ADDRESSES: usize = 32;

/// The name servers of a stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameServers {
    /// Whom to ask, the first first; `None` after the last.
    pub servers: [Option<IpAddr>; MOST_SERVERS],
    /// Others may become known: the network is still being configured.
    pub is_waiting: bool,
}

/// What a stack tells the resolver.
pub trait Resolves: Net {
    /// Whom to ask. Brings the stack up. [`NEWS`] is told when the answer changes.
    fn name_servers(&self) -> Result<NameServers, NetError>;
    /// 64 bits that nobody can guess.
    fn random(&self) -> u64;
}

/// Counts what resolving threads may be waiting for. One for all: they are few, and look for themselves.
pub struct News(AtomicU32);

/// See [`News`].
pub static NEWS: News = News(AtomicU32::new(0));

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

/// See [`Net::resolve`].
pub fn resolve<N: Resolves>(net: &N, name: &str, found: &mut dyn FnMut(IpAddr)) -> Result<(), NetError> {
    if let Ok(address) = name.parse() {
        found(address);
        return Ok(());
    }
    if is_localhost(name.strip_suffix('.').unwrap_or(name)) {
        found(Ipv4Addr::LOCALHOST.into());
        found(Ipv6Addr::LOCALHOST.into());
        return Ok(());
    }
    let known = servers(net)?;
    let servers = known.iter().flatten();
    let count = servers.clone().count();
    let mut search = Search {
        name,
        addresses: [Ipv4Addr::UNSPECIFIED.into(); MOST_ADDRESSES],
        count: 0,
        is_missing: false,
    };
    let mut outcome = Err(NetError::Unreachable);
    for (attempt, server) in servers.cycle().take(ATTEMPTS).enumerate() {
        let patience_ns = SECOND_NS << (attempt / count).min(2);
        outcome = search.ask(net, *server, monotonic_ns() + patience_ns);
        if outcome != Err(NetError::TimedOut) {
            break;
        }
    }
    outcome?;
    let addresses = &search.addresses[..search.count];
    for is_ipv4 in [true, false] {
        addresses.iter().filter(|address| address.is_ipv4() == is_ipv4).for_each(|address| found(*address));
    }
    Ok(())
}

/// RFC 6761, 6.3: `localhost` and what ends in it.
fn is_localhost(name: &str) -> bool {
    const LOCALHOST: &[u8] = b"localhost";
    let Some((front, end)) = name.len().checked_sub(LOCALHOST.len()).map(|at| name.as_bytes().split_at(at))
    else {
        return false;
    };
    end.eq_ignore_ascii_case(LOCALHOST) && (front.is_empty() || front.ends_with(b"."))
}

/// The name servers, once the network is configured.
fn servers<N: Resolves>(net: &N) -> Result<[Option<IpAddr>; MOST_SERVERS], NetError> {
    let deadline_ns = monotonic_ns() + CONFIGURATION_NS;
    loop {
        let seen = NEWS.count();
        let NameServers { servers, is_waiting } = net.name_servers()?;
        if !is_waiting || monotonic_ns() >= deadline_ns {
            return Ok(servers);
        }
        NEWS.wait(seen, deadline_ns);
    }
}

struct Search<'a> {
    name: &'a str,
    addresses: [IpAddr; MOST_ADDRESSES],
    count: usize,
    is_missing: bool,
}

struct Asked {
    question: Question,
    is_open: bool,
}

impl Search<'_> {
    /// Asks one server once.
    fn ask<N: Resolves>(&mut self, net: &N, server: IpAddr, deadline_ns: u64) -> Result<(), NetError> {
        let family = if server.is_ipv4() { Family::V4 } else { Family::V6 };
        let observer = Observer { function: |_, _| NEWS.tell(), data: 0 };
        let socket = net.open(Kind::Datagram, family, observer)?;
        let outcome = self.ask_on(net, socket, SocketAddr::new(server, kit_util_dns::PORT), deadline_ns);
        net.close(socket);
        outcome
    }

    fn ask_on<N: Resolves>(
        &mut self,
        net: &N,
        socket: N::Socket,
        server: SocketAddr,
        mut deadline_ns: u64,
    ) -> Result<(), NetError> {
        // A connected socket hears nobody else.
        net.connect(socket, server)?;
        let ids = net.random();
        let question = |record, id| {
            let question = Question::new(id, self.name, record).ok_or(NetError::NameNotFound)?;
            Ok::<_, NetError>(Asked { question, is_open: true })
        };
        let mut questions = [question(Record::A, ids as u16)?, question(Record::Aaaa, (ids >> 16) as u16)?];
        for asked in &questions {
            loop {
                let seen = NEWS.count();
                match net.send(socket, asked.question.bytes(), None) {
                    Ok(_) => break,
                    Err(NetError::WouldBlock) if monotonic_ns() < deadline_ns => NEWS.wait(seen, deadline_ns),
                    Err(NetError::WouldBlock) => return Err(NetError::TimedOut),
                    Err(error) => return Err(error),
                }
            }
        }
        let mut buffer = [0; MESSAGE_BYTES];
        loop {
            let seen = NEWS.count();
            match net.receive(socket, &mut buffer, false) {
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
        match (self.count, questions.iter().any(|asked| asked.is_open)) {
            (1.., _) => Ok(()),
            (0, true) if !self.is_missing => Err(NetError::TimedOut),
            (0, _) => Err(NetError::NameNotFound),
        }
    }

    fn hear(&mut self, questions: &mut [Asked], message: &[u8]) {
        let (addresses, count) = (&mut self.addresses, &mut self.count);
        let mut keep = |address| {
            if let Some(place) = addresses.get_mut(*count) {
                *place = address;
                *count += 1;
            }
        };
        for asked in questions.iter_mut().filter(|asked| asked.is_open) {
            match asked.question.answer(message, &mut keep) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_has_many_names() {
        for name in ["localhost", "LocalHost", "app.localhost", "a.b.LOCALHOST"] {
            assert!(is_localhost(name), "{name}");
        }
        for name in ["", "host", "mylocalhost", "localhost.org"] {
            assert!(!is_localhost(name), "{name}");
        }
    }
}
