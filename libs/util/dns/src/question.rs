//! Writing a question (RFC 1035, 4.1.1 and 4.1.2).

use crate::{CLASS_INTERNET, HEADER_BYTES};

const MOST_LABEL_BYTES: usize = 63;
/// As written with dots; 255 as encoded (RFC 1035, 2.3.4).
const MOST_NAME_BYTES: usize = 253;
/// The header, the longest name as encoded, type and class.
const MOST_MESSAGE_BYTES: usize = HEADER_BYTES + MOST_NAME_BYTES + 2 + 4;
const RECURSION_DESIRED: u16 = 0x0100;

/// Which addresses are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// IPv4.
    A = 1,
    /// IPv6.
    Aaaa = 28,
}

/// A question for one kind of address of one name, recursion desired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    message: [u8; MOST_MESSAGE_BYTES],
    length: usize,
    pub(crate) record: Record,
}

impl Question {
    /// `None` if no host can have that name: an empty label, one of more than 63 bytes, or a name of more than
    /// 253. `id` should be random (RFC 5452).
    pub fn new(id: u16, name: &str, record: Record) -> Option<Self> {
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.len() > MOST_NAME_BYTES {
            return None;
        }
        let mut question = Self { message: [0; MOST_MESSAGE_BYTES], length: 0, record };
        // One question, no records.
        for word in [id, RECURSION_DESIRED, 1, 0, 0, 0] {
            question.append(&word.to_be_bytes());
        }
        for label in name.split('.') {
            if label.is_empty() || label.len() > MOST_LABEL_BYTES {
                return None;
            }
            question.append(&[label.len() as u8]);
            question.append(label.as_bytes());
        }
        question.append(&[0]);
        for word in [record as u16, CLASS_INTERNET] {
            question.append(&word.to_be_bytes());
        }
        Some(question)
    }

    /// Writes on; the limits of names and labels make it fit.
    fn append(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(place) = self.message.get_mut(self.length..end) {
            place.copy_from_slice(bytes);
            self.length = end;
        }
    }

    /// The datagram to send.
    pub fn bytes(&self) -> &[u8] {
        &self.message[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_what_the_standard_shows() {
        let question = Question::new(0x1234, "a.example.", Record::Aaaa).unwrap();
        assert_eq!(question.bytes(), b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x07example\0\0\x1c\0\x01");
    }

    #[test]
    fn impossible_names_are_not_asked_for() {
        let (label, name) = ("a".repeat(64), "abc.".repeat(64));
        for name in ["", ".", "a..b", ".a", &label, &name] {
            assert_eq!(Question::new(0, name, Record::A), None, "{name}");
        }
    }

    #[test]
    fn the_longest_names_are_asked_for() {
        let (label, name) = (&"a".repeat(63), "abc.".repeat(63) + "d");
        for name in [label, &name, &(name.clone() + ".")] {
            let encoded = name.trim_end_matches('.').len() + 2;
            let question = Question::new(0, name, Record::A).unwrap();
            assert_eq!(question.bytes().len(), HEADER_BYTES + encoded + 4, "{name}");
        }
    }
}
