//! A block of device registers.

/// Registers in mapped device memory. All accesses are volatile, in little-endian order as virtio has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers {
    base: usize,
    bytes: usize,
}

impl Registers {
    /// The registers at `base`.
    ///
    /// # Safety
    /// `bytes` bytes from `base` are device registers, mapped uncached for as long as the image runs.
    pub const unsafe fn new(base: usize, bytes: usize) -> Self {
        Self { base, bytes }
    }

    /// A part of the block; `None` if it does not lie inside.
    pub fn part(self, offset: usize, bytes: usize) -> Option<Self> {
        let is_inside = offset.checked_add(bytes)? <= self.bytes;
        is_inside.then_some(Self { base: self.base + offset, bytes })
    }

    /// Bytes of the block.
    pub const fn bytes(self) -> usize {
        self.bytes
    }

    /// Reads the register at `offset`.
    pub fn read<T: Register>(self, offset: usize) -> T {
        self.check::<T>(offset);
        // SAFETY: inside the block, aligned, and readable: the type of register is plain bits.
        unsafe { core::ptr::read_volatile((self.base + offset) as *const T) }
    }

    /// Writes the register at `offset`.
    pub fn write<T: Register>(self, offset: usize, value: T) {
        self.check::<T>(offset);
        // SAFETY: inside the block and aligned; the block was promised to be device registers, not memory.
        unsafe { core::ptr::write_volatile((self.base + offset) as *mut T, value) }
    }

    #[inline]
    fn check<T>(self, offset: usize) {
        assert!(
            offset + size_of::<T>() <= self.bytes && (self.base + offset).is_multiple_of(align_of::<T>())
        );
    }
}

/// The widths that registers have.
pub(crate) trait Register: Copy {}
impl Register for u8 {}
impl Register for u16 {}
impl Register for u32 {}
