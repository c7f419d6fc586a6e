//! A folder that the monitor shares, by the name that it gives it.

use crate::channel::Open;
use crate::client::Client;
use crate::virtio::VirtioChannel;
use kit_iface_console::log_str;
use kit_iface_fs::{Features, FsError};
use kit_iface_irq::Irq;
use kit_iface_platform::Platform;

/// The folder that the monitor shares under a name. Nothing is touched before its root is asked for.
pub type Share<P, I, const MESSAGE_BYTES: usize> = Client<Tag<P, I, MESSAGE_BYTES>>;

/// The name of a share, and where to look for its device.
pub struct Tag<P: 'static, I: 'static, const MESSAGE_BYTES: usize> {
    platform: &'static P,
    irq: &'static I,
    name: &'static str,
}

impl<P: Platform, I: Irq, const MESSAGE_BYTES: usize> Client<Tag<P, I, MESSAGE_BYTES>> {
    /// The share called `name`: its `mount_tag`.
    pub const fn new(platform: &'static P, irq: &'static I, name: &'static str) -> Self {
        Self::over(Tag { platform, irq, name })
    }
}

impl<P: Platform, I: Irq, const MESSAGE_BYTES: usize> Open for Tag<P, I, MESSAGE_BYTES> {
    type Channel = VirtioChannel;

    // The host's filesystem decides; this is what one can rely on. Device nodes are the host's own business.
    const FEATURES: Features = Features { devices: false, sparse: false, ..Features::POSIX };

    fn open(&self) -> Result<VirtioChannel, FsError> {
        let opened = VirtioChannel::open(self.platform, self.irq, self.name, MESSAGE_BYTES);
        if opened.is_err() {
            for text in [
                "kit: the host shares no folder as ",
                self.name,
                " (virtio-9p); kit run -v FOLDER:PATH does\n",
            ] {
                log_str(text);
            }
        }
        opened
    }
}
