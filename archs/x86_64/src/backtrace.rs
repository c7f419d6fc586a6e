//! The chain of frame pointers.

/// Frames after which a chain is taken for garbage.
const LONGEST: usize = 128;

/// Calls `visit` with each return address, nearest first. See [`kit_iface_arch::Arch::backtrace`].
pub(crate) fn walk(frame_pointer: usize, is_mapped: &dyn Fn(usize) -> bool, visit: &mut dyn FnMut(usize)) {
    let mut frame = frame_pointer;
    for _ in 0..LONGEST {
        if frame == 0 || !frame.is_multiple_of(8) || !is_mapped(frame) || !is_mapped(frame + 8) {
            return;
        }
        // SAFETY: both words are aligned, and readable by the caller's word.
        let (next, return_address) = unsafe { (*(frame as *const usize), *((frame + 8) as *const usize)) };
        if return_address == 0 {
            return;
        }
        visit(return_address);
        // A caller's frame lies above its callee's; anything else is not a chain.
        if next <= frame {
            return;
        }
        frame = next;
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::cell::Cell;
    use std::vec::Vec;

    fn walk(frame: usize, is_mapped: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut seen = Vec::new();
        super::walk(frame, &is_mapped, &mut |address| seen.push(address));
        seen
    }

    /// A stack of eight words in which frame `n` is the two words from `2 * n` on.
    fn stack() -> [Cell<usize>; 8] {
        core::array::from_fn(|_| Cell::new(0))
    }

    #[test]
    fn follows_a_chain_to_its_end() {
        let stack = stack();
        let base = stack.as_ptr() as usize;
        stack[0].set(base + 32);
        stack[1].set(11);
        stack[5].set(22);
        assert_eq!(walk(base, |_| true), [11, 22]);
    }

    #[test]
    fn stops_where_the_chain_goes_down_or_out() {
        let stack = stack();
        let base = stack.as_ptr() as usize;
        stack[4].set(base);
        stack[5].set(7);
        assert_eq!(walk(base + 32, |_| true), [7]);
        assert_eq!(walk(base + 32, |_| false), []);
        assert_eq!(walk(base + 1, |_| true), []);
        assert_eq!(walk(0, |_| true), []);
    }
}
