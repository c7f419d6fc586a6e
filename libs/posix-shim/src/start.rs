//! From the end of the boot to the application's `main`, and the linker's arrays of initialisers.
//!
//! `std` finds its arguments not through `main` but through `.init_array`, whose functions glibc calls with
//! (argc, argv, envp); so they are called like that here, before `main` and on its thread.

use crate::threads::{create, tcb::Tcb};
use crate::types::{c_char, c_int};
use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_image::{Image, WithFs};
use kit_iface_platform::{Platform, out_of_memory};
use kit_iface_sched::Urgency;
use kit_util_cmdline::{Text, Token, tokens};
use kit_util_threads::{HasThreads, Spawn, Stack};

type Vector = *mut *mut c_char;
type Initializer = extern "C" fn(c_int, Vector, Vector);
type Finalizer = extern "C" fn();

unsafe extern "C" {
    fn main(argc: c_int, argv: Vector, envp: Vector) -> c_int;
    // The linker script's.
    static __init_array_start: Initializer;
    static __init_array_end: Initializer;
    static __fini_array_start: Finalizer;
    static __fini_array_end: Finalizer;
}

/// Starts the application on a thread of its own and turns the boot path into the idle loop. The root calls it
/// last. `stack_kib` is the address space of that thread's stack; only what is touched takes memory.
pub fn start<I: HasThreads + WithFs>(stack_kib: u32) -> ! {
    let Ok(tcb) = Tcb::allocate(None, core::ptr::null_mut()) else { out_of_memory() };
    let spawn = Spawn {
        name: b"main",
        entry: run::<I>,
        argument: 0,
        stack: Stack::New(stack_kib as usize * 1024),
        urgency: Urgency::NORMAL,
        thread_pointer: tcb.thread_pointer(),
        reaped: None,
    };
    if I::threads().spawn(&spawn).is_err() {
        out_of_memory();
    }
    I::threads().idle()
}

fn run<I: HasThreads + WithFs>(_: usize) {
    create::adopt::<I>();
    let (argc, argv, envp) = vectors(<I as Image>::platform().command_line());
    crate::env::install(envp);
    // SAFETY: the linker script brackets an array of initialisers with these names; `main` is the program's.
    let status = unsafe {
        let (mut next, end) = (&raw const __init_array_start, &raw const __init_array_end);
        while next < end {
            (*next)(argc, argv, envp);
            next = next.add(1);
        }
        main(argc, argv, envp)
    };
    crate::process::exit::<I>(status)
}

/// Runs the linker's array of finalisers, last first.
pub(crate) fn run_finalizers() {
    // SAFETY: as for the initialisers.
    unsafe {
        let (start, mut next) = (&raw const __fini_array_start, &raw const __fini_array_end);
        while next > start {
            next = next.sub(1);
            (*next)();
        }
    }
}

/// Makes `argv` and `envp` of the command line: both vectors, then the strings, in one block that stays.
fn vectors(line: &[u8]) -> (c_int, Vector, Vector) {
    // A token takes at least one byte and a separator, and becomes its bytes and an end: so these bounds hold.
    let pointers = line.iter().filter(|&&byte| byte == b' ').count() + 1 + DEFAULT_ARGUMENTS + 2;
    let vector_bytes = pointers * size_of::<*mut c_char>();
    let bytes = vector_bytes + line.len() + 1 + DEFAULT_NAME.len();
    let Ok(layout) = Layout::from_size_align(bytes, align_of::<*mut c_char>()) else { out_of_memory() };
    let Ok(block) = kit_iface_alloc::allocate(layout) else { out_of_memory() };
    // SAFETY: the block is `bytes` long, which the bounds above make enough for every write below.
    unsafe {
        let mut place = Place { pointer: block.cast(), text: block.add(vector_bytes) };
        let argv = place.pointer.as_ptr();
        let mut argc = 0;
        for token in tokens(line) {
            if let Token::Argument(text) = token {
                place.push(text.bytes());
                argc += 1;
            }
        }
        if argc == 0 {
            place.push(DEFAULT_NAME.iter().copied());
            argc = 1;
        }
        place.end();
        let envp = place.pointer.as_ptr();
        for token in tokens(line) {
            if let Token::Option { name: b"env", value } = token {
                place.push(Text::bytes(value));
            }
        }
        place.end();
        (argc, argv, envp)
    }
}

/// `argv[0]` where the command line says nothing.
const DEFAULT_NAME: &[u8] = b"app";
const DEFAULT_ARGUMENTS: usize = 1;

/// Where the next pointer and the next string go.
struct Place {
    pointer: NonNull<*mut c_char>,
    text: NonNull<u8>,
}

impl Place {
    /// Writes a string and a pointer to it.
    ///
    /// # Safety
    /// There is room for both.
    unsafe fn push(&mut self, bytes: impl Iterator<Item = u8>) {
        // SAFETY: forwarded to the caller.
        unsafe {
            self.pointer.write(self.text.as_ptr().cast());
            self.pointer = self.pointer.add(1);
            for byte in bytes {
                self.text.write(byte);
                self.text = self.text.add(1);
            }
            self.text.write(0);
            self.text = self.text.add(1);
        }
    }

    /// Ends a vector.
    ///
    /// # Safety
    /// There is room for a pointer.
    unsafe fn end(&mut self) {
        // SAFETY: forwarded to the caller.
        unsafe {
            self.pointer.write(core::ptr::null_mut());
            self.pointer = self.pointer.add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strings::bytes_of;
    use alloc::vec::Vec;

    fn read(vector: Vector) -> Vec<&'static [u8]> {
        // SAFETY: `vectors` ends each vector with a null and each string with a NUL; the block is never freed.
        unsafe { (0..).map(|at| *vector.add(at)).take_while(|p| !p.is_null()).map(|p| bytes_of(p)).collect() }
    }

    fn check(line: &str, arguments: &[&str], environment: &[&str]) {
        let (argc, argv, envp) = vectors(line.as_bytes());
        let bytes = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
        assert_eq!(read(argv), bytes(arguments), "{line}");
        assert_eq!(argc as usize, arguments.len(), "{line}");
        assert_eq!(read(envp), bytes(environment), "{line}");
    }

    #[test]
    fn arguments_and_environment() {
        check(
            "app one kit.env=A=1 \"two 2\" kit.env=\"B=x y\" kit.ip=1",
            &["app", "one", "two 2"],
            &["A=1", "B=x y"],
        );
        check("\"app\" \"\" \"\"", &["app", "", ""], &[]);
    }

    #[test]
    fn the_bounds_hold_at_the_edges() {
        check("", &["app"], &[]);
        check("   ", &["app"], &[]);
        check("kit.env=A=1", &["app"], &["A=1"]);
        check("a b c d e f", &["a", "b", "c", "d", "e", "f"], &[]);
    }
}
