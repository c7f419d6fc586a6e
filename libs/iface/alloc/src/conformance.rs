//! What heaps promise, as tests. Each function takes a heap with nothing allocated and panics with what was broken.
//!
//! [`basics`] is for every heap, [`reuse`] for those that hand freed memory out again, [`sizes_are_remembered`] for a
//! [`SizedHeap`]. [`hammer`] is for tests that use a heap from several threads at once.
//!
//! Every block is filled with a tag of its own and checked before it is freed or resized: blocks that overlap,
//! bytes that a resize loses, and book-keeping inside of a live block all show.

use crate::{AllocError, Heap, HeapUsage, KNOWN_ALIGN, SizedHeap};
use core::alloc::Layout;
use core::ptr::NonNull;

/// Everything that a heap promises that hands freed memory out again. `new` makes a heap that can hold at least 1 MiB in
/// blocks of any size, and not more than 64 MiB.
pub fn all<H: Heap>(new: impl Fn() -> H) {
    basics(&new);
    reuse(&new);
}

/// What every heap promises; `new` as for [`all`].
pub fn basics<H: Heap>(new: impl Fn() -> H) {
    blocks_are_aligned_and_apart(&new());
    empty_blocks_are_legal(&new());
    page_aligned_blocks_take_whole_pages(&new());
    resizing_keeps_the_bytes(&new());
    impossible_requests_change_nothing(&new());
    a_full_heap_refuses_and_is_whole(&new());
    (1..4).for_each(|seed| survives_random_use(&new(), seed));
}

/// What a heap promises whose freed memory can be had again; `new` as for [`all`].
pub fn reuse<H: Heap>(new: impl Fn() -> H) {
    exhaustion_changes_nothing(&new());
    freed_memory_serves_other_sizes(&new());
    (1..4).for_each(|seed| fragmentation_is_bounded(&new(), seed));
}

/// Blocks of many sizes and alignments, all live at once.
pub fn blocks_are_aligned_and_apart(heap: &impl Heap) {
    const SIZES: [usize; 13] = [1, 7, 8, 16, 24, 33, 64, 100, 256, 1000, 4096, 5000, 20_000];
    for align in [1, 2, 4, 8, 16, 32, 64, 512, 4096, 16_384] {
        let mut held = [const { None }; SIZES.len()];
        for (slot, size) in held.iter_mut().zip(SIZES) {
            *slot = Some(Block::take(heap, size, align).expect("there is memory"));
        }
        let used = heap.usage().used;
        assert!(used >= SIZES.iter().sum(), "{used} bytes in use are too few");
        assert!(heap.usage().reserved >= used, "more in use than reserved");
        held.into_iter().flatten().for_each(|block| block.give(heap));
        assert_eq!(heap.usage().used, 0, "all blocks of alignment {align} are back");
    }
}

/// A layout of zero bytes can be allocated, resized and freed, and costs nothing for good.
pub fn empty_blocks_are_legal(heap: &impl Heap) {
    for align in [1, 16, 4096] {
        let empty = Block::take(heap, 0, align).expect("an empty block always exists");
        let another = Block::take(heap, 0, align).expect("an empty block always exists");
        another.give(heap);
        let block = empty.resized(heap, 100).expect("there is memory");
        block.resized(heap, 0).expect("shrinking to nothing").give(heap);
    }
    assert_eq!(heap.usage().used, 0);
}

/// Blocks aligned to pages cost their pages and nothing else.
pub fn page_aligned_blocks_take_whole_pages(heap: &impl Heap) {
    for (size, most) in [(4096, 4096), (8192, 8192), (100, 4096), (5000, 8192)] {
        let block = Block::take(heap, size, 4096).expect("there is memory");
        let used = heap.usage().used;
        assert!(used <= most, "{size} bytes aligned to a page take {used}");
        block.give(heap);
    }
}

