//! Which class serves a layout: small sizes first, then runs of pages.
#![forbid(unsafe_code)]

use core::alloc::Layout;
use kit_util_slabs::{PAGE_BYTES, classes};

/// Classes whose blocks lie in slabs.
pub const SMALL_CLASSES: usize = classes::COUNT;
/// The longest run that is cached, in pages.
const MOST_PAGES: usize = 4;
/// All classes: a run of `n` pages is number `SMALL_CLASSES + n - 1`.
pub const CLASSES: usize = SMALL_CLASSES + MOST_PAGES;

/// What waits in one list at most, in bytes and in blocks.
const LIMIT_BYTES: usize = 16 * 1024;
const LIMIT_BLOCKS: usize = 64;

/// The class of a layout; `None` if it is empty, or longer or aligned to more than any class.
#[inline]
pub fn of(layout: Layout) -> Option<usize> {
    let (bytes, align) = (layout.size(), layout.align());
    if bytes <= classes::MOST_BYTES && align <= classes::GRAIN {
        return (bytes != 0).then(|| classes::of_bytes(bytes));
    }
    of_odd(bytes, align)
}

/// The rarer layouts: long, or aligned to more than 16.
#[inline(never)]
fn of_odd(bytes: usize, align: usize) -> Option<usize> {
    if bytes == 0 || bytes > MOST_PAGES * PAGE_BYTES || align > PAGE_BYTES {
        return None;
    }
    // What is aligned to a page is a page: slabs have none.
    let small = if align < PAGE_BYTES { classes::aligned(bytes, align) } else { None };
    Some(small.unwrap_or_else(|| SMALL_CLASSES - 1 + bytes.div_ceil(PAGE_BYTES)))
}

/// Pages of a class's run; zero for a small class.
#[inline]
pub const fn pages(class: usize) -> usize {
    (class + 1).saturating_sub(SMALL_CLASSES)
}

/// Bytes of a class's blocks.
#[inline]
pub const fn bytes(class: usize) -> usize {
    match pages(class) {
        0 => classes::bytes(class),
        pages => pages * PAGE_BYTES,
    }
}

/// How many blocks wait in one list at most, for each class.
static LIMITS: [u8; CLASSES] = {
    let mut limits = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        let blocks = LIMIT_BYTES / bytes(class);
        limits[class] = if blocks > LIMIT_BLOCKS { LIMIT_BLOCKS as u8 } else { blocks as u8 };
        class += 1;
    }
    limits
};

/// How many blocks of a class wait in one list at most: one at least.
#[inline]
pub fn limit(class: usize) -> usize {
    usize::from(LIMITS[class])
}

/// How many blocks move between a list and the depot at once.
pub fn batch(class: usize) -> usize {
    limit(class).div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_bytes(bytes: usize, align: usize) -> Option<usize> {
        of(Layout::from_size_align(bytes, align).unwrap()).map(super::bytes)
    }

    #[test]
    fn every_layout_gets_a_block_that_holds_it() {
        for align in (0..=13).map(|shift| 1 << shift) {
            for bytes in (0..20_000).step_by(7).chain([4096, 8192, 16_384, 16_385]) {
                match class_bytes(bytes, align) {
                    Some(got) => {
                        assert!(
                            got >= bytes && got.is_multiple_of(align.min(got)),
                            "{bytes} by {align}: {got}"
                        );
                        assert!(got.is_multiple_of(align) || align <= 16, "{bytes} by {align}: {got}");
                    }
                    None => assert!(bytes == 0 || bytes > 16_384 || align > 4096, "{bytes} by {align}"),
                }
            }
        }
        assert_eq!(class_bytes(2032, 16), Some(2032));
        assert_eq!(class_bytes(2033, 1), Some(4096));
        assert_eq!(class_bytes(100, 4096), Some(4096));
        assert_eq!(class_bytes(100, 64), Some(128));
        assert_eq!(class_bytes(12_289, 1), Some(16_384));
    }

    #[test]
    fn lists_are_bounded_in_blocks_and_bytes() {
        for class in 0..CLASSES {
            assert!((1..=LIMIT_BLOCKS).contains(&limit(class)));
            assert!(limit(class) * bytes(class) <= LIMIT_BYTES);
            assert!((1..=limit(class)).contains(&batch(class)));
        }
    }
}
