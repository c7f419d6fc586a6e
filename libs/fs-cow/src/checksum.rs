//! CRC-32C (Castagnoli; RFC 3720, appendix B.4): what iSCSI, ext4 and btrfs use, because it finds all errors of up to
//! five bits in a block of this size.

use crc::{CRC_32_ISCSI, Crc, Table};

static CASTAGNOLI: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// The checksum of `bytes`.
pub fn checksum(bytes: &[u8]) -> u32 {
    CASTAGNOLI.checksum(bytes)
}

/// Stores the checksum of a block that carries it in its first four bytes.
pub fn seal(block: &mut [u8]) {
    let sum = checksum(&block[4..]);
    block[..4].copy_from_slice(&sum.to_le_bytes());
}

/// Whether a block that carries its checksum is as it was sealed.
pub fn is_sealed(block: &[u8]) -> bool {
    block[..4] == checksum(&block[4..]).to_le_bytes()
}
