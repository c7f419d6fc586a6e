//! The intrusive heap for policies that order threads by a number: a leftist tree (Crane, "Linear Lists and Priority
//! Queues as Balanced Binary Trees", 1972; Knuth, TAOCP 5.2.3).
//!
//! No allocation, and `O(log n)` steps for each operation in the worst case, the removal of any thread included:
//! the policy runs with interrupts masked, where an amortised bound would be a latency. The path down the right
//! children has at most `log2(n + 1)` threads, and merging two trees walks only such paths.

use crate::ThreadRef;

/// Threads in the order of their `tag`; of equal ones the first that came. Tags are compared by their difference
/// modulo 2^64, so a tag may grow for ever as long as those in the heap are within 2^63 of each other.
#[derive(Debug, Default)]
pub struct MinHeap {
    root: Option<ThreadRef>,
    arrivals: u32,
}

type Link = Option<ThreadRef>;

impl MinHeap {
    /// An empty heap.
    pub const fn new() -> Self {
        Self { root: None, arrivals: 0 }
    }

    /// Whether there is nobody in it.
    pub const fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// The thread that [`MinHeap::pop`] would return.
    pub const fn first(&self) -> Link {
        self.root
    }

    /// Adds a thread, which must be in no queue or heap. Its tag stays as it is until it leaves.
    pub fn push(&mut self, thread: ThreadRef) {
        let links = thread.links();
        debug_assert!(!links.queued.get(), "a thread is in one queue at a time");
        links.queued.set(true);
        links.next.set(None);
        links.right.set(None);
        links.previous.set(None);
        links.rank.set(1);
        links.arrival.set(self.arrivals);
        self.arrivals = self.arrivals.wrapping_add(1);
        self.root = merge(self.root, Some(thread));
    }

    /// Takes the first thread out.
    pub fn pop(&mut self) -> Link {
        let thread = self.root?;
        self.remove(thread);
        Some(thread)
    }

    /// Takes `thread` out; it must be in *this* heap or in none. Returns whether it was in it.
    pub fn remove(&mut self, thread: ThreadRef) -> bool {
        let links = thread.links();
        if !links.queued.replace(false) {
            return false;
        }
        let parent = links.previous.take().map(ThreadRef);
        let rest = merge(links.next.take().map(ThreadRef), links.right.take().map(ThreadRef));
        set_parent(rest, parent);
        match parent {
            None => self.root = rest,
            Some(parent) if left(parent) == Some(thread) => {
                parent.links().next.set(rest.map(ThreadRef::as_ptr))
            }
            Some(parent) => parent.links().right.set(rest.map(ThreadRef::as_ptr)),
        }
        // A rank that changes is the lesser one of two children, so ranks grow on the way up: at most log2(n) steps.
        let mut next = parent;
        while let Some(thread) = next.filter(|thread| restore(*thread)) {
            next = thread.links().previous.get().map(ThreadRef);
        }
        true
    }
}

fn left(thread: ThreadRef) -> Link {
    thread.links().next.get().map(ThreadRef)
}

fn right(thread: ThreadRef) -> Link {
    thread.links().right.get().map(ThreadRef)
}

fn rank(thread: Link) -> u8 {
    thread.map_or(0, |thread| thread.links().rank.get())
}

fn set_parent(thread: Link, parent: Link) {
    if let Some(thread) = thread {
        thread.links().previous.set(parent.map(ThreadRef::as_ptr));
    }
}

fn goes_before(one: ThreadRef, other: ThreadRef) -> bool {
    let (one, other) = (one.links(), other.links());
    let behind = one.tag.get().wrapping_sub(other.tag.get()) as i64;
    let came_later = one.arrival.get().wrapping_sub(other.arrival.get()) as i32;
    (behind, came_later) < (0, 0)
}

