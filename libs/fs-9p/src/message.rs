//! Messages of 9P2000.L: `size[4] type[1] tag[2]`, then fields, all little-endian; text is `length[2] bytes`.
//!
//! A request is written into a buffer that is known to be long enough for all but names; a reply is read with every
//! length checked, because it comes from elsewhere.

use kit_iface_fs::FsError;

/// Bytes before the fields of a message.
const HEAD_BYTES: usize = 7;
/// Bytes of a read's reply or a write's request that are not the file's: the head, `fid offset count`.
pub const OVERHEAD_BYTES: usize = HEAD_BYTES + 4 + 8 + 4;
/// Fids that are none.
pub const NO_FID: u32 = u32::MAX;
/// The tag of the one message that has none (`Tversion`).
const NO_TAG: u16 = u16::MAX;
/// One request at a time needs one tag.
const TAG: u16 = 1;
/// `Rlerror`
const ERROR: u8 = 7;

/// The kinds of requests; the reply to each is one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "they are the names of the protocol")]
pub enum Kind {
    Statfs = 8,
    Lopen = 12,
    Lcreate = 14,
    Symlink = 16,
    Readlink = 22,
    Getattr = 24,
    Setattr = 26,
    Readdir = 40,
    Fsync = 50,
    Link = 70,
    Mkdir = 72,
    Renameat = 74,
    Unlinkat = 76,
    Version = 100,
    Attach = 104,
    Walk = 110,
    Read = 116,
    Write = 118,
    Clunk = 120,
}

/// A request while it is written.
pub struct Request<'a> {
    buffer: &'a mut [u8],
    length: usize,
    /// It did not fit: a name or text was longer than any filesystem takes.
    is_cut: bool,
}

impl<'a> Request<'a> {
    /// Begins a request in `buffer`, which is at least 4 KiB.
    pub fn new(buffer: &'a mut [u8], kind: Kind) -> Self {
        let mut request = Self { buffer, length: 4, is_cut: false };
        let tag = if kind == Kind::Version { NO_TAG } else { TAG };
        request.bytes(&[kind as u8]).bytes(&tag.to_le_bytes());
        request
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        match self.buffer.get_mut(self.length..self.length + bytes.len()) {
            Some(place) => place.copy_from_slice(bytes),
            None => self.is_cut = true,
        }
        self.length += bytes.len();
        self
    }

    /// A field of four bytes.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// A field of eight bytes.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// A field of two bytes.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Text.
    pub fn text(&mut self, text: &[u8]) -> &mut Self {
        match u16::try_from(text.len()) {
            Ok(length) => self.u16(length).bytes(text),
            Err(_) => {
                self.is_cut = true;
                self
            }
        }
    }

    /// A name in the directory of a fid: how most requests begin.
    pub fn name_in(&mut self, directory: u32, name: &[u8]) -> &mut Self {
        self.u32(directory).text(name)
    }

    /// The bytes of a file, after their count.
    pub fn data(&mut self, bytes: &[u8]) -> &mut Self {
        self.u32(bytes.len() as u32).bytes(bytes)
    }

    /// Writes the size; returns it.
    pub fn finish(self) -> Result<usize, FsError> {
        if self.is_cut {
            return Err(FsError::NameTooLong);
        }
        self.buffer[..4].copy_from_slice(&(self.length as u32).to_le_bytes());
        Ok(self.length)
    }
}

/// The fields of a reply that are still to be read. A field that is not there is [`FsError::Device`].
#[derive(Clone, Copy)]
pub struct Reply<'a> {
    rest: &'a [u8],
}

impl<'a> Reply<'a> {
    /// The reply in `bytes` to a request of this kind; the server's error, if it is one.
    pub fn new(bytes: &'a [u8], kind: Kind) -> Result<Self, FsError> {
        let mut reply = Self { rest: bytes };
        let size = reply.u32()? as usize;
        let (answer, tag) = (reply.u8()?, reply.u16()?);
        let expected = if kind == Kind::Version { NO_TAG } else { TAG };
        if size < HEAD_BYTES || size > bytes.len() || tag != expected {
            return Err(FsError::Device);
        }
        reply.rest = &bytes[HEAD_BYTES..size];
        if answer == ERROR {
            return Err(FsError::of_linux(reply.u32()?));
        }
        if answer == kind as u8 + 1 { Ok(reply) } else { Err(FsError::Device) }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], FsError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(FsError::Device)?;
        self.rest = rest;
        Ok(taken)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], FsError> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    /// A field of one byte.
    pub fn u8(&mut self) -> Result<u8, FsError> {
        self.number().map(u8::from_le_bytes)
    }

    /// A field of two bytes.
    pub fn u16(&mut self) -> Result<u16, FsError> {
        self.number().map(u16::from_le_bytes)
    }

    /// A field of four bytes.
    pub fn u32(&mut self) -> Result<u32, FsError> {
        self.number().map(u32::from_le_bytes)
    }

    /// A field of eight bytes.
    pub fn u64(&mut self) -> Result<u64, FsError> {
        self.number().map(u64::from_le_bytes)
    }

    /// Text.
    pub fn text(&mut self) -> Result<&'a [u8], FsError> {
        let length = self.u16()?;
        self.take(length.into())
    }

    /// The bytes of a file, after their count.
    pub fn data(&mut self) -> Result<&'a [u8], FsError> {
        let length = self.u32()?;
        self.take(length as usize)
    }

    /// What identifies a node.
    pub fn qid(&mut self) -> Result<Qid, FsError> {
        let kind = self.u8()?;
        let _version = self.u32()?;
        Ok(Qid { kind, path: self.u64()? })
    }

    /// Whether there is more.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// What identifies a node on the server, for as long as it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Qid {
    /// Bits of what it is: [`Qid::DIRECTORY`], [`Qid::SYMLINK`].
    pub kind: u8,
    /// Its number.
    pub path: u64,
}

impl Qid {
    /// `QTDIR`
    pub const DIRECTORY: u8 = 0x80;
    /// `QTSYMLINK`
    pub const SYMLINK: u8 = 0x02;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_bytes_in_order() {
        let mut buffer = [0; 64];
        let mut request = Request::new(&mut buffer, Kind::Walk);
        request.u32(1).u32(2).u16(1).text(b"name");
        let length = request.finish().expect("it fits");
        assert_eq!(buffer[..length], *b"\x17\0\0\0\x6e\x01\0\x01\0\0\0\x02\0\0\0\x01\0\x04\0name");
        let mut request = Request::new(&mut buffer, Kind::Walk);
        request.text(&[b'n'; 100]);
        assert_eq!(request.finish(), Err(FsError::NameTooLong));
    }

    #[test]
    fn a_reply_is_not_trusted() {
        let error = |bytes: &[u8]| Reply::new(bytes, Kind::Walk).err();
        assert_eq!(error(b"\x0b\0\0\0\x07\x01\0\x02\0\0\0"), Some(FsError::NotFound));
        assert_eq!(error(b"\x0b\0\0\0\x07\x02\0\x02\0\0\0"), Some(FsError::Device), "another tag");
        assert_eq!(error(b"\xff\0\0\0\x6f\x01\0"), Some(FsError::Device), "longer than it is");
        assert_eq!(error(b"\x07\0\0\0\x09\x01\0"), Some(FsError::Device), "the reply to something else");
        assert_eq!(error(b"\x03\0"), Some(FsError::Device));
        let mut reply = Reply::new(b"\x0a\0\0\0\x6f\x01\0\x09\0x", Kind::Walk).expect("a head");
        assert_eq!(reply.text(), Err(FsError::Device), "text beyond the end");
    }
}
