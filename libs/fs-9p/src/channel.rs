//! The way to a server and back.

use kit_iface_fs::{Features, FsError};

/// Makes a channel when the first file is wanted.
pub trait Open: Send + Sync + 'static {
    /// The channel.
    type Channel: Channel;

    /// What the server behind it keeps.
    const FEATURES: Features;

    /// Makes it. Tells on the console what is wrong, and what to do about it, if it cannot.
    fn open(&self) -> Result<Self::Channel, FsError>;
}

/// Carries requests. One at a time is under way: a second caller waits.
pub trait Channel: Send + Sync + 'static {
    /// Bytes of the longest message in either direction; at least 4096.
    fn message_bytes(&self) -> usize;

    /// Lets `write` put a request into a buffer of [`Channel::message_bytes`], of which it returns the length; sends
    /// it; and gives the reply to `read`. Blocks until the server has answered. [`FsError::Device`] if it does not.
    fn exchange<R>(
        &self,
        write: impl FnOnce(&mut [u8]) -> Result<usize, FsError>,
        read: impl FnOnce(&[u8]) -> Result<R, FsError>,
    ) -> Result<R, FsError>;
}
