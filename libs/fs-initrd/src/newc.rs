//! The `newc` format of cpio: headers of hexadecimal digits, names and bytes, each padded to four.
//!
//! An archive is any number of such sequences behind each other, each ended by an entry of a certain name, with any
//! number of zeroes between them (Linux, Documentation/driver-api/early-userspace/buffer-format.rst).

/// Bytes of a header, its magic number included.
const HEADER: usize = 110;
/// The name of the entry that ends a sequence.
const TRAILER: &[u8] = b"TRAILER!!!";

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Where its header is in the archive.
    pub offset: usize,
    /// Its path.
    pub path: &'a [u8],
    /// Contents of a file, target of a symbolic link.
    pub data: &'a [u8],
    /// Which node it is a name of, among those of its sequence: device and inode.
    pub identity: (u32, u32, u32),
    /// Kind and permission bits, as `st_mode`.
    pub mode: u32,
    /// How many names the node has.
    pub links: u32,
    /// Seconds since 1970.
    pub modified_s: u32,
    /// Major and minor number of a device.
    pub device: (u32, u32),
}

/// What comes next in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// An entry.
    Entry(Entry<'a>),
    /// The end of a sequence: inode numbers begin anew.
    Trailer,
}

/// What is wrong with an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No header of the format.
    Magic,
    /// A field that is no hexadecimal number.
    Number,
    /// It ends in the middle of an entry, or without a trailer.
    Truncated,
    /// A name that is empty, too long, or leads upwards.
    Name,
    /// A name below something that is not a directory, or that is both a directory and something else.
    Conflict,
}

/// What is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Byte of the archive.
    pub offset: usize,
    /// What.
    pub reason: Reason,
}

/// The entries of an archive, in order. Ends after the first error.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    archive: &'a [u8],
    at: usize,
    is_in_sequence: bool,
}

impl<'a> Entries<'a> {
    /// The entries of `archive`.
    pub fn of(archive: &'a [u8]) -> Self {
        // An archive without anything is not one: at least a trailer is expected.
        Self { archive, at: 0, is_in_sequence: true }
    }

    fn item(&mut self) -> Result<Item<'a>, Malformed> {
        let start = self.at;
        let fail = |reason| Malformed { offset: start, reason };
        let header = self.archive.get(start..start + HEADER);
        let header = header.ok_or(fail(Reason::Truncated))?;
        if !matches!(&header[..6], b"070701" | b"070702") {
            return Err(fail(Reason::Magic));
        }
        let mut fields = [0; 13];
        for (index, (field, digits)) in fields.iter_mut().zip(header[6..].chunks_exact(8)).enumerate() {
            let offset = start + 6 + index * 8;
            *field = number(digits).ok_or(Malformed { offset, reason: Reason::Number })?;
        }
        let [inode, mode, _user, _group, links, modified_s, size, .., name_bytes, _sum] = fields;
        let [.., major, minor, device_major, device_minor, _, _] = fields;
        let place = |start: usize, bytes: u32| {
            let end = start.checked_add(bytes as usize)?;
            Some((self.archive.get(start..end)?, end))
        };
        let (name, end) = place(start + HEADER, name_bytes).ok_or(fail(Reason::Truncated))?;
        let path = match name {
            [path @ .., 0] if !path.contains(&0) => path,
            _ => return Err(Malformed { offset: start + HEADER, reason: Reason::Name }),
        };
        let (data, end) = place(end.next_multiple_of(4), size).ok_or(fail(Reason::Truncated))?;
        self.at = end.next_multiple_of(4).min(self.archive.len());
        if path == TRAILER {
            self.is_in_sequence = false;
            return Ok(Item::Trailer);
        }
        self.is_in_sequence = true;
        let identity = (major, minor, inode);
        let device = (device_major, device_minor);
        Ok(Item::Entry(Entry { offset: start, path, data, identity, mode, links, modified_s, device }))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Item<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.is_in_sequence {
            self.at += self.archive[self.at..].iter().take_while(|byte| **byte == 0).count();
            if self.at == self.archive.len() {
                return None;
            }
        }
        let item = self.item();
        if item.is_err() {
            self.is_in_sequence = false;
            self.at = self.archive.len();
        }
        Some(item)
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |number, digit| {
        let value = (*digit as char).to_digit(16)?;
        Some(number << 4 | value)
    })
}
