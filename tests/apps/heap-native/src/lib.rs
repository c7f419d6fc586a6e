//! The heap itself at work: a native image, whose global allocator is the heap. `heap-native WORKLOAD ROUNDS`.
#![no_std]

use core::hint::black_box;
use core::str::from_utf8;

use heap_workloads::{Marks, run};
use kit_native::System;

/// Where the count of instructions begins.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_begin() {
    black_box(1);
}

/// Where it ends.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_end() {
    black_box(2);
}

struct Clock<'a, S> {
    system: &'a S,
    begin_ns: u64,
    end_ns: u64,
}

impl<S: System> Marks for Clock<'_, S> {
    fn begin(&mut self) {
        self.begin_ns = self.system.monotonic_ns();
        bench_begin();
    }

    fn end(&mut self) {
        bench_end();
        self.end_ns = self.system.monotonic_ns();
    }
}

/// Prints what was counted and `ns: N`; exits with 1 if the heap refused a request, with 64 if it was called wrongly.
pub fn main(system: &impl System) -> u8 {
    let (mut name, mut rounds) = ([0; 32], [0; 12]);
    let name = system.argument(1, &mut name).and_then(|name| from_utf8(name).ok());
    let rounds = system.argument(2, &mut rounds).and_then(|digits| from_utf8(digits).ok()?.parse().ok());
    let Some((name, rounds)) = name.zip(rounds) else { return 64 };
    let mut clock = Clock { system, begin_ns: 0, end_ns: 0 };
    let Some(counted) = run(name, rounds, &mut clock) else { return 1 };
    print(system, b"counted: ", counted);
    print(system, b"ns: ", clock.end_ns - clock.begin_ns);
    0
}

fn print(system: &impl System, label: &[u8], mut number: u64) {
    let mut digits = [b'\n'; 21];
    let mut at = digits.len() - 1;
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    system.write(label);
    system.write(&digits[at..]);
}
