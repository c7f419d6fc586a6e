//! What was found, in words on the console. Put together by hand: `core::fmt` would weigh more than the guard.
#![forbid(unsafe_code)]

use crate::block::{Block, Damage};
use crate::books::Books;
use core::alloc::Layout;
use kit_iface_console::log_str;
use kit_iface_platform::fatal;

/// Says what is wrong with a block and when that was found, and ends the image.
#[cold]
pub fn damage(block: &Block, damage: Damage, found: &str) -> ! {
    let (what, distance, unit) = match damage {
        Damage::Before { distance } => ("write before", Some(distance), " bytes before its start"),
        Damage::Behind { distance } => ("write behind", Some(distance), " bytes past its end"),
        Damage::UsedAfterFree { offset } => {
            ("write to a freed block:", Some(offset), " bytes from its start")
        }
        Damage::FreedTwice => ("second free of", None, ""),
        Damage::Header => ("free of something that is no block, or whose header was overwritten:", None, ""),
    };
    log_str("kit: heap: ");
    log_str(what);
    if damage == Damage::Header {
        // What the header says is not to be trusted.
        log_str(" address ");
    } else {
        log_str(" a block of ");
        decimal(block.bytes() as u64);
        log_str(" bytes at ");
    }
    hexadecimal(block.start().addr().get());
    if let Some(distance) = distance {
        log_str(", ");
        decimal(distance as u64);
        log_str(unit);
    }
    log_str("; found ");
    log_str(found);
    if damage != Damage::Header {
        log_str(" (allocation number ");
        decimal(block.number());
        log_str(")");
    }
    log_str("\n");
    fatal("heap")
}

/// Says that a block is given back as something else than it is, and ends the image.
#[cold]
pub fn wrong_layout(block: &Block, layout: Layout) -> ! {
    log_str("kit: heap: a block of ");
    decimal(block.bytes() as u64);
    log_str(" bytes at ");
    hexadecimal(block.start().addr().get());
    log_str(" is freed or resized as one of ");
    decimal(layout.size() as u64);
    log_str(" bytes, aligned to ");
    decimal(layout.align() as u64);
    log_str(" (allocation number ");
    decimal(block.number());
    log_str(")\n");
    fatal("heap")
}

/// Sizes that are told apart; further ones count as one.
const KINDS: usize = 64;
/// Kinds that are listed.
const SHOWN: usize = 8;

/// Blocks of one size.
#[derive(Clone, Copy)]
struct Kind {
    bytes: usize,
    count: u64,
    /// Number of the oldest.
    first: u64,
}

/// Says what is still in use, if anything is: how much, and the sizes that take most.
pub fn leaks(books: &Books) {
    let mut kinds = [Kind { bytes: 0, count: 0, first: 0 }; KINDS];
    let (mut count, mut bytes) = (0, 0);
    for block in books.in_use() {
        count += 1;
        bytes += block.bytes() as u64;
        let place = kinds.iter_mut().find(|kind| kind.count == 0 || kind.bytes == block.bytes());
        if let Some(kind) = place {
            // Newest first, so the last one seen is the oldest.
            *kind = Kind { bytes: block.bytes(), count: kind.count + 1, first: block.number() };
        }
    }
    let (pages, pages_bytes) = books.pages();
    if count == 0 && pages == 0 {
        return;
    }
    log_str("kit: heap: in use when the image ended: ");
    decimal(count);
    log_str(" blocks of ");
    decimal(bytes);
    log_str(" bytes");
    if pages > 0 {
        log_str(", and ");
        decimal(pages as u64);
        log_str(" blocks of whole pages, ");
        decimal(pages_bytes as u64);
        log_str(" bytes");
    }
    log_str("\n");
    kinds.sort_unstable_by_key(|kind| core::cmp::Reverse(kind.bytes as u64 * kind.count));
    for kind in kinds.iter().take(SHOWN).take_while(|kind| kind.count > 0) {
        log_str("kit: heap:   ");
        decimal(kind.count);
        log_str(" of ");
        decimal(kind.bytes as u64);
        log_str(" bytes, the oldest is allocation number ");
        decimal(kind.first);
        log_str("\n");
    }
}

fn decimal(number: u64) {
    digits(number, 10, "");
}

fn hexadecimal(number: usize) {
    digits(number as u64, 16, "0x");
}

fn digits(mut number: u64, base: u64, prefix: &str) {
    log_str(prefix);
    let mut text = [0; 20];
    let mut at = text.len();
    loop {
        at -= 1;
        text[at] = b"0123456789abcdef"[(number % base) as usize];
        number /= base;
        if number == 0 {
            break;
        }
    }
    log_str(core::str::from_utf8(&text[at..]).unwrap_or_default());
}
