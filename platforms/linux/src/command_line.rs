//! The process's arguments and environment in the form in which every platform passes them: one command line.
//!
//! The rest of the OS reads tokens (`libs/util/cmdline`). Here they are written: each environment variable as
//! `kit.env="NAME=value"`, then each argument quoted, so that none is taken for a token of the OS.
//! `KIT_OPTIONS` holds tokens of the OS and comes last, as it is: what a user says there wins. The other variables that
//! are meant for this platform are left out.

use crate::{entry, platform};
use core::ffi::CStr;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use kit_util_linux::{Protection, map};

/// Variables that configure the platform itself.
const OWN: [&str; 5] = [
    platform::MEMORY_VARIABLE,
    platform::CONTROL_VARIABLE,
    platform::OPTIONS_VARIABLE,
    platform::RECORD_VARIABLE,
    platform::SHARED_VARIABLE,
];

static BYTES: AtomicPtr<u8> = AtomicPtr::new(core::ptr::null_mut());
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// The command line, written by the first call.
pub(crate) fn get() -> &'static [u8] {
    if BYTES.load(Ordering::Acquire).is_null() {
        let mut length = 0;
        let options = entry::variable(platform::OPTIONS_VARIABLE).unwrap_or_default();
        encode(entry::environment(), entry::arguments(), options, &mut |bytes| length += bytes.len());
        let Ok(memory) = map(length.max(1), Protection::ReadWrite) else { return b"" };
        let mut end = memory.as_ptr();
        encode(entry::environment(), entry::arguments(), options, &mut |bytes| {
            // SAFETY: the mapping is as long as the first pass counted, and this one emits the same bytes.
            unsafe {
                end.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                end = end.add(bytes.len());
            }
        });
        LENGTH.store(length, Ordering::Relaxed);
        BYTES.store(memory.as_ptr(), Ordering::Release);
    }
    // SAFETY: the mapping holds `LENGTH` initialised bytes, is never changed again and never unmapped.
    unsafe { core::slice::from_raw_parts(BYTES.load(Ordering::Acquire), LENGTH.load(Ordering::Relaxed)) }
}

fn encode<'a>(
    environment: impl Iterator<Item = &'a CStr>,
    arguments: impl Iterator<Item = &'a CStr>,
    options: &[u8],
    emit: &mut dyn FnMut(&[u8]),
) {
    for entry in environment.map(CStr::to_bytes) {
        let is_own =
            |name: &str| entry.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'='));
        if !OWN.into_iter().any(is_own) {
            emit(b"kit.env=");
            quote(entry, emit);
        }
    }
    for argument in arguments.map(CStr::to_bytes) {
        quote(argument, emit);
    }
    emit(options);
}

fn quote(text: &[u8], emit: &mut dyn FnMut(&[u8])) {
    emit(b"\"");
    for piece in text.split_inclusive(|byte| matches!(byte, b'"' | b'\\')) {
        match piece.split_last() {
            Some((special @ (b'"' | b'\\'), plain)) => {
                emit(plain);
                emit(&[b'\\', *special]);
            }
            _ => emit(piece),
        }
    }
    emit(b"\" ");
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec::Vec;

    #[test]
    fn everything_is_quoted_and_own_variables_are_left_out() {
        let environment = [c"A=1", c"KIT_MEMORY=4M", c"KIT_OPTIONS=kit.ip=z", c"KIT_MEMORYX=y", c"B=\"x\\"];
        let mut line = Vec::new();
        let arguments = [c"app", c"kit.ip=x y", c""].into_iter();
        encode(environment.into_iter(), arguments, b"kit.ip=z", &mut |bytes| line.extend_from_slice(bytes));
        let expected: &[u8] =
            br#"kit.env="A=1" kit.env="KIT_MEMORYX=y" kit.env="B=\"x\\" "app" "kit.ip=x y" "" kit.ip=z"#;
        assert_eq!(line, expected);
    }
}
