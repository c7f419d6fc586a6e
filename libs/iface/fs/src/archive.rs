//! Bytes that `kit build` links into an image: what a filesystem in an archive is made from.

/// A range of constants of the image.
#[derive(Clone, Copy, Debug)]
pub struct Archive {
    start: *const u8,
    end: *const u8,
}

// SAFETY: what it points to is never written.
unsafe impl Sync for Archive {}
// SAFETY: as above; it belongs to no thread.
unsafe impl Send for Archive {}

impl Archive {
    /// The bytes from `start` to `end`.
    ///
    /// # Safety
    /// They are one object, which lives as long as the image and is never written.
    pub const unsafe fn between(start: *const u8, end: *const u8) -> Self {
        Self { start, end }
    }

    /// Bytes that are there anyway.
    pub const fn of(bytes: &'static [u8]) -> Self {
        let range = bytes.as_ptr_range();
        Self { start: range.start, end: range.end }
    }

    /// The bytes.
    pub fn bytes(&self) -> &'static [u8] {
        let length = self.end.addr() - self.start.addr();
        // SAFETY: whoever made it answers for the range.
        unsafe { core::slice::from_raw_parts(self.start, length) }
    }
}

/// The bytes between two symbols of the image, which the linker puts around an archive.
#[macro_export]
macro_rules! linked {
    ($start:ident, $end:ident) => {{
        unsafe extern "C" {
            static $start: u8;
            static $end: u8;
        }
        // SAFETY: `kit build` links constants between the two, and nothing else has these names.
        unsafe { $crate::Archive::between(&raw const $start, &raw const $end) }
    }};
}