/// Growing and shrinking, byte by byte and across every size class, keeps what was written.
pub fn resizing_keeps_the_bytes(heap: &impl Heap) {
    for align in [1, 16, 64, 4096] {
        let neighbour = Block::take(heap, 48, 16).expect("there is memory");
        let mut block = Block::take(heap, 1, align).expect("there is memory");
        let ladder =
            [2, 7, 8, 9, 15, 16, 17, 40, 100, 1000, 4096, 4097, 16_000, 16_384, 33_000, 70_000, 200_000];
        for (i, size) in ladder.iter().chain(ladder.iter().rev()).enumerate() {
            block = block.resized(heap, *size).expect("there is memory");
            // Something new behind the block every now and then, so that growing in place is not always possible.
            if i % 3 == 0 {
                Block::take(heap, 24, 8).expect("there is memory").give(heap);
            }
        }
        block.give(heap);
        neighbour.give(heap);
    }
    assert_eq!(heap.usage().used, 0, "all blocks are back");
}

/// Requests that no memory could ever serve are refused, also by `resize`.
pub fn impossible_requests_change_nothing(heap: &impl Heap) {
    let before = heap.usage();
    for align in [1, 16, 4096, 1 << 30] {
        for size in [isize::MAX as usize - align + 1, isize::MAX as usize / 2, 1 << 40] {
            let layout = Layout::from_size_align(size, align).expect("legal, if absurd");
            assert_eq!(heap.allocate(layout), Err(AllocError::Exhausted), "{size} bytes aligned to {align}");
        }
    }
    assert_eq!(heap.usage(), before, "a refused request changes nothing");
    let block = Block::take(heap, 100, 8).expect("there is memory");
    block.refused(heap, isize::MAX as usize - 7).refused(heap, 1 << 40).give(heap);
}

/// A heap that is full refuses each further request, and what it has handed out stays as it was.
pub fn a_full_heap_refuses_and_is_whole(heap: &impl Heap) {
    let mut chains = [Chain::of(100_000), Chain::of(5000), Chain::of(300), Chain::of(16)];
    let mut blocks = 0;
    for chain in &mut chains {
        while chain.grow(heap).is_some() {
            blocks += 1;
            assert!(blocks < (64 << 20) / 16, "the suite wants a heap of at most 64 MiB");
        }
    }
    let full = heap.usage();
    for (size, align) in [(100_000, 8), (5000, 16), (300, 1), (16, 8), (4096, 4096), (64, 64)] {
        // Odds and ends may still serve a smaller request than those that failed.
        if let Some(block) = Block::take(heap, size, align) {
            block.give(heap);
        }
    }
    assert_eq!(heap.usage().used, full.used, "a request that was refused or given back changes nothing");
    chains.into_iter().for_each(|chain| chain.give(heap));
    assert_eq!(heap.usage().used, 0, "all blocks are back");
}

/// When memory runs out the request fails and nothing else does; what is freed then can be had again.
pub fn exhaustion_changes_nothing(heap: &impl Heap) {
    for size in [200_000, 3000, 40] {
        let mut counts = [0usize; 2];
        for count in &mut counts {
            let mut chain = Chain::of(size);
            while chain.grow(heap).is_some() {
                *count += 1;
                assert!(*count * size <= 64 << 20, "the suite wants a heap of at most 64 MiB");
            }
            let full = heap.usage();
            let last = chain.pop().expect("at least one block");
            let last = last.refused(heap, 64 << 20);
            assert_eq!(heap.usage(), full, "a refused request changes nothing");
            last.give(heap);
            let again = Block::take(heap, size, 8).expect("what was just freed is there again");
            again.give(heap);
            chain.give(heap);
            assert_eq!(heap.usage().used, 0, "all blocks are back");
        }
        assert!(counts[1] >= counts[0], "the second time only {} of {} blocks", counts[1], counts[0]);
    }
}

/// Small blocks of one size, freed in a scattered order, do not keep blocks of another size from being served:
/// the heap does not grow without end while what is in use does not.
pub fn freed_memory_serves_other_sizes(heap: &impl Heap) {
    const VOLUME: usize = 64 * 1024;
    let mut most_used = VOLUME;
    for size in [16, 640, 48, 2000, 100, 7000, 24, 1024].into_iter().cycle().take(40) {
        let mut chains = [Chain::of(size), Chain::of(size), Chain::of(size)];
        for i in 0..VOLUME / size {
            chains[i % 3].grow(heap).expect("there is memory");
        }
        most_used = most_used.max(heap.usage().used);
        chains.into_iter().for_each(|chain| chain.give(heap));
        let HeapUsage { reserved, used } = heap.usage();
        assert_eq!(used, 0, "all blocks are back");
        assert!(reserved <= 8 * most_used, "{reserved} bytes are reserved for at most {most_used} in use");
    }
}

