//! The assembly behind `memcpy`, `memset`, `memcmp` and `strlen`, against plain loops, at every small size,
//! alignment and overlap.

use std::ffi::{c_char, c_int};

kit_util_host_test::bind!();

kit_posix_shim::c_assembly! {
    asm kit_test_copy = kit_posix_shim::copy_text!();
    asm kit_test_fill = kit_posix_shim::fill_text!();
    asm kit_test_compare, kit_test_compare_too = kit_posix_shim::compare_text!();
    asm kit_test_length = kit_posix_shim::length_text!();
}

unsafe extern "C" {
    fn kit_test_copy(to: *mut u8, from: *const u8, bytes: usize) -> *mut u8;
    fn kit_test_fill(to: *mut u8, byte: c_int, bytes: usize) -> *mut u8;
    fn kit_test_compare(a: *const u8, b: *const u8, bytes: usize) -> c_int;
    fn kit_test_compare_too(a: *const u8, b: *const u8, bytes: usize) -> c_int;
    fn kit_test_length(string: *const c_char) -> usize;
}

const ROOM: usize = 512;
const SIZES: std::ops::Range<usize> = 0..200;

fn numbered() -> Vec<u8> {
    (0..ROOM).map(|at| (at * 7 + 13) as u8).collect()
}

#[test]
fn copies_of_every_size_and_overlap() {
    for bytes in SIZES {
        for from in [150, 151, 158] {
            for to in (0..ROOM - 200).step_by(if bytes % 8 == 0 { 1 } else { 5 }) {
                let mut expected = numbered();
                expected.copy_within(from..from + bytes, to);
                let mut actual = numbered();
                // SAFETY: both ranges lie in the buffer.
                let answer = unsafe {
                    let start = actual.as_mut_ptr();
                    kit_test_copy(start.add(to), start.add(from), bytes).offset_from(start)
                };
                assert_eq!(answer as usize, to);
                assert!(actual == expected, "{bytes} bytes from {from} to {to}");
            }
        }
    }
}

#[test]
fn long_copies() {
    let source: Vec<u8> = (0..70_000u32).map(|at| (at ^ (at >> 8)) as u8).collect();
    for shift in [-4097isize, -64, -63, -1, 1, 15, 16, 17, 63, 64, 65, 4096] {
        let (from, to) = (5000usize, 5000usize.strict_add_signed(shift));
        let mut expected = source.clone();
        expected.copy_within(from..from + 60_001, to);
        let mut actual = source.clone();
        // SAFETY: both ranges lie in the buffer.
        unsafe {
            let start = actual.as_mut_ptr();
            kit_test_copy(start.add(to), start.add(from), 60_001);
        }
        assert!(actual == expected, "shift {shift}");
    }
}

#[test]
fn fills_of_every_size() {
    for bytes in SIZES {
        for to in 0..20 {
            let mut expected = numbered();
            expected[to..to + bytes].fill(0xa5);
            let mut actual = numbered();
            // SAFETY: the range lies in the buffer. Only the low byte of the value counts.
            let answer = unsafe {
                let start = actual.as_mut_ptr();
                kit_test_fill(start.add(to), 0x3a5, bytes).offset_from(start)
            };
            assert_eq!(answer as usize, to);
            assert!(actual == expected, "{bytes} bytes at {to}");
        }
    }
}

#[test]
fn comparisons_find_each_difference() {
    for bytes in 0..100 {
        for offset in 0..3 {
            let a = numbered();
            // SAFETY: the ranges lie in the buffers, here and below.
            let compare = |b: &[u8]| unsafe {
                let first = kit_test_compare(a.as_ptr().add(offset), b.as_ptr().add(offset), bytes).signum();
                let second = kit_test_compare_too(a.as_ptr().add(offset), b.as_ptr().add(offset), bytes);
                assert_eq!(first, second.signum());
                first
            };
            for at in 0..bytes {
                for byte in [0, 255, a[offset + at].wrapping_add(1), a[offset + at].wrapping_sub(1)] {
                    let mut b = a.clone();
                    b[offset + at] = byte;
                    // A later difference must not count.
                    if at + 1 < bytes {
                        b[offset + bytes - 1] ^= 0x80;
                    }
                    let expected = a[offset..offset + bytes].cmp(&b[offset..offset + bytes]) as c_int;
                    assert_eq!(compare(&b), expected, "{bytes} bytes, difference at {at}");
                }
            }
            let mut b = a.clone();
            b[offset + bytes] ^= 1;
            assert_eq!(compare(&b), 0, "{bytes} equal bytes");
        }
    }
}

#[test]
fn lengths_at_every_alignment() {
    for start in 0..33 {
        for length in 0..100 {
            let mut bytes = [0x81u8; 160];
            bytes[..start].fill(0);
            bytes[start + length] = 0;
            // SAFETY: the string ends inside of the buffer.
            assert_eq!(unsafe { kit_test_length(bytes.as_ptr().add(start).cast()) }, length);
        }
    }
}
