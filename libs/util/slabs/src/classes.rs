//! Sizes of blocks, and which of them serves a request.
#![forbid(unsafe_code)]

/// Steps of a quarter up to 512 bytes, then what divides a page with little left over.
const SIZES: [u16; 22] = [
    16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 672, 800, 1024, 1344, 2032,
];

/// How many sizes there are.
pub const COUNT: usize = SIZES.len();

/// The largest size.
pub const MOST_BYTES: usize = SIZES[COUNT - 1] as usize;

/// What sizes and addresses of blocks are multiples of.
pub const GRAIN: usize = 16;

/// The class that serves `16 * index` bytes.
static CLASSES: [u8; MOST_BYTES / GRAIN + 1] = {
    let mut classes = [0; MOST_BYTES / GRAIN + 1];
    let (mut index, mut class) = (0, 0);
    while index < classes.len() {
        if index * GRAIN > SIZES[class] as usize {
            class += 1;
        }
        classes[index] = class as u8;
        index += 1;
    }
    classes
};

/// The class for a block of `bytes`, at most [`MOST_BYTES`].
#[inline]
pub fn of_bytes(bytes: usize) -> usize {
    usize::from(CLASSES[bytes.div_ceil(GRAIN)])
}

/// The class for a block of `bytes` at a multiple of `align`, if there is one.
pub fn aligned(bytes: usize, align: usize) -> Option<usize> {
    SIZES.iter().position(|&size| usize::from(size) >= bytes && usize::from(size).is_multiple_of(align))
}

/// Bytes that a block of this class holds.
#[inline]
pub const fn bytes(class: usize) -> usize {
    SIZES[class] as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_fit_and_grow() {
        for wanted in 0..=MOST_BYTES {
            let class = of_bytes(wanted);
            assert!(bytes(class) >= wanted);
            assert!(class == 0 || bytes(class - 1) < wanted.max(1), "{wanted} bytes got class {class}");
            assert_eq!(aligned(wanted, GRAIN), Some(class));
        }
        assert_eq!(aligned(100, 64).map(bytes), Some(128));
        assert_eq!(aligned(513, 256).map(bytes), Some(1024));
        assert_eq!(aligned(16, 2048), None);
    }
}
