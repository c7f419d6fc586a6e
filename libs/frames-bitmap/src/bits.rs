//! A slice of words as a bitmap: set means in use.
#![forbid(unsafe_code)]

pub const WORD_BITS: usize = u64::BITS as usize;

/// Finds the lowest `count` clear bits in a row, from `from` on, whose first is at a multiple of `align` when
/// `origin` is added to it. `align` is a power of two.
pub fn find(words: &[u64], from: usize, count: usize, align: usize, origin: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let clear = next(words, at, |word| !word)?;
        let first = clear + ((clear + origin).wrapping_neg() & (align - 1));
        let last = first.checked_add(count)?.checked_sub(1)?;
        if last >= words.len() * WORD_BITS {
            return None;
        }
        // Only as far as needed: a long clear stretch is not walked to its end.
        match next(&words[..=last / WORD_BITS], first, |word| word).filter(|set| *set <= last) {
            Some(set) => at = set + 1,
            None => return Some(first),
        }
    }
}

/// The first set bit, from bit `from` on, of the words as `view` shows them.
fn next(words: &[u64], from: usize, view: impl Fn(u64) -> u64) -> Option<usize> {
    let mut ignored = (1 << (from % WORD_BITS)) - 1;
    for (i, word) in words.iter().enumerate().skip(from / WORD_BITS) {
        let seen = view(*word) & !ignored;
        if seen != 0 {
            return Some(i * WORD_BITS + seen.trailing_zeros() as usize);
        }
        ignored = 0;
    }
    None
}

/// Sets `count` bits from `first`.
pub fn set(words: &mut [u64], first: usize, count: usize) {
    each_word(first, count, |i, mask| words[i] |= mask);
}

/// Clears `count` bits from `first`, all of which must be set.
pub fn clear(words: &mut [u64], first: usize, count: usize) {
    each_word(first, count, |i, mask| {
        debug_assert_eq!(words[i] & mask, mask, "frames freed twice");
        words[i] &= !mask;
    });
}

/// Calls `body` with each word's index and the mask of its bits in `first..first + count`.
fn each_word(first: usize, count: usize, mut body: impl FnMut(usize, u64)) {
    let (mut at, end) = (first, first + count);
    while at < end {
        let (word, low) = (at / WORD_BITS, at % WORD_BITS);
        let length = (end - at).min(WORD_BITS - low);
        body(word, (u64::MAX >> (WORD_BITS - length)) << low);
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_across_words() {
        let mut words = [0; 3];
        set(&mut words, 60, 80);
        assert_eq!(words, [0xF << 60, u64::MAX, 0xFFF]);
        clear(&mut words, 63, 66);
        assert_eq!(words, [0x7 << 60, 0, 0xFFE]);
        set(&mut words, 0, 192);
        assert_eq!(words, [u64::MAX; 3]);
    }

    #[test]
    fn finds_the_lowest_place_that_fits() {
        let mut words = [0; 3];
        set(&mut words, 0, 10);
        set(&mut words, 12, 50);
        set(&mut words, 100, 1);
        assert_eq!(find(&words, 0, 1, 1, 0), Some(10));
        assert_eq!(find(&words, 0, 3, 1, 0), Some(62));
        assert_eq!(find(&words, 0, 38, 1, 0), Some(62));
        assert_eq!(find(&words, 0, 39, 1, 0), Some(101));
        assert_eq!(find(&words, 0, 92, 1, 0), None);
        assert_eq!(find(&words, 0, 1, 16, 0), Some(64));
        assert_eq!(find(&words, 0, 1, 16, 5), Some(11));
        assert_eq!(find(&words, 0, 20, 16, 0), Some(64));
        assert_eq!(find(&words, 0, 21, 16, 0), Some(64));
        assert_eq!(find(&words, 0, 37, 16, 0), Some(112));
        assert_eq!(find(&words, 0, usize::MAX, 1, 0), None);
        assert_eq!(find(&words, 0, 1, 1 << 60, 1), None);
        assert_eq!(find(&words, 192, 1, 1, 0), None);
    }
}
