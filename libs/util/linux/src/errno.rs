//! The kernel's error numbers.

/// Why a system call failed: a positive `errno` value, to be compared with the constants of the `libc` crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    /// A signal arrived before anything happened: the call may simply be repeated.
    pub const INTERRUPTED: Self = Self(libc::EINTR);
    /// A non-blocking call had nothing to do.
    pub const AGAIN: Self = Self(libc::EAGAIN);

    /// Splits a raw return value: −4095..=−1 are errors, everything else is the result.
    #[inline]
    pub(crate) fn check(raw: isize) -> Result<usize, Self> {
        if (-4095..0).contains(&raw) { Err(Self(-raw as i32)) } else { Ok(raw as usize) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_page_of_values_is_an_error() {
        assert_eq!(Errno::check(0), Ok(0));
        assert_eq!(Errno::check(-1), Err(Errno(1)));
        assert_eq!(Errno::check(-4095), Err(Errno(4095)));
        assert_eq!(Errno::check(-4096), Ok(usize::MAX - 4095));
    }
}
