//! The Internet checksum (RFC 1071), eight bytes at a time.
//!
//! The sum does not depend on byte order (RFC 1071, 2 (B)), so nothing is swapped: a folded sum, inverted, is written
//! with `to_ne_bytes`.

/// What [`fold`] makes of bytes that hold their own checksum.
pub const INTACT: u16 = 0xffff;

/// The sum of `bytes`, not folded to 16 bits yet.
#[inline]
pub fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut total = 0;
    for word in words {
        total = plus(total, u64::from_ne_bytes(*word));
    }
    // At most seven bytes, in halves: no call, no loop. Each sum of these cannot overflow.
    let (mut rest, mut last) = (rest, 0);
    if let Some((four, more)) = rest.split_first_chunk() {
        (rest, last) = (more, u64::from(u32::from_ne_bytes(*four)));
    }
    if let Some((two, more)) = rest.split_first_chunk() {
        (rest, last) = (more, last + u64::from(u16::from_ne_bytes(*two)));
    }
    if let Some(one) = rest.first() {
        last += u64::from(u16::from_ne_bytes([*one, 0]));
    }
    plus(total, last)
}

/// One's complement addition.
#[inline]
pub fn plus(a: u64, b: u64) -> u64 {
    let (total, carry) = a.overflowing_add(b);
    total + u64::from(carry)
}

/// Folds a sum to 16 bits. All ones: what was summed held its own checksum, and is intact.
#[inline]
pub fn fold(total: u64) -> u16 {
    let half = (total >> 32) + (total & 0xffff_ffff);
    let quarter = (half >> 16) + (half & 0xffff);
    let almost = (quarter >> 16) + (quarter & 0xffff);
    ((almost >> 16) + almost) as u16
}

/// The protocol and length of a pseudo-header (RFC 768, RFC 9293 3.1, RFC 8200 8.1); the addresses are to be added.
#[inline]
pub fn pseudo(protocol: u8, bytes: usize) -> u64 {
    u64::from(u16::from(protocol).to_be()) + u64::from((bytes as u16).to_be())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        // RFC 1071, section 3: the sum of these is ddf2.
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(fold(sum(&bytes)).to_ne_bytes(), [0xdd, 0xf2]);
    }

    #[test]
    fn every_length_agrees_with_the_definition() {
        let mut random = crate::random::Random::from_seed(1071);
        let bytes: [u8; 67] = core::array::from_fn(|_| random.next() as u8);
        for length in 0..bytes.len() {
            let mut total = 0u32;
            for pair in bytes[..length].chunks(2) {
                total += u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]));
                total = (total & 0xffff) + (total >> 16);
            }
            assert_eq!(
                u16::from_be_bytes(fold(sum(&bytes[..length])).to_ne_bytes()),
                total as u16,
                "{length}"
            );
        }
    }
}
