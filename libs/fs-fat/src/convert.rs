//! Errors, times and metadata in the words of the slot.

use hadris_fs::{Clock, DateTime, Error, ErrorKind, FileType, Metadata as FatMetadata, NodeId};
use kit_iface_fs::{FsError, Metadata, NodeKind};

const NS_PER_S: u64 = 1_000_000_000;

/// An error of hadris-fat as one of the slot.
pub(crate) fn error<E>(error: Error<E>) -> FsError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::InvalidHandle => FsError::NotFound,
        ErrorKind::AlreadyExists => FsError::Exists,
        ErrorKind::NotADirectory => FsError::NotADirectory,
        ErrorKind::IsADirectory => FsError::IsADirectory,
        ErrorKind::DirectoryNotEmpty => FsError::NotEmpty,
        ErrorKind::InvalidInput | ErrorKind::Symlink => FsError::Invalid,
        ErrorKind::NameTooLong => FsError::NameTooLong,
        ErrorKind::NoSpace | ErrorKind::LimitExceeded => FsError::NoSpace,
        ErrorKind::FileTooLarge => FsError::TooLarge,
        ErrorKind::ReadOnly => FsError::ReadOnly,
        ErrorKind::Unsupported => FsError::NotPermitted,
        ErrorKind::Busy => FsError::Busy,
        ErrorKind::Corrupt | ErrorKind::NotRecognized => FsError::Corrupt,
        _ => FsError::Device,
    }
}

/// The wall clock, for the times of entries.
pub(crate) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> DateTime {
        date_time(kit_iface_clock::wall_ns())
    }
}

/// A time of the slot. Years that FAT does not know become the nearest that it does.
pub(crate) fn date_time(ns: u64) -> DateTime {
    let time = DateTime::new((ns / NS_PER_S) as i64, (ns % NS_PER_S) as u32);
    time.unwrap_or(DateTime::UNIX_EPOCH)
}

fn ns(time: Option<DateTime>) -> u64 {
    let Some(time) = time else { return 0 };
    let seconds = u64::try_from(time.unix_seconds()).unwrap_or(0);
    seconds.saturating_mul(NS_PER_S) + u64::from(time.nanoseconds())
}

pub(crate) fn kind(kind: FileType) -> NodeKind {
    if kind.is_dir() { NodeKind::Directory } else { NodeKind::File }
}

pub(crate) fn metadata(id: NodeId, found: &FatMetadata, links: u32) -> Metadata {
    Metadata {
        inode: id.get(),
        kind: kind(found.file_type()),
        mode: found.permissions().bits() as u16,
        links,
        size: found.len(),
        stored_bytes: found.allocated(),
        accessed_ns: ns(found.accessed()),
        modified_ns: ns(found.modified()),
        // Not kept: the later one of what is.
        changed_ns: ns(found.modified()).max(ns(found.created())),
    }
}
