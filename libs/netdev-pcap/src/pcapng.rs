//! Blocks of a pcapng file (draft-ietf-opsawg-pcapng), in the machine's own byte order, which the file says.

// Block types (section 4).
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
/// Written in the writer's byte order, and so tells it (4.1).
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const VERSION_1_0: u32 = 1;
/// The length of the section is not known: two words of ones.
const UNKNOWN: u32 = u32::MAX;
/// LINKTYPE_ETHERNET, beside a reserved half-word.
const ETHERNET: u32 = 1;
// Options: a type, a length, and the value, padded to a word.
const END_OF_OPTIONS: u32 = 0;
/// `if_tsresol` (4.2): one byte, times are 10^-9 s.
const RESOLUTION: [u32; 2] = [9 | 1 << 16, 9];
/// `epb_flags` (4.3): one word, the direction in its lowest bits.
const FLAGS: u32 = 2 | 4 << 16;

/// Which way a frame went.
#[derive(Clone, Copy)]
pub(crate) enum Direction {
    In = 0b01,
    Out = 0b10,
}

/// What every file begins with: a section, and one Ethernet interface.
pub(crate) fn head(most_bytes: u32, mut emit: impl FnMut(&[u8])) {
    let section = [SECTION_HEADER, 28, BYTE_ORDER_MAGIC, VERSION_1_0, UNKNOWN, UNKNOWN, 28];
    let [resolution, nanoseconds] = RESOLUTION;
    let interface =
        [INTERFACE_DESCRIPTION, 32, ETHERNET, most_bytes, resolution, nanoseconds, END_OF_OPTIONS, 32];
    emit(bytes(section).as_flattened());
    emit(bytes(interface).as_flattened());
}

/// A frame that was `length` bytes long, of which `kept` are recorded.
pub(crate) fn packet(
    direction: Direction,
    at_ns: u64,
    kept: &[u8],
    length: usize,
    mut emit: impl FnMut(&[u8]),
) {
    let padding = kept.len().next_multiple_of(4) - kept.len();
    // Seven words before the data and four behind it.
    let total = (kept.len() + padding + 44) as u32;
    let (high, low) = ((at_ns >> 32) as u32, at_ns as u32);
    let before = [ENHANCED_PACKET, total, 0, high, low, kept.len() as u32, length as u32];
    emit(bytes(before).as_flattened());
    emit(kept);
    emit(&[0; 4][..padding]);
    emit(bytes([FLAGS, direction as u32, END_OF_OPTIONS, total]).as_flattened());
}

/// Words as they are in memory.
fn bytes<const WORDS: usize>(words: [u32; WORDS]) -> [[u8; 4]; WORDS] {
    words.map(u32::to_ne_bytes)
}
