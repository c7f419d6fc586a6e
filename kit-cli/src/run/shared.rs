//! Memory that an image shares with kit: a file in memory that both have. It is there after the image's end, however
//! that comes, and reading it needs nothing of the image.
//!
//! For a machine the file is all of its memory; a process puts a part of it where its own memory was.

use std::fs::File;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, memfd_create};

use super::control::Share;
use crate::{Failure, Result};

/// For a process: more than it will ever share. Nothing of it takes room before it is written.
const OF_A_PROCESS: u64 = 1 << 30;

/// The file.
pub struct Shared {
    file: File,
    bytes: u64,
}

impl Shared {
    /// A file for a process.
    pub fn with_process() -> Result<Self> {
        Self::new(OF_A_PROCESS)
    }

    /// A file that is all memory of a machine.
    pub fn with_machine(bytes: u64) -> Result<Self> {
        Self::new(bytes)
    }

    fn new(bytes: u64) -> Result<Self> {
        let failed = |error: std::io::Error| Failure::failed(format!("cannot make shared memory: {error}"));
        let file = memfd_create("kit-shared", MemfdFlags::empty()).map_err(|error| failed(error.into()))?;
        let file = File::from(file);
        file.set_len(bytes).map_err(failed)?;
        Ok(Self { file, bytes })
    }

    /// Its number in the child.
    pub fn descriptor(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    /// The words by which QEMU takes it as the machine's memory. The machine's own words must say
    /// `memory-backend=ram`.
    pub fn backend(&self) -> [String; 2] {
        let (bytes, path) = (self.bytes, format!("/proc/self/fd/{}", self.descriptor()));
        ["-object".into(), format!("memory-backend-file,id=ram,size={bytes},mem-path={path},share=on")]
    }

    /// What is in a part of it.
    pub fn read(&self, share: &Share) -> Result<Vec<u8>> {
        let is_inside = share.offset.checked_add(share.bytes).is_some_and(|end| end <= self.bytes);
        let length = usize::try_from(share.bytes).ok().filter(|_| is_inside);
        let Some(length) = length else {
            return Err(Failure::failed(format!("the image shares memory that it does not have: {share:?}")));
        };
        let mut bytes = vec![0; length];
        self.file
            .read_exact_at(&mut bytes, share.offset)
            .map_err(|error| Failure::failed(format!("cannot read shared memory: {error}")))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_beyond() {
        let shared = Shared::new(8192).unwrap();
        shared.file.write_all_at(b"here", 4096).unwrap();
        let share = |offset, bytes| Share { name: "trace".into(), offset, bytes };
        assert_eq!(shared.read(&share(4096, 4)).unwrap(), b"here");
        for (offset, bytes) in [(8192, 1), (0, 8193), (u64::MAX, 2)] {
            let failure = shared.read(&share(offset, bytes)).unwrap_err();
            assert!(failure.message.contains("does not have"), "{}", failure.message);
        }
    }
}
