//! What every console must pass, given the far end of its wire: [`check`] for one with input, [`check_output_only`]
//! for one without, [`check_silent`] for one that writes nothing.

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
    long_output_arrives_whole(console, &mut far);
    silence_would_block(console);
    input_arrives_in_order(console, &mut far);
    more_input_than_a_buffer_arrives(console, &mut far);
    both_directions_at_once(console, &mut far);
    the_end_is_for_ever(console, &mut far);
}

/// Runs what applies to a console without input. It is fresh.
pub fn check_output_only(console: &impl Console, take_output: &mut dyn FnMut(&mut [u8]) -> usize) {
    let mut far = FarEnd { type_bytes: &mut |_| {}, end_input: &mut || {}, take_output };
    writes_arrive_whole(console, &mut far);
    long_output_arrives_whole(console, &mut far);
    has_no_input(console);
}

/// Runs what applies to a console that nobody sees: writes return, and input has ended.
pub fn check_silent(console: &impl Console) {
    console.write(b"");
    console.write(&[0; LONG]);
    has_no_input(console);
}

/// More than any device or driver holds at a time.
const LONG: usize = 9001;

/// A byte for each place, so that a lost or swapped piece shows.
fn byte_at(place: usize) -> u8 {
    b'!' + (place % 89) as u8
}

/// Output of any length arrives whole and in order, however it was cut.
pub fn long_output_arrives_whole(console: &impl Console, far: &mut FarEnd<'_>) {
    let text: [u8; LONG] = core::array::from_fn(byte_at);
    let (mut buffer, mut taken, mut written) = ([0; LONG], 0, 0);
    for length in [1, 63, 64, 65, 4000, 4096, LONG] {
        let end = (written + length).min(LONG);
        console.write(&text[written..end]);
        written = end;
        taken += (far.take_output)(&mut buffer[taken..]);
        assert_eq!(taken, written, "output was lost, or late");
    }
    assert!(buffer == text, "output arrived in another order");
}

/// Input that has ended before it began.
pub fn has_no_input(console: &impl Console) {
    for _ in 0..3 {
        assert!(console.is_readable(), "a read would answer at once");
        assert_eq!(console.read(&mut [0; 8]), Err(ConsoleError::EndOfInput));
        assert_eq!(console.read(&mut []), Ok(0));
    }
    assert_eq!(console.input_key(), console.input_key(), "the key of a console never changes");
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

/// A paste that is longer than any buffer between the ends arrives whole, if it is read as it comes.
pub fn more_input_than_a_buffer_arrives(console: &impl Console, far: &mut FarEnd<'_>) {
    let text: [u8; LONG] = core::array::from_fn(byte_at);
    let (mut got, mut count) = ([0; LONG], 0);
    for piece in text.chunks(600) {
        (far.type_bytes)(piece);
        let end = count + piece.len();
        while count < end {
            let room = (count + 100).min(end);
            count += console.read(&mut got[count..room]).expect("what was typed has arrived");
        }
    }
    assert!(got == text, "input was changed");
    assert_eq!(console.read(&mut got), Err(ConsoleError::WouldBlock));
}

/// Output does not wait for input to be read, nor the other way round.
pub fn both_directions_at_once(console: &impl Console, far: &mut FarEnd<'_>) {
    let mut buffer = [0; 8];
    (far.type_bytes)(b"in");
    console.write(b"out");
    assert_eq!((far.take_output)(&mut buffer), 3);
    assert_eq!(&buffer[..3], b"out");
    assert_eq!(console.read(&mut buffer[..1]), Ok(1));
    console.write(b"!");
    assert_eq!(console.read(&mut buffer[1..]), Ok(1));
    assert_eq!(&buffer[..2], b"in");
    assert_eq!((far.take_output)(&mut buffer), 1);
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
