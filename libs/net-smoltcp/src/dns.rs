//! DNS messages (RFC 1035, 4; AAAA: RFC 3596): writing a question, reading its answer.
//!
//! Pure functions over bytes that come from anywhere: every length is checked, and nothing in a message can make
//! the reader go backwards.

use alloc::vec::Vec;
use core::net::IpAddr;

const CLASS_INTERNET: u16 = 1;
const HEADER_BYTES: usize = 12;
const MOST_NAME_BYTES: usize = 255;
const RECURSION_DESIRED: u16 = 0x0100;
const IS_RESPONSE: u16 = 0x8000;
const CODE_MASK: u16 = 0x000f;
const CODE_NAME_ERROR: u16 = 3;

/// Which addresses are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Record {
    /// IPv4.
    A = 1,
    /// IPv6.
    Aaaa = 28,
}

/// What a message says in answer to a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// Something else: another question's answer, or garbage.
    Unrelated,
    /// The server answered; the addresses, if there are any, were handed over.
    Done,
    /// There is no such name.
    NoSuchName,
    /// The server could not answer; another may.
    Failed,
}

/// A question for `name`; `None` if no host can have that name.
pub(crate) fn question(id: u16, name: &str, record: Record) -> Option<Vec<u8>> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let mut message = Vec::with_capacity(HEADER_BYTES + name.len() + 6);
    for half in [id, RECURSION_DESIRED, 1, 0, 0, 0] {
        message.extend_from_slice(&half.to_be_bytes());
    }
    for label in name.split('.') {
        if label.is_empty() || label.len() > 63 {
            return None;
        }
        message.push(label.len() as u8);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    if message.len() - HEADER_BYTES > MOST_NAME_BYTES {
        return None;
    }
    for half in [record as u16, CLASS_INTERNET] {
        message.extend_from_slice(&half.to_be_bytes());
    }
    Some(message)
}

/// Reads `message` as the answer to `question`, and calls `found` for each address.
pub(crate) fn answer(
    question: &[u8],
    record: Record,
    message: &[u8],
    found: &mut dyn FnMut(IpAddr),
) -> Answer {
    let (Some(flags), Some(count)) = (half(message, 2), half(message, 6)) else { return Answer::Unrelated };
    // The same identifier, and the question repeated.
    let is_same = message.get(..2) == question.get(..2)
        && half(message, 4) == Some(1)
        && message
            .get(HEADER_BYTES..question.len())
            .is_some_and(|echo| echo.eq_ignore_ascii_case(&question[HEADER_BYTES..]));
    if flags & IS_RESPONSE == 0 || !is_same {
        return Answer::Unrelated;
    }
    match flags & CODE_MASK {
        0 => {}
        CODE_NAME_ERROR => return Answer::NoSuchName,
        _ => return Answer::Failed,
    }
    let mut at = question.len();
    for _ in 0..count {
        // Aliases (CNAME) come first in the same message; whoever owns the addresses then is the host.
        let Some((data, next, kind)) = resource(message, at) else { break };
        if kind == record as u16 {
            match record {
                Record::A => <[u8; 4]>::try_from(data).into_iter().for_each(|bytes| found(bytes.into())),
                Record::Aaaa => <[u8; 16]>::try_from(data).into_iter().for_each(|bytes| found(bytes.into())),
            }
        }
        at = next;
    }
    Answer::Done
}

/// The resource record at `at`: its data, where the next begins, its type.
fn resource(message: &[u8], at: usize) -> Option<(&[u8], usize, u16)> {
    let at = after_name(message, at)?;
    let kind = half(message, at)?;
    let bytes = usize::from(half(message, at + 8)?);
    let data = message.get(at + 10..at + 10 + bytes)?;
    Some((data, at + 10 + bytes, kind))
}

/// Where the name at `at` ends: after a zero label, or after the first pointer.
fn after_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length if length & 0xc0 == 0xc0 => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
}

fn half(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(question: &[u8], code: u8, records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut message = question.to_vec();
        message[2] |= 0x80;
        message[3] = code;
        message[7] = records.len() as u8;
        for (kind, data) in records {
            message.extend_from_slice(&[0xc0, 12]);
            message.extend_from_slice(&kind.to_be_bytes());
            message.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
            message.extend_from_slice(&(data.len() as u16).to_be_bytes());
            message.extend_from_slice(data);
        }
        message
    }

    fn read(question: &[u8], record: Record, message: &[u8]) -> (Answer, Vec<IpAddr>) {
        let mut all = Vec::new();
        (answer(question, record, message, &mut |address| all.push(address)), all)
    }

    #[test]
    fn a_question_is_what_the_standard_shows() {
        let bytes = question(0x1234, "a.example.", Record::Aaaa).unwrap();
        assert_eq!(bytes, b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x07example\0\0\x1c\0\x01");
        assert_eq!(question(0, "a..b", Record::A), None);
        assert_eq!(question(0, "", Record::A), None);
        assert_eq!(question(0, &"x".repeat(64), Record::A), None);
        assert_eq!(question(0, &"abc.".repeat(64), Record::A), None);
    }

    #[test]
    fn addresses_are_found_behind_aliases() {
        let ask = question(7, "www.example", Record::A).unwrap();
        let message =
            response(&ask, 0, &[(5, b"\x01a\0"), (1, &[10, 0, 2, 3]), (28, &[0; 16]), (1, &[10, 0, 2, 4])]);
        let (answer, all) = read(&ask, Record::A, &message);
        assert_eq!(answer, Answer::Done);
        assert_eq!(all, [IpAddr::from([10, 0, 2, 3]), IpAddr::from([10, 0, 2, 4])]);
    }

    #[test]
    fn errors_are_told_apart() {
        let ask = question(7, "www.example", Record::A).unwrap();
        assert_eq!(read(&ask, Record::A, &response(&ask, 3, &[])).0, Answer::NoSuchName);
        assert_eq!(read(&ask, Record::A, &response(&ask, 2, &[])).0, Answer::Failed);
        assert_eq!(read(&ask, Record::A, &ask).0, Answer::Unrelated);
        let other = question(8, "www.example", Record::A).unwrap();
        assert_eq!(read(&ask, Record::A, &response(&other, 0, &[])).0, Answer::Unrelated);
        let other = question(7, "www.exampla", Record::A).unwrap();
        assert_eq!(read(&ask, Record::A, &response(&other, 0, &[])).0, Answer::Unrelated);
    }

    #[test]
    fn a_message_may_end_anywhere() {
        let ask = question(7, "www.example", Record::A).unwrap();
        let message = response(&ask, 0, &[(1, &[10, 0, 2, 3]), (1, &[10, 0, 2, 4])]);
        for bytes in 0..message.len() {
            assert!(read(&ask, Record::A, &message[..bytes]).1.len() < 2);
        }
    }
}