/// Makes the left child the one of greater rank, and sets the thread's own; answers whether that has changed.
fn restore(thread: ThreadRef) -> bool {
    let links = thread.links();
    if rank(left(thread)) < rank(right(thread)) {
        links.next.swap(&links.right);
    }
    let rank = rank(right(thread)) + 1;
    links.rank.replace(rank) != rank
}

/// One heap of two; both are roots.
fn merge(one: Link, other: Link) -> Link {
    let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
    let (root, mut rest) = if goes_before(other, one) { (other, one) } else { (one, other) };
    let mut at = root;
    // Down: of the two next ones the lesser becomes the right child, and the other is what is left to merge.
    loop {
        let below = right(at);
        let child = match below {
            Some(below) if !goes_before(rest, below) => below,
            _ => {
                at.links().right.set(Some(rest.0));
                set_parent(Some(rest), Some(at));
                match below {
                    None => break,
                    Some(below) => core::mem::replace(&mut rest, below),
                }
            }
        };
        at = child;
    }
    // Up again, as far as the root.
    let mut next = Some(at);
    while let Some(thread) = next {
        restore(thread);
        next = (thread != root).then(|| thread.links().previous.get().map(ThreadRef)).flatten();
    }
    set_parent(Some(root), None);
    Some(root)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::{Links, Urgency};
    use core::ptr::NonNull;
    use std::vec::Vec;

    fn links(count: usize) -> Vec<Links> {
        (0..count).map(|_| Links::new(Urgency::NORMAL)).collect()
    }

    fn thread(links: &Links) -> ThreadRef {
        // SAFETY: in each test the links outlive the heap, and there is one thread.
        unsafe { ThreadRef::new(NonNull::from(links)) }
    }

    /// The height along right children, and whether ranks and parents are as they must be.
    fn check(at: Link, parent: Link) -> usize {
        let Some(thread) = at else { return 0 };
        assert_eq!(thread.links().previous.get().map(ThreadRef), parent);
        if let Some(parent) = parent {
            assert!(!goes_before(thread, parent), "a child does not go before its parent");
        }
        let (left, right) = (check(left(thread), at), check(right(thread), at));
        assert!(left >= right, "the tree leans to the left");
        assert_eq!(usize::from(thread.links().rank.get()), right + 1);
        right + 1
    }

    #[test]
    fn equal_tags_come_out_as_they_came_and_tags_may_wrap() {
        let links = links(5);
        let mut heap = MinHeap::new();
        for (links, tag) in links.iter().zip([5, 5, u64::MAX, 5, 4]) {
            links.tag.set(tag);
            heap.push(thread(links));
        }
        let order: Vec<_> = core::iter::from_fn(|| heap.pop()).collect();
        assert_eq!(order, [2, 4, 0, 1, 3].map(|i| thread(&links[i])));
    }

    #[test]
    fn random_use_keeps_order_and_bound() {
        for seed in 1..20_u64 {
            let links = links(200);
            let mut heap = MinHeap::new();
            let mut random = seed;
            let mut inside: Vec<usize> = Vec::new();
            for _ in 0..3000 {
                // Marsaglia, "Xorshift RNGs" (2003).
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let i = (random >> 20) as usize % links.len();
                match random % 5 {
                    0..=2 if !inside.contains(&i) => {
                        links[i].tag.set((random >> 40) % 50);
                        heap.push(thread(&links[i]));
                        inside.push(i);
                    }
                    3 => {
                        assert_eq!(heap.remove(thread(&links[i])), inside.contains(&i), "seed {seed}");
                        inside.retain(|other| *other != i);
                    }
                    _ => {
                        // `inside` is in the order of arrival, and `min_by_key` takes the first of equals.
                        let expected = inside.iter().copied().min_by_key(|i| links[*i].tag.get());
                        assert_eq!(heap.pop(), expected.map(|i| thread(&links[i])), "seed {seed}");
                        inside.retain(|other| Some(*other) != expected);
                    }
                }
                let height = check(heap.root, None);
                assert!(1 << height <= inside.len() + 1, "{height} steps for {} threads", inside.len());
            }
        }
    }
}
