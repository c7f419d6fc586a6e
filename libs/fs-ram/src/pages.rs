//! The bytes of one file: a radix tree of pages, as deep as the file is long.
//!
//! A hole costs nothing, however far it reaches; a page is allocated when it is first written, and every
//! allocation may fail without harm. Fan-out 64 keeps a tree node near 1.5 KiB; a file of up to one page is a
//! single block that grows by doubling, because most files in an image are small.

use alloc::vec::Vec;

/// Bytes in a page.
pub const PAGE: usize = 4096;
const FAN_BITS: u32 = 6;
const FAN: usize = 1 << FAN_BITS;
/// First size of a file's first page.
const SMALL: usize = 64;

/// Memory ran out.
#[derive(Debug, PartialEq, Eq)]
pub struct OutOfMemory;

/// A sparse array of bytes; what was never written reads as zeroes.
#[derive(Default)]
pub struct Pages {
    root: Branch,
    /// Levels of forks above the pages.
    height: u32,
    stored: usize,
}

#[derive(Default)]
enum Branch {
    #[default]
    Hole,
    /// The first bytes of a page; those that are missing are zeroes.
    Page(Vec<u8>),
    /// Up to [`FAN`] branches; those that are missing are holes.
    Fork(Vec<Branch>),
}

impl Pages {
    /// Bytes of memory that hold contents.
    pub fn stored(&self) -> usize {
        self.stored
    }

    /// Fills `buffer` with what is at `offset`.
    pub fn read(&self, offset: u64, buffer: &mut [u8]) {
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            let within = at as usize % PAGE;
            let part = (PAGE - within).min(buffer.len() - done);
            let target = &mut buffer[done..done + part];
            let source = self.page(at / PAGE as u64).get(within..).unwrap_or(&[]);
            let copied = source.len().min(part);
            target[..copied].copy_from_slice(&source[..copied]);
            target[copied..].fill(0);
            done += part;
        }
    }

    /// Stores `bytes` at `offset`; returns how many fitted into memory (all, or a prefix that ends with a page).
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> usize {
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done as u64;
            let within = at as usize % PAGE;
            let part = (PAGE - within).min(bytes.len() - done);
            let Ok(page) = self.page_for_writing(at / PAGE as u64, within + part) else { break };
            page[within..within + part].copy_from_slice(&bytes[done..done + part]);
            done += part;
        }
        done
    }

    /// Forgets everything from `size` on.
    pub fn truncate(&mut self, size: u64) {
        let mut freed = 0;
        cut(&mut self.root, self.height, size, &mut freed);
        self.stored -= freed;
        if size == 0 {
            self.height = 0;
        }
    }

    fn page(&self, index: u64) -> &[u8] {
        if !covers(self.height, index) {
            return &[];
        }
        let mut branch = &self.root;
        let mut level = self.height;
        loop {
            match branch {
                Branch::Hole => return &[],
                Branch::Page(bytes) => return bytes,
                Branch::Fork(branches) => {
                    level -= 1;
                    let Some(next) = branches.get(slot(index, level)) else { return &[] };
                    branch = next;
                }
            }
        }
    }

    /// The page, at least `length` bytes of it, made if it is a hole.
    fn page_for_writing(&mut self, index: u64, length: usize) -> Result<&mut [u8], OutOfMemory> {
        while !covers(self.height, index) {
            if !matches!(self.root, Branch::Hole) {
                let mut fork = Vec::new();
                fork.try_reserve_exact(2).map_err(|_| OutOfMemory)?;
                fork.push(core::mem::take(&mut self.root));
                self.root = Branch::Fork(fork);
            }
            self.height += 1;
        }
        let mut branch = &mut self.root;
        for level in (0..self.height).rev() {
            if matches!(branch, Branch::Hole) {
                *branch = Branch::Fork(Vec::new());
            }
            // Only level 0 hangs pages, and this loop stops above it.
            let Branch::Fork(branches) = branch else { return Err(OutOfMemory) };
            let slot = slot(index, level);
            if branches.len() <= slot {
                branches.try_reserve(slot + 1 - branches.len()).map_err(|_| OutOfMemory)?;
                branches.resize_with(slot + 1, Branch::default);
            }
            branch = &mut branches[slot];
        }
        if matches!(branch, Branch::Hole) {
            *branch = Branch::Page(Vec::new());
        }
        let Branch::Page(bytes) = branch else { return Err(OutOfMemory) };
        if bytes.len() < length {
            let capacity = if index == 0 { length.next_power_of_two().max(SMALL) } else { PAGE };
            let before = bytes.capacity();
            if before < capacity {
                bytes.try_reserve_exact(capacity - bytes.len()).map_err(|_| OutOfMemory)?;
                self.stored += bytes.capacity() - before;
            }
            bytes.resize(length, 0);
        }
        Ok(bytes)
    }
}

