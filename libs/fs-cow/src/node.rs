//! One block of the tree: a sorted table of slots in front, in a leaf with a heap of values behind.
//!
//! ```text
//! 0 crc32c · 4 magic · 8 address · 16 generation · 24 level · 26 count · 28 heap start
//! 32 slots: leaf  key 16 · offset 2 · length 2      inner  key 16 · child 8 · child's generation 8
//! ```
//! The values of a leaf fill its end without gaps. The functions trust a block that [`verify`] has accepted.

use crate::bytes::{get_u16, get_u32, get_u64, get_u128, put};
use crate::checksum::{is_sealed, seal};
use crate::layout::BLOCK_BYTES;

/// What orders the tree; see `items`.
pub type Key = u128;

/// The longest value.
pub const VALUE_MAX: usize = 288;
/// The deepest tree: enough for 2^40 leaves.
pub const LEVELS_MAX: u8 = 8;

const MAGIC: u32 = u32::from_le_bytes(*b"cowt");
const HEADER: usize = 32;
const LEAF_SLOT: usize = 20;
const INNER_SLOT: usize = 32;
/// Children of an inner node.
const FANOUT: usize = (BLOCK_BYTES - HEADER) / INNER_SLOT;

/// Where a node is, and the commit that wrote it: a block that an old commit left there is not taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// Its block.
    pub address: u64,
    /// Its generation.
    pub generation: u64,
}

/// Makes `block` an empty node.
pub fn clear(block: &mut [u8], at: Pointer, level: u8) {
    block.fill(0);
    put(block, 4, MAGIC.to_le_bytes());
    block[24] = level;
    set_heap(block, BLOCK_BYTES);
    set_pointer(block, at);
}

/// Says where the node is now.
pub fn set_pointer(block: &mut [u8], at: Pointer) {
    put(block, 8, at.address.to_le_bytes());
    put(block, 16, at.generation.to_le_bytes());
}

/// Prepares a node for the disk.
pub fn finish(block: &mut [u8]) {
    seal(block);
}

/// Whether `block`, just read, is the node `at`, whole and sound, of a disk of `blocks`.
pub fn verify(block: &[u8], at: Pointer, blocks: u64) -> bool {
    let header = is_sealed(block)
        && get_u32(block, 4) == MAGIC
        && get_u64(block, 8) == at.address
        && get_u64(block, 16) == at.generation
        && level(block) < LEVELS_MAX;
    header && (1..count(block)).all(|slot| key_unchecked(block, slot - 1) < key_unchecked(block, slot)) && {
        if level(block) == 0 { is_leaf_sound(block) } else { is_inner_sound(block, at, blocks) }
    }
}

/// A key of a block whose count is not trusted yet.
fn key_unchecked(block: &[u8], slot: usize) -> Key {
    let at = HEADER + slot * slot_bytes(block);
    if at + 16 <= BLOCK_BYTES { get_u128(block, at) } else { 0 }
}

fn is_leaf_sound(block: &[u8]) -> bool {
    let slots_end = HEADER + count(block) * LEAF_SLOT;
    let start = heap(block);
    if slots_end > start || start > BLOCK_BYTES {
        return false;
    }
    // One bit for each byte of the heap: values that add up to it and leave none out do not overlap.
    let mut covered = [0u64; BLOCK_BYTES / 64];
    let mut total = 0;
    let each = (0..count(block)).all(|slot| {
        let (offset, length) = extent(block, slot);
        total += length;
        let is_inside = length <= VALUE_MAX && offset >= start && offset + length <= BLOCK_BYTES;
        if is_inside {
            (offset..offset + length).for_each(|byte| covered[byte / 64] |= 1 << (byte % 64));
        }
        is_inside
    });
    each && total == BLOCK_BYTES - start
        && covered.iter().map(|word| word.count_ones() as usize).sum::<usize>() == total
}

fn is_inner_sound(block: &[u8], at: Pointer, blocks: u64) -> bool {
    (1..=FANOUT).contains(&count(block))
        && (0..count(block)).all(|slot| {
            let child = child(block, slot);
            child.address != 0 && child.address < blocks && child.generation <= at.generation
        })
}

/// 0 for a leaf, else one more than that of its children.
pub fn level(block: &[u8]) -> u8 {
    block[24]
}

/// How many slots it has.
pub fn count(block: &[u8]) -> usize {
    usize::from(get_u16(block, 26))
}

fn set_count(block: &mut [u8], count: usize) {
    put(block, 26, (count as u16).to_le_bytes());
}

