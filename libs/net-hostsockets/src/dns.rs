//! DNS messages: just enough to ask for the addresses of a name (RFC 1035, section 4; RFC 3596).

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Largest message over UDP without extensions (RFC 1035, 2.3.4).
pub(crate) const MOST_BYTES: usize = 512;

const HEADER_BYTES: usize = 12;
const CLASS_INTERNET: u16 = 1;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// IPv4 addresses.
    A = 1,
    /// IPv6 addresses.
    Aaaa = 28,
}

/// What a server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The name exists, with this many addresses of the kind; maybe none.
    Addresses(usize),
    /// The name does not exist.
    NoSuchName,
    /// The server cannot or will not say: another may.
    ServerFailed,
}

/// A question for `name`, recursion desired. `None` if the name cannot exist: an empty or overlong label
/// (63 bytes), or an overlong name (253 bytes).
pub(crate) fn question(id: u16, name: &str, record: Record) -> Option<Vec<u8>> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.len() > 253 {
        return None;
    }
    let mut message = Vec::with_capacity(HEADER_BYTES + name.len() + 6);
    message.extend_from_slice(&id.to_be_bytes());
    // Flags: recursion desired. One question, no records.
    message.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        message.push(length);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    message.extend_from_slice(&(record as u16).to_be_bytes());
    message.extend_from_slice(&CLASS_INTERNET.to_be_bytes());
    Some(message)
}

/// Reads a reply to `question`, calling `found` for each address. `None` if it is not a reply to it at all, but
/// a stray, forged or broken message: keep waiting. Addresses of aliases (CNAME) count, because the server has
/// followed them on our behalf.
pub(crate) fn answer(question: &[u8], reply: &[u8], found: &mut dyn FnMut(IpAddr)) -> Option<Answer> {
    const IS_REPLY: u8 = 0x80;
    let mut reader = Reader { bytes: reply, at: 0 };
    let is_ours = reader.take(2)? == &question[..2];
    let flags = reader.take(2)?;
    let counts = [reader.word()?, reader.word()?];
    reader.at = HEADER_BYTES;
    // Servers may change the case of the name that they repeat.
    let is_same = reader.take(question.len() - HEADER_BYTES)?.eq_ignore_ascii_case(&question[HEADER_BYTES..]);
    if !is_ours || flags[0] & IS_REPLY == 0 || counts[0] != 1 || !is_same {
        return None;
    }
    match flags[1] & 15 {
        0 => {}
        3 => return Some(Answer::NoSuchName),
        _ => return Some(Answer::ServerFailed),
    }
    let wanted = u16::from_be_bytes([question[question.len() - 4], question[question.len() - 3]]);
    let mut addresses = 0;
    for _ in 0..counts[1] {
        // A cut message (flag TC) ends in the middle of a record: what came before is good.
        let Some((kind, data)) = record(&mut reader) else { break };
        if kind == wanted
            && let Some(address) = address(data)
        {
            found(address);
            addresses += 1;
        }
    }
    Some(Answer::Addresses(addresses))
}

/// The kind and data of the next resource record, if it is of the internet class.
fn record<'a>(reader: &mut Reader<'a>) -> Option<(u16, &'a [u8])> {
    reader.skip_name()?;
    let (kind, class) = (reader.word()?, reader.word()?);
    let _time_to_live = reader.take(4)?;
    let length = reader.word()?;
    let data = reader.take(length.into())?;
    Some((if class == CLASS_INTERNET { kind } else { 0 }, data))
}

fn address(data: &[u8]) -> Option<IpAddr> {
    match data.len() {
        4 => <[u8; 4]>::try_from(data).ok().map(|octets| Ipv4Addr::from(octets).into()),
        16 => <[u8; 16]>::try_from(data).ok().map(|octets| Ipv6Addr::from(octets).into()),
        _ => None,
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at + count)?;
        self.at += count;
        Some(taken)
    }

    fn word(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// Labels up to a zero or to a pointer (RFC 1035, 4.1.4), which ends a name and need not be followed.
    fn skip_name(&mut self) -> Option<()> {
        loop {
            match self.take(1)?[0] {
                0 => return Some(()),
                length @ 1..=63 => _ = self.take(length.into())?,
                192.. => return self.take(1).map(drop),
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u8, records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = question(7, "Www.Example.org", Record::A).unwrap();
        message[2] = 0x81;
        message[3] = 0x80 | code;
        message[7] = records.len() as u8;
        for (kind, data) in records {
            message.extend_from_slice(&[0xc0, 12]);
            message.extend_from_slice(&kind.to_be_bytes());
            message.extend_from_slice(&[0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
            message.extend_from_slice(data);
        }
        message
    }

    fn ask(reply: &[u8]) -> (Option<Answer>, Vec<IpAddr>) {
        let question = question(7, "www.example.org", Record::A).unwrap();
        let mut all = Vec::new();
        (answer(&question, reply, &mut |address| all.push(address)), all)
    }

    #[test]
    fn aliases_are_passed_over_and_addresses_found() {
        let reply = reply(0, &[(5, &[1, b'x', 0xc0, 16]), (1, &[10, 0, 0, 1]), (1, &[10, 0, 0, 2])]);
        let expected: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        assert_eq!(ask(&reply), (Some(Answer::Addresses(2)), expected.into()));
    }

    #[test]
    fn refusals_are_told_apart() {
        assert_eq!(ask(&reply(3, &[])).0, Some(Answer::NoSuchName));
        assert_eq!(ask(&reply(2, &[])).0, Some(Answer::ServerFailed));
        assert_eq!(ask(&reply(0, &[])).0, Some(Answer::Addresses(0)));
    }

    #[test]
    fn strays_are_not_answers() {
        let good = reply(0, &[(1, &[10, 0, 0, 1])]);
        for (at, value) in [(0, 1), (2, 1), (13, b'z'), (5, 2)] {
            let mut stray = good.clone();
            stray[at] = value;
            assert_eq!(ask(&stray).0, None, "byte {at}");
        }
        let echo = question(7, "www.example.org", Record::A).unwrap();
        assert_eq!(ask(&echo).0, None, "a question is no answer");
    }

    #[test]
    fn no_cut_message_panics() {
        let good = reply(0, &[(1, &[10, 0, 0, 1]), (1, &[10, 0, 0, 2])]);
        for length in 0..good.len() {
            let (answer, addresses) = ask(&good[..length]);
            assert!(addresses.len() < 2 && answer != Some(Answer::Addresses(2)));
        }
    }

    #[test]
    fn impossible_names_are_not_asked_for() {
        let long = "a".repeat(64);
        for name in ["", ".", "a..b", ".a", long.as_str(), "abc.".repeat(64).as_str()] {
            assert_eq!(question(0, name, Record::A), None, "{name}");
        }
        assert!(question(0, "a.b.", Record::Aaaa).is_some());
    }
}