/// What is in use stays the same while single blocks are replaced at random, and so does what is reserved for it: a heap
/// that cannot put its pieces to use would grow without end.
pub fn fragmentation_is_bounded(heap: &impl Heap, seed: u64) {
    const ROUNDS: usize = 20_000;
    let mut below = random(seed);
    let mut held = [const { None::<Block> }; 256];
    let (mut most_used, mut most_asked) = (0, 0);
    for _ in 0..ROUNDS {
        let slot = &mut held[below(256)];
        if let Some(block) = slot.take() {
            block.give(heap);
        }
        let scale = below(9);
        let size = 1 + below(16 << scale);
        *slot = Some(Block::take(heap, size, 8).expect("there is memory"));
        most_used = most_used.max(heap.usage().used);
        most_asked = most_asked.max(held.iter().flatten().map(|block| block.layout.size()).sum());
    }
    let HeapUsage { reserved, .. } = heap.usage();
    assert!(most_used <= 3 * most_asked, "seed {seed}: blocks of {most_asked} bytes take {most_used}");
    assert!(reserved <= 4 * most_used, "seed {seed}: {reserved} bytes are reserved for {most_used} in use");
    held.into_iter().flatten().for_each(|block| block.give(heap));
    assert_eq!(heap.usage().used, 0, "seed {seed}: all blocks are back");
}

/// A heap that remembers sizes knows each of them, keeps page boundaries free, and takes blocks back by what it knows.
pub fn sizes_are_remembered<H: SizedHeap>(heap: &H) {
    let ladder = (0..20).flat_map(|shift| [1 << shift, (1 << shift) + 1, 3 << shift]);
    let mut held = [const { None::<Block> }; 100];
    for (slot, size) in held.iter_mut().zip(ladder.filter(|size| *size <= H::KNOWN_BYTES.min(20_000))) {
        let block = Block::take(heap, size, KNOWN_ALIGN).expect("there is memory");
        assert!(!block.start.addr().get().is_multiple_of(4096), "{block:?} begins at a page boundary");
        *slot = Some(block.known(heap));
    }
    for block in held.into_iter().flatten() {
        let more = (block.layout.size() + 1).min(H::KNOWN_BYTES);
        let block = block.resized(heap, more).unwrap_or_else(|block| block).known(heap);
        let less = block.layout.size().div_ceil(2);
        block.resized(heap, less).unwrap_or_else(|block| block).known(heap).give(heap);
    }
    assert_eq!(heap.usage().used, 0, "all blocks are back");
}

/// Random requests, resizes and frees from `seed`.
pub fn survives_random_use(heap: &impl Heap, seed: u64) {
    hammer(heap, seed, 20_000);
    assert_eq!(heap.usage().used, 0, "seed {seed}: all blocks are back");
}

/// The body of [`survives_random_use`], for tests that run it on many threads at once. Everything is given back.
pub fn hammer(heap: &impl Heap, seed: u64, rounds: usize) {
    let mut below = random(seed);
    let mut held = [const { None::<Block> }; 100];
    for _ in 0..rounds {
        let slot = &mut held[below(100)];
        // As many of 16 to 32 bytes as of 8 to 16 KiB, as in programs; the odd one is larger.
        let scale = if below(50) == 0 { 17 } else { 4 + below(10) };
        let size = below(1 << scale);
        let largest_align = if below(20) == 0 { 13 } else { 5 };
        *slot = match slot.take() {
            None => Block::take(heap, size, 1 << below(largest_align)),
            Some(block) if below(3) == 0 => Some(block.resized(heap, size).unwrap_or_else(|block| block)),
            Some(block) => {
                block.give(heap);
                None
            }
        };
    }
    held.into_iter().flatten().for_each(|block| block.give(heap));
}

/// Random numbers below a limit. Marsaglia, "Xorshift RNGs" (2003).
fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |limit| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % limit
    }
}

/// A block that the suite holds, filled with its tag.
struct Block {
    start: NonNull<u8>,
    layout: Layout,
    tag: u8,
}

