//! What the image tests and the benchmark share: build an app with `kit`, boot it, talk to it, measure it.
//!
//! Tests speak to kit as a user does, through the command `kit`, and to an image as the world does, through its
//! console, exit code and ports. Nothing here links a micro-library. The tests are in `tests/tests`, one file
//! for each promise; the programs that they boot are the `examples/` and `tests/apps/`.
//!
//! * [`kit`] builds the command once and runs it. [`image`] boots an app and waits, or serves and is stopped.
//!   [`variant`] is the same app with other picks.
//! * [`native`] runs the same app as an ordinary Linux program, which is what output is compared with.
//! * [`http`] is the client. [`network`] is a network of a test's own. [`process`] bounds every child in time. [`turns`] bounds how many machines run.
//! * [`combinations`] is which images there can be, and a few that say much about all.
//! * [`measure`] counts bytes, guest instructions and memory.
//! * [`browser`] and [`tmux`] are what a person looks at kit with; [`web`] is `kit config web`. [`system`] installs what
//!   is missing.
#![deny(missing_docs)]

pub mod browser;
pub mod combinations;
pub mod http;
pub mod image;
pub mod kit;
pub mod lan;
pub mod measure;
pub mod native;
pub mod network;
pub mod process;
pub mod svg;
pub mod system;
pub mod tmux;
pub mod turns;
pub mod variant;
pub mod web;

use std::path::{Path, PathBuf};

/// The root of the kit tree.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the tree")
}

/// A folder below the build directory for what tests write. It survives from run to run.
pub fn scratch() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = target.join("kit-tests");
    std::fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

/// Defines one test for each machine that is named: the same body, a test name that says where it failed.
///
/// ```ignore
/// on_machines!([Linux, Microvm, Q35] fn greets(machine) { … });
/// ```
#[macro_export]
macro_rules! on_machines {
    ([$($machine:ident),+] fn $name:ident($argument:ident) $body:block) => {
        #[allow(non_snake_case, reason = "the machine's name ends the test's")]
        mod $name {
            use super::*;
            fn check($argument: $crate::image::Machine) $body
            $(#[test]
            fn $machine() {
                check($crate::image::Machine::$machine)
            })+
        }
    };
}