fn heap(block: &[u8]) -> usize {
    usize::from(get_u16(block, 28))
}

fn set_heap(block: &mut [u8], start: usize) {
    put(block, 28, (start as u16).to_le_bytes());
}

fn slot_bytes(block: &[u8]) -> usize {
    if level(block) == 0 { LEAF_SLOT } else { INNER_SLOT }
}

/// The key of a slot.
pub fn key(block: &[u8], slot: usize) -> Key {
    get_u128(block, HEADER + slot * slot_bytes(block))
}

/// The slot with `key`, or the one before which it belongs.
pub fn find(block: &[u8], key: Key) -> Result<usize, usize> {
    let (mut low, mut high) = (0, count(block));
    while low < high {
        let middle = low.midpoint(high);
        match self::key(block, middle).cmp(&key) {
            core::cmp::Ordering::Equal => return Ok(middle),
            core::cmp::Ordering::Less => low = middle + 1,
            core::cmp::Ordering::Greater => high = middle,
        }
    }
    Err(low)
}

/// Bytes that slots and values take.
pub fn used(block: &[u8]) -> usize {
    count(block) * slot_bytes(block) + if level(block) == 0 { BLOCK_BYTES - heap(block) } else { 0 }
}

/// Bytes that [`used`] can reach.
pub const CAPACITY: usize = BLOCK_BYTES - HEADER;

/// Makes room for a slot and moves those behind it.
fn open_slot(block: &mut [u8], slot: usize) {
    let (size, count) = (slot_bytes(block), count(block));
    let at = HEADER + slot * size;
    block.copy_within(at..HEADER + count * size, at + size);
    set_count(block, count + 1);
}

fn close_slot(block: &mut [u8], slot: usize) {
    let (size, count) = (slot_bytes(block), count(block));
    let at = HEADER + slot * size;
    block.copy_within(at + size..HEADER + count * size, at);
    set_count(block, count - 1);
}

// Leaves.

fn extent(block: &[u8], slot: usize) -> (usize, usize) {
    let at = HEADER + slot * LEAF_SLOT;
    (usize::from(get_u16(block, at + 16)), usize::from(get_u16(block, at + 18)))
}

/// The value of a slot.
pub fn value(block: &[u8], slot: usize) -> &[u8] {
    let (offset, length) = extent(block, slot);
    &block[offset..offset + length]
}

/// The value of a slot, to change in place.
pub fn value_mut(block: &mut [u8], slot: usize) -> &mut [u8] {
    let (offset, length) = extent(block, slot);
    &mut block[offset..offset + length]
}

/// Whether a value of `length` still fits.
pub fn has_room(block: &[u8], length: usize) -> bool {
    used(block) + LEAF_SLOT + length <= CAPACITY
}

/// Inserts a value for which there is room.
pub fn insert(block: &mut [u8], slot: usize, key: Key, value: &[u8]) {
    let start = heap(block) - value.len();
    block[start..start + value.len()].copy_from_slice(value);
    set_heap(block, start);
    open_slot(block, slot);
    let at = HEADER + slot * LEAF_SLOT;
    put(block, at, key.to_le_bytes());
    put(block, at + 16, (start as u16).to_le_bytes());
    put(block, at + 18, (value.len() as u16).to_le_bytes());
}

/// Removes a slot and closes the gap of its value.
pub fn remove(block: &mut [u8], slot: usize) {
    let (offset, length) = extent(block, slot);
    let start = heap(block);
    block.copy_within(start..offset, start + length);
    set_heap(block, start + length);
    for other in 0..count(block) {
        let (place, _) = extent(block, other);
        if place < offset {
            put(block, HEADER + other * LEAF_SLOT + 16, ((place + length) as u16).to_le_bytes());
        }
    }
    close_slot(block, slot);
}

/// The slot at which a leaf is best split for an insertion at `slot`: at the end of a sequence that grows, else
/// where the halves have equal bytes.
pub fn split_point(block: &[u8], slot: usize) -> usize {
    if slot == count(block) {
        return slot;
    }
    let half = used(block) / 2;
    let mut sum = 0;
    (0..count(block))
        .find(|slot| {
            sum += LEAF_SLOT + extent(block, *slot).1;
            sum >= half
        })
        .map_or(1, |slot| slot.max(1))
}

// Inner nodes.

/// The node that a slot points at.
pub fn child(block: &[u8], slot: usize) -> Pointer {
    let at = HEADER + slot * INNER_SLOT;
    Pointer { address: get_u64(block, at + 16), generation: get_u64(block, at + 24) }
}

