//! What every architecture must pass. Voluntary switches and backtraces need no privilege, so the suite runs on
//! the host too; what does need it (interrupt frames, the thread pointer) is covered by image tests.

use crate::Arch;
use core::hint::black_box;

/// Bytes of stack that [`check`] wants.
pub const STACK_BYTES: usize = 64 * 1024;

/// Runs the whole suite on `stack`, of at least [`STACK_BYTES`]. Where interrupts exist, they are masked.
pub fn check<A: Arch>(stack: &mut [u8]) {
    constants_make_sense::<A>();
    switches_keep_both_sides::<A>(stack);
    backtrace_walks_a_chain::<A>();
    backtrace_stops_at_nonsense::<A>();
}

/// Sizes are powers of two.
pub fn constants_make_sense<A: Arch>() {
    assert!(A::PAGE_BYTES.is_power_of_two() && A::STACK_ALIGN.is_power_of_two());
}

/// Two contexts that take turns a thousand times, and what each must find unchanged.
struct PingPong<A: Arch> {
    main: A::Context,
    other: A::Context,
    turns: usize,
    floating_sum: f64,
}

const TURNS: usize = 1000;

/// A new context starts aligned and with its argument; each side of a switch keeps its registers and stack.
pub fn switches_keep_both_sides<A: Arch>(stack: &mut [u8]) {
    assert!(stack.len() >= STACK_BYTES, "the suite needs {STACK_BYTES} bytes of stack");
    let end = stack.as_mut_ptr_range().end;
    let top = end.map_addr(|address| address & !(A::STACK_ALIGN - 1));
    let mut shared =
        PingPong::<A> { main: A::boot_context(), other: A::boot_context(), turns: 0, floating_sum: 0.0 };
    let shared = &raw mut shared;
    // SAFETY: the stack is the caller's for the length of this call, long enough and aligned; `shared` outlives
    // both contexts. One side runs at a time, and each touches `shared` only while it runs.
    unsafe {
        (*shared).other = A::new_context(top, other_side::<A>, shared as usize);
        let (mut a, mut b, mut c, mut d, mut e, mut f) =
            black_box((1usize, 2usize, 3usize, 4usize, 5usize, 6usize));
        let mut x = black_box(0.5f64);
        for turn in 1..=TURNS {
            (*shared).turns = turn;
            A::switch(&raw mut (*shared).main, &raw mut (*shared).other);
            (a, b, c, d, e, f) = (a + 1, b + 1, c + 1, d + 1, e + 1, f + 1);
            x += 1.0;
        }
        assert_eq!([a, b, c, d, e, f].map(|value| value - TURNS), [1, 2, 3, 4, 5, 6]);
        assert_eq!(x, 0.5 + TURNS as f64);
        assert_eq!((*shared).floating_sum, (TURNS * (TURNS + 1) / 2) as f64);
    }
}

extern "C" fn other_side<A: Arch>(argument: usize) -> ! {
    #[repr(align(16))]
    struct Aligned([u8; 16]);
    // The compiler trusts the ABI's alignment when it places this; the address shows whether it may.
    let local = black_box(Aligned([0; 16]));
    let address = local.0.as_ptr() as usize;
    let shared = argument as *mut PingPong<A>;
    let mut sum = 0.0;
    loop {
        // SAFETY: see `switches_keep_both_sides`.
        unsafe {
            // Nothing unwinds across a switch, so a failure is told by a sum that is wrong.
            sum += if address.is_multiple_of(16) { (*shared).turns as f64 } else { f64::NAN };
            (*shared).floating_sum = sum;
            if (*shared).turns == TURNS {
                A::resume(&raw mut (*shared).main);
            }
            A::switch(&raw mut (*shared).other, &raw mut (*shared).main);
        }
    }
}

/// Return addresses come nearest first, and the chain ends at a null frame pointer.
pub fn backtrace_walks_a_chain<A: Arch>() {
    let mut frames = [[0usize; 2]; 3];
    frames[2] = [0, 30];
    frames[1] = [(&raw const frames[2]) as usize, 20];
    frames[0] = [(&raw const frames[1]) as usize, 10];
    let (mut seen, mut count) = ([0; 8], 0);
    A::backtrace((&raw const frames[0]) as usize, &|_| true, &mut |address| {
        seen[count] = address;
        count += 1;
    });
    assert_eq!(seen[..count], [10, 20, 30]);
}

/// Unmapped frames, frames that go down, and cycles end the walk.
pub fn backtrace_stops_at_nonsense<A: Arch>() {
    let count = |start: usize, is_mapped: &dyn Fn(usize) -> bool| {
        let mut count = 0;
        A::backtrace(start, is_mapped, &mut |_| count += 1);
        count
    };
    let mut cycle = [0usize, 10];
    cycle[0] = (&raw const cycle) as usize;
    let start = (&raw const cycle) as usize;
    assert!(count(start, &|_| true) <= 1, "a frame that is its own caller");
    assert_eq!(count(start, &|_| false), 0, "an unmapped frame was read");
    let mut down = [[0usize, 7], [0, 8]];
    down[1][0] = (&raw const down[0]) as usize;
    assert!(count((&raw const down[1]) as usize, &|_| true) <= 1, "stacks grow down, callers lie above");
}
