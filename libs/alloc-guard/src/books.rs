//! The lists of guarded blocks: those in use, newest first, and those in quarantine, oldest first. Both go through the
//! blocks' headers, so the books need no memory of their own.
#![forbid(unsafe_code)]

use crate::block::Block;

/// The lists, and counters. Not locked: see the crate's documentation.
pub struct Books {
    newest: Option<Block>,
    blocks: u64,
    used_bytes: usize,
    pages_bytes: usize,
    pages: usize,
    oldest_freed: Option<Block>,
    newest_freed: Option<Block>,
    freed_bytes: usize,
}

impl Books {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self {
            newest: None,
            blocks: 0,
            used_bytes: 0,
            pages_bytes: 0,
            pages: 0,
            oldest_freed: None,
            newest_freed: None,
            freed_bytes: 0,
        }
    }

    /// Bytes in use, with what is around blocks.
    pub fn used_bytes(&self) -> usize {
        self.used_bytes + self.pages_bytes
    }

    /// Enters a new block.
    pub fn enter(&mut self, block: Block) {
        self.blocks += 1;
        block.set_number(self.blocks);
        block.set_next(self.newest);
        if let Some(older) = self.newest {
            older.set_previous(Some(block));
        }
        self.newest = Some(block);
        self.used_bytes += block.whole_bytes();
    }

    /// Moves a block from those in use to those in quarantine.
    pub fn quarantine(&mut self, block: Block) {
        match block.previous() {
            Some(newer) => newer.set_next(block.next()),
            None => self.newest = block.next(),
        }
        if let Some(older) = block.next() {
            older.set_previous(block.previous());
        }
        self.used_bytes -= block.whole_bytes();
        block.set_freed();
        block.set_next(None);
        match self.newest_freed {
            Some(before) => before.set_next(Some(block)),
            None => self.oldest_freed = Some(block),
        }
        self.newest_freed = Some(block);
        self.freed_bytes += block.whole_bytes();
    }

    /// Takes the block out that has waited longest, if more than `bytes` bytes wait.
    pub fn release(&mut self, bytes: usize) -> Option<Block> {
        let oldest = self.oldest_freed.filter(|_| self.freed_bytes > bytes)?;
        self.oldest_freed = oldest.next();
        if self.oldest_freed.is_none() {
            self.newest_freed = None;
        }
        self.freed_bytes -= oldest.whole_bytes();
        Some(oldest)
    }

    /// Blocks in use, newest first.
    pub fn in_use(&self) -> impl Iterator<Item = Block> {
        core::iter::successors(self.newest, Block::next)
    }

    /// Counts a block of whole pages, which has no header.
    pub fn pages_taken(&mut self, bytes: usize) {
        self.pages += 1;
        self.pages_bytes += bytes;
    }

    /// The counterpart of [`Books::pages_taken`].
    pub fn pages_given(&mut self, bytes: usize) {
        self.pages -= 1;
        self.pages_bytes -= bytes;
    }

    /// Blocks of whole pages that are in use, and their bytes.
    pub fn pages(&self) -> (usize, usize) {
        (self.pages, self.pages_bytes)
    }
}