/// Lets a slot point at `child`.
pub fn set_child(block: &mut [u8], slot: usize, child: Pointer) {
    let at = HEADER + slot * INNER_SLOT;
    put(block, at + 16, child.address.to_le_bytes());
    put(block, at + 24, child.generation.to_le_bytes());
}

/// Lets a slot begin at `key`.
pub fn set_key(block: &mut [u8], slot: usize, key: Key) {
    let at = HEADER + slot * slot_bytes(block);
    put(block, at, key.to_le_bytes());
}

/// The slot below which `key` is, if it is anywhere: the last whose key is not larger, or the first.
pub fn descend(block: &[u8], key: Key) -> usize {
    match find(block, key) {
        Ok(slot) => slot,
        Err(slot) => slot.saturating_sub(1),
    }
}

/// Whether an inner node can take no more children.
pub fn is_full(block: &[u8]) -> bool {
    count(block) == FANOUT
}

/// Inserts a child into a node that is not full.
pub fn insert_child(block: &mut [u8], slot: usize, key: Key, child: Pointer) {
    open_slot(block, slot);
    put(block, HEADER + slot * INNER_SLOT, key.to_le_bytes());
    set_child(block, slot, child);
}

/// Removes a child.
pub fn remove_child(block: &mut [u8], slot: usize) {
    close_slot(block, slot);
}

// Both.

/// Moves the slots from `slot` on to the end of `right`, which has the same level and room for them.
pub fn move_tail(block: &mut [u8], slot: usize, right: &mut [u8]) {
    copy_slots(block, slot, right);
    while count(block) > slot {
        let last = count(block) - 1;
        if level(block) == 0 { remove(block, last) } else { remove_child(block, last) }
    }
}

/// Copies the slots from `slot` on to the end of `to`.
pub fn copy_slots(block: &[u8], slot: usize, to: &mut [u8]) {
    for slot in slot..count(block) {
        let end = count(to);
        if level(block) == 0 {
            insert(to, end, key(block, slot), value(block, slot));
        } else {
            insert_child(to, end, key(block, slot), child(block, slot));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf() -> [u8; BLOCK_BYTES] {
        let mut block = [0; BLOCK_BYTES];
        clear(&mut block, Pointer { address: 7, generation: 3 }, 0);
        block
    }

    #[test]
    fn values_come_and_go() {
        let mut block = leaf();
        for number in (0..20u128).rev() {
            let slot = find(&block, number).expect_err("a new key");
            insert(&mut block, slot, number, &[number as u8; 100][..number as usize * 5]);
        }
        for number in (0..20).step_by(2) {
            let slot = find(&block, number).expect("a key");
            remove(&mut block, slot);
        }
        assert_eq!(count(&block), 10);
        for number in (1..20u128).step_by(2) {
            let slot = find(&block, number).expect("a key");
            assert_eq!(value(&block, slot), &[number as u8; 100][..number as usize * 5]);
        }
        finish(&mut block);
        assert!(verify(&block, Pointer { address: 7, generation: 3 }, 100));
        assert!(!verify(&block, Pointer { address: 7, generation: 4 }, 100));
        assert!(!verify(&block, Pointer { address: 8, generation: 3 }, 100));
        block[2000] ^= 4;
        assert!(!verify(&block, Pointer { address: 7, generation: 3 }, 100));
    }

    #[test]
    fn unsound_nodes_with_a_right_checksum_are_refused() {
        let at = Pointer { address: 7, generation: 3 };
        // Each byte of header and slots, with each of three values: whatever `verify` accepts must be usable.
        for byte in 24..120 {
            for with in [0, 0x7f, 0xff] {
                let mut block = leaf();
                for number in 0..4 {
                    insert(&mut block, number, number as Key, &[number as u8; 20]);
                }
                block[byte] = with;
                finish(&mut block);
                if verify(&block, at, 100) && level(&block) == 0 {
                    for slot in 0..count(&block) {
                        assert!(value(&block, slot).len() <= VALUE_MAX);
                    }
                }
            }
        }
    }

    #[test]
    fn halves_have_room_for_the_longest_value() {
        let mut block = leaf();
        let mut number = 0;
        while has_room(&block, VALUE_MAX) {
            insert(&mut block, number, number as Key, &[1; VALUE_MAX]);
            number += 1;
        }
        let mut right = leaf();
        let at = split_point(&block, 3);
        move_tail(&mut block, at, &mut right);
        assert!(has_room(&block, VALUE_MAX) && has_room(&right, VALUE_MAX));
        assert_eq!(count(&block) + count(&right), number);
    }
}