impl Block {
    fn take(heap: &impl Heap, size: usize, align: usize) -> Option<Self> {
        let layout = Layout::from_size_align(size, align).expect("the suite asks for legal layouts");
        let start = heap.allocate(layout).ok()?;
        assert_eq!(start.addr().get() % align, 0, "{start:p} is not aligned to {align}");
        Some(Self { start, layout, tag: 0 }.filled())
    }

    fn filled(mut self) -> Self {
        self.tag = tag_of(self.start);
        // SAFETY: the block is live and this long.
        unsafe { self.start.write_bytes(self.tag, self.layout.size()) }
        self
    }

    fn check(&self, bytes: usize) {
        // SAFETY: the block is live, at least this long, and was filled.
        let contents = unsafe { core::slice::from_raw_parts(self.start.as_ptr(), bytes) };
        let position = contents.iter().position(|byte| *byte != self.tag);
        assert_eq!(position, None, "byte changed in the block of {:?} at {:p}", self.layout, self.start);
    }

    fn resized(self, heap: &impl Heap, new_bytes: usize) -> Result<Self, Self> {
        self.check(self.layout.size());
        // SAFETY: the block is live, and the suite asks for small sizes or checks its own.
        match unsafe { heap.resize(self.start, self.layout, new_bytes) } {
            Ok(start) => {
                let align = self.layout.align();
                assert_eq!(start.addr().get() % align, 0, "{start:p} is not aligned to {align} any more");
                let layout = Layout::from_size_align(new_bytes, align).expect("a legal layout");
                let resized = Self { start, layout, tag: self.tag };
                resized.check(self.layout.size().min(new_bytes));
                Ok(resized.filled())
            }
            Err(AllocError::Exhausted) => {
                self.check(self.layout.size());
                Err(self)
            }
        }
    }

    /// A resize that must fail.
    fn refused(self, heap: &impl Heap, new_bytes: usize) -> Self {
        match self.resized(heap, new_bytes) {
            Ok(_) => panic!("a block of {new_bytes} bytes cannot be"),
            Err(block) => block,
        }
    }

    /// The block with the size that the heap remembers: all of it is ours, and what frees it.
    fn known(self, heap: &impl SizedHeap) -> Self {
        // SAFETY: the suite asks only about sizes that the heap knows, and the block is live.
        let bytes = unsafe { heap.bytes_of(self.start) };
        assert!(bytes >= self.layout.size(), "{bytes} bytes are remembered of {self:?}");
        let layout = Layout::from_size_align(bytes, self.layout.align()).expect("a legal layout");
        Self { layout, ..self }.filled()
    }

    fn give(self, heap: &impl Heap) {
        self.check(self.layout.size());
        // SAFETY: live until here, with this layout.
        unsafe { heap.free(self.start, self.layout) }
    }
}

impl core::fmt::Debug for Block {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?} at {:p}", self.layout, self.start)
    }
}

/// A stack of any number of blocks of one layout, linked through their first words: the suite has no other heap.
struct Chain {
    top: Option<NonNull<u8>>,
    layout: Layout,
}

impl Chain {
    fn of(size: usize) -> Self {
        assert!(size >= size_of::<Option<NonNull<u8>>>(), "a block holds at least a link");
        Self { top: None, layout: Layout::from_size_align(size, 8).expect("a legal layout") }
    }

    /// Allocates a block onto the stack.
    fn grow(&mut self, heap: &impl Heap) -> Option<()> {
        let block = Block::take(heap, self.layout.size(), self.layout.align())?;
        // SAFETY: the block is live, aligned and long enough for a link.
        unsafe { block.start.cast().write(self.top) }
        self.top = Some(block.start);
        Some(())
    }

    /// Takes the newest block out. All but its link is as it was filled; the link is filled now.
    fn pop(&mut self) -> Option<Block> {
        let start = self.top?;
        // SAFETY: a block in the stack is live and begins with its link.
        unsafe {
            self.top = start.cast().read();
            start.write_bytes(tag_of(start), size_of_val(&self.top));
        }
        Some(Block { start, layout: self.layout, tag: tag_of(start) })
    }

    fn give(mut self, heap: &impl Heap) {
        while let Some(block) = self.pop() {
            block.give(heap);
        }
    }
}

/// A block's tag follows from its address, so that its neighbours have others.
fn tag_of(start: NonNull<u8>) -> u8 {
    let address = start.addr().get();
    (address >> 3 ^ address >> 11 ^ address >> 16) as u8
}
