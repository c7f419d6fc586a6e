//! Numbers that follow from a seed, and frames that follow from a number.

use crate::ETHERNET_HEADER_BYTES;

/// Local experimental EtherType (IEEE 802, table of IEEE Std 802a): no stack on the way takes such frames for its own.
const EXPERIMENTAL: [u8; 2] = [0x88, 0xb5];
/// Header and number.
pub(super) const LEAST_BYTES: usize = ETHERNET_HEADER_BYTES + 8;

/// Marsaglia, "Xorshift RNGs" (2003).
pub(super) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 16) as usize % limit
    }
}

/// Writes frame `number` of a sender.
pub(super) fn write(frame: &mut [u8], to: [u8; 6], from: [u8; 6], number: u64) {
    frame[..6].copy_from_slice(&to);
    frame[6..12].copy_from_slice(&from);
    frame[12..14].copy_from_slice(&EXPERIMENTAL);
    frame[14..22].copy_from_slice(&number.to_be_bytes());
    let mut random = Random::new(number);
    frame[LEAST_BYTES..].iter_mut().for_each(|byte| *byte = random.next() as u8);
}

/// The number of a frame that was sent `bytes` long from `from`, if not a byte of it has changed. Links may pad frames
/// to Ethernet's minimum.
pub(super) fn number(frame: &[u8], to: [u8; 6], from: [u8; 6], bytes: usize) -> u64 {
    assert!(
        frame.len() == bytes || (bytes < 60 && frame.len() == 60),
        "a frame of {bytes} bytes keeps its length; it has {}",
        frame.len()
    );
    assert_eq!(frame[..6], to, "the receiver's address");
    assert_eq!(frame[6..12], from, "the sender's address");
    assert_eq!(frame[12..14], EXPERIMENTAL, "the type");
    let number = u64::from_be_bytes(frame[14..22].try_into().expect("eight bytes"));
    let mut random = Random::new(number);
    let is_whole = frame[LEAST_BYTES..bytes].iter().all(|byte| *byte == random.next() as u8);
    assert!(is_whole, "frame {number} of {bytes} bytes arrives unchanged");
    number
}