/// Whether a tree with `height` levels of forks reaches page `index`.
fn covers(height: u32, index: u64) -> bool {
    index.checked_shr(height * FAN_BITS).unwrap_or(0) == 0
}

/// Which branch of a fork whose branches have `level` levels below them leads to page `index`.
fn slot(index: u64, level: u32) -> usize {
    (index >> (level * FAN_BITS)) as usize % FAN
}

/// Cuts a branch of `height` levels to its first `size` bytes, counting what is freed.
fn cut(branch: &mut Branch, height: u32, size: u64, freed: &mut usize) {
    match branch {
        Branch::Hole => {}
        Branch::Page(bytes) => {
            if size == 0 {
                *freed += bytes.capacity();
                *branch = Branch::Hole;
            } else if size < PAGE as u64 {
                bytes.truncate(size as usize);
            }
        }
        Branch::Fork(branches) => {
            let each = (PAGE as u64) << ((height - 1) * FAN_BITS);
            for (position, branch) in branches.iter_mut().enumerate() {
                let start = each.saturating_mul(position as u64);
                if size < start.saturating_add(each) {
                    cut(branch, height - 1, size.saturating_sub(start), freed);
                }
            }
            if size == 0 {
                *branch = Branch::Hole;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn holes_read_as_zeroes_and_cost_nothing() {
        let mut pages = Pages::default();
        assert_eq!(pages.write(1 << 40, b"far"), 3);
        assert!(pages.stored() <= PAGE);
        let mut buffer = [1u8; 8];
        pages.read((1 << 40) - 3, &mut buffer);
        assert_eq!(&buffer, b"\0\0\0far\0\0");
        pages.read(0, &mut buffer);
        assert_eq!(buffer, [0; 8]);
    }

    #[test]
    fn a_small_file_takes_little() {
        let mut pages = Pages::default();
        pages.write(0, b"hello");
        assert_eq!(pages.stored(), SMALL);
    }

    #[test]
    fn the_largest_offset_works() {
        let mut pages = Pages::default();
        let last = i64::MAX as u64 - 1;
        assert_eq!(pages.write(last, b"x"), 1);
        let mut buffer = [0];
        pages.read(last, &mut buffer);
        assert_eq!(&buffer, b"x");
        pages.truncate(last);
        pages.read(last, &mut buffer);
        assert_eq!(buffer, [0]);
        pages.truncate(0);
        assert_eq!(pages.stored(), 0);
    }

    #[test]
    fn agrees_with_a_plain_array_under_random_use() {
        let mut pages = Pages::default();
        let mut model = vec![0u8; 600 * 1024];
        let mut random = 12345u64;
        let mut next = |bound: usize| {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (random >> 33) as usize % bound
        };
        for round in 0..2000 {
            let (at, length) = (next(500 * 1024), next(9000));
            match next(8) {
                0 => {
                    pages.truncate(at as u64);
                    model[at..].fill(0);
                }
                1..5 => {
                    let bytes = vec![round as u8; length];
                    assert_eq!(pages.write(at as u64, &bytes), length);
                    model[at..at + length].copy_from_slice(&bytes);
                }
                _ => {
                    let mut bytes = vec![7; length];
                    pages.read(at as u64, &mut bytes);
                    assert!(bytes == model[at..at + length], "round {round}");
                }
            }
        }
    }
}
