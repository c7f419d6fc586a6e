//! Reading a reply (RFC 1035, 4.1).
//!
//! The bytes come from anywhere: every length is checked, and the reader only ever goes forward.

use crate::{CLASS_INTERNET, HEADER_BYTES, Question, Record};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const IS_REPLY: u16 = 0x8000;
const CODE_MASK: u16 = 0x000f;
const CODE_NAME_ERROR: u16 = 3;

/// What a server said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The name exists, with this many addresses of the kind; maybe none.
    Addresses(usize),
    /// The name does not exist.
    NoSuchName,
    /// The server cannot or will not say: another may.
    ServerFailed,
}

impl Question {
    /// Reads a reply to this question, calling `found` for each address. `None`, before any call, if it is not a
    /// reply to it at all, but a stray, forged or broken message: keep waiting. Addresses of aliases (CNAME)
    /// count, because the server has followed them on our behalf.
    pub fn answer(&self, reply: &[u8], found: &mut dyn FnMut(IpAddr)) -> Option<Answer> {
        let (our_header, our_question) = self.bytes().split_at(HEADER_BYTES);
        let mut reader = Reader { rest: reply };
        let is_ours = reader.take(2)? == &our_header[..2];
        let [flags, questions, answers, _authorities, _additional] = reader.words()?;
        // Servers may change the case of the name that they repeat.
        let is_same = reader.take(our_question.len())?.eq_ignore_ascii_case(our_question);
        if !is_ours || flags & IS_REPLY == 0 || questions != 1 || !is_same {
            return None;
        }
        match flags & CODE_MASK {
            0 => {}
            CODE_NAME_ERROR => return Some(Answer::NoSuchName),
            _ => return Some(Answer::ServerFailed),
        }
        let mut addresses = 0;
        for _ in 0..answers {
            // A cut message (flag TC) ends in the middle of a record: what came before is good.
            let Some(record) = reader.record() else { break };
            if let Some(address) = self.address(record) {
                found(address);
                addresses += 1;
            }
        }
        Some(Answer::Addresses(addresses))
    }

    fn address(&self, (kind, class, data): (u16, u16, &[u8])) -> Option<IpAddr> {
        if kind != self.record as u16 || class != CLASS_INTERNET {
            return None;
        }
        match self.record {
            Record::A => data.try_into().ok().map(|octets: [u8; 4]| Ipv4Addr::from(octets).into()),
            Record::Aaaa => data.try_into().ok().map(|octets: [u8; 16]| Ipv6Addr::from(octets).into()),
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn words<const N: usize>(&mut self) -> Option<[u16; N]> {
        let (pairs, _) = self.take(2 * N)?.as_chunks();
        Some(core::array::from_fn(|i| u16::from_be_bytes(pairs[i])))
    }

    /// The type, class and data of the next resource record.
    fn record(&mut self) -> Option<(u16, u16, &'a [u8])> {
        self.skip_name()?;
        let [kind, class, _time_to_live_high, _time_to_live_low, length] = self.words()?;
        Some((kind, class, self.take(length.into())?))
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
    use alloc::vec::Vec;

    fn question(record: Record) -> Question {
        Question::new(7, "www.example.org", record).unwrap()
    }

    /// A reply of this code with records of these types and data, to the question in other letters.
    fn reply(record: Record, code: u8, records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = Question::new(7, "Www.Example.org", record).unwrap().bytes().to_vec();
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

    fn read(record: Record, reply: &[u8]) -> (Option<Answer>, Vec<IpAddr>) {
        let mut all = Vec::new();
        (question(record).answer(reply, &mut |address| all.push(address)), all)
    }

    #[test]
    fn addresses_are_found_behind_aliases() {
        let alias: &[u8] = &[1, b'x', 0xc0, 16];
        let records = [(5, alias), (1, &[10, 0, 0, 1]), (28, &[1; 16]), (1, &[10, 0, 0, 2])];
        let v4 = [IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])];
        assert_eq!(read(Record::A, &reply(Record::A, 0, &records)), (Some(Answer::Addresses(2)), v4.into()));
        let v6 = [IpAddr::from([1u8; 16])];
        assert_eq!(
            read(Record::Aaaa, &reply(Record::Aaaa, 0, &records)),
            (Some(Answer::Addresses(1)), v6.into())
        );
    }

    #[test]
    fn only_whole_addresses_of_the_internet_count() {
        let mut message = reply(Record::A, 0, &[(1, &[10, 0, 0]), (1, &[1; 16]), (1, &[10, 0, 0, 1])]);
        assert_eq!(read(Record::A, &message).0, Some(Answer::Addresses(1)));
        // The class is followed by time to live, length and address.
        let class = message.len() - 4 - 2 - 4 - 1;
        message[class] = 3;
        assert_eq!(read(Record::A, &message).0, Some(Answer::Addresses(0)));
    }

    #[test]
    fn refusals_are_told_apart() {
        assert_eq!(read(Record::A, &reply(Record::A, 3, &[])).0, Some(Answer::NoSuchName));
        assert_eq!(read(Record::A, &reply(Record::A, 2, &[])).0, Some(Answer::ServerFailed));
        assert_eq!(read(Record::A, &reply(Record::A, 0, &[])).0, Some(Answer::Addresses(0)));
    }

    #[test]
    fn strays_are_not_answers() {
        let good = reply(Record::A, 0, &[(1, &[10, 0, 0, 1])]);
        for (at, value) in [(0, 1), (2, 1), (13, b'z'), (5, 2)] {
            let mut stray = good.clone();
            stray[at] = value;
            assert_eq!(read(Record::A, &stray), (None, Vec::new()), "byte {at}");
        }
        assert_eq!(read(Record::Aaaa, &good).0, None, "the answer to another question");
        assert_eq!(read(Record::A, question(Record::A).bytes()).0, None, "a question is no answer");
    }

    #[test]
    fn a_message_may_end_anywhere() {
        let good = reply(Record::A, 0, &[(1, &[10, 0, 0, 1]), (1, &[10, 0, 0, 2])]);
        for length in 0..good.len() {
            let (answer, addresses) = read(Record::A, &good[..length]);
            assert!(addresses.len() < 2 && answer != Some(Answer::Addresses(2)));
        }
    }

    #[test]
    fn names_that_point_at_themselves_or_at_nothing_are_passed_over() {
        let good = reply(Record::A, 0, &[(1, &[10, 0, 0, 1])]);
        let owner = question(Record::A).bytes().len();
        for target in [owner as u8, 0, 255] {
            let mut message = good.clone();
            message[owner + 1] = target;
            assert_eq!(read(Record::A, &message).0, Some(Answer::Addresses(1)));
        }
        let mut message = good.clone();
        // Neither a length nor a pointer (RFC 1035, 4.1.4).
        message[owner] = 0x80;
        assert_eq!(read(Record::A, &message).0, Some(Answer::Addresses(0)));
    }
}
