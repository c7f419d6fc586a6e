//! What every console must pass, given the far end of its wire.

use crate::{Console, ConsoleError};

/// The far end: what a person or a pipe does. Each function acts at once, or waits until it has.
pub struct FarEnd<'a> {
    /// Types bytes, which arrive at the console.
    pub type_bytes: &'a mut dyn FnMut(&[u8]),
    /// Ends the input.
    pub end_input: &'a mut dyn FnMut(),
    /// Takes what the console has written since the last call, at most the buffer's length.
    pub take_output: &'a mut dyn FnMut(&mut [u8]) -> usize,
}

/// Runs the whole suite. The console is fresh; afterwards its input has ended.
pub fn check(console: &impl Console, mut far: FarEnd<'_>) {
    writes_arrive_whole(console, &mut far);
    silence_would_block(console);
    input_arrives_in_order(console, &mut far);
    the_end_is_for_ever(console, &mut far);
}

/// What is written is with the far end when `write` returns, unchanged, whatever the bytes.
pub fn writes_arrive_whole(console: &impl Console, far: &mut FarEnd<'_>) {
    let every_byte: [u8; 256] = core::array::from_fn(|i| i as u8);
    for bytes in [&b"one\n"[..], b"", &every_byte] {
        console.write(bytes);
        let mut buffer = [0; 300];
        let count = (far.take_output)(&mut buffer);
        assert_eq!(&buffer[..count], bytes, "output was changed, lost, or late");
    }
}

/// With nothing typed, a read does not block and says so.
pub fn silence_would_block(console: &impl Console) {
    assert!(!console.is_readable(), "nothing was typed");
    assert_eq!(console.read(&mut [0; 8]), Err(ConsoleError::WouldBlock));
    assert_eq!(console.input_key(), console.input_key(), "the key of a console never changes");
}

/// Typed bytes are read in order, in pieces as small as the buffer, and then it is silent again.
pub fn input_arrives_in_order(console: &impl Console, far: &mut FarEnd<'_>) {
    (far.type_bytes)(b"hello");
    assert!(console.is_readable());
    let (mut got, mut count) = ([0; 8], 0);
    while count < 5 {
        let room = (count + 2).min(8);
        count += console.read(&mut got[count..room]).expect("five bytes were typed");
    }
    assert_eq!(&got[..count], b"hello");
    assert_eq!(console.read(&mut got), Err(ConsoleError::WouldBlock));
}

/// What was typed before the end is still read; then every read says that input has ended.
pub fn the_end_is_for_ever(console: &impl Console, far: &mut FarEnd<'_>) {
    (far.type_bytes)(b"x");
    (far.end_input)();
    let mut buffer = [0; 8];
    assert_eq!(console.read(&mut buffer), Ok(1));
    for _ in 0..3 {
        assert_eq!(console.read(&mut buffer), Err(ConsoleError::EndOfInput));
        assert!(console.is_readable(), "a read would answer at once");
    }
}
