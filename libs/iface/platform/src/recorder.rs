//! A way out of the image beside console and network, for what a person looks at later.

/// A file of the host that the image may write to: a recording of frames, say.
///
/// A platform that has one selects `HAS_RECORDER`; `kit run` makes the file where a micro-library of the image says in
/// its metadata that it `records`. There is one, and one micro-library writes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` keeps no recordings",
    note = "what records `depends on HAS_RECORDER` in its Kconfig: choose another platform, or do without it"
)]
pub trait Recorder: Sync + 'static {
    /// Whether there is a file. It may be opened by this call: ask when there is something to record, not earlier.
    fn is_wanted(&self) -> bool;

    /// Appends `bytes`; they are lost if there is no file, or if the host takes no more. May be called from any
    /// context, and spins at the device's pace at worst. One caller at a time.
    fn record(&self, bytes: &[u8]);
}
