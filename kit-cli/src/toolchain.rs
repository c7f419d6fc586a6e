//! The Rust toolchain: the linker and the object tool that come with it, and one fact about its std.

use std::path::{Path, PathBuf};
use std::process::Command;

use object::read::archive::ArchiveFile;
use object::{Object, ObjectSymbol};

use crate::stamp;
use crate::{Failure, Result};

/// The one target: prebuilt std for it exists on stable, and its objects are what the OS is linked under.
pub const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The tools of the toolchain that is in force in one folder.
pub struct Toolchain {
    sysroot: PathBuf,
}

impl Toolchain {
    /// Asks the `rustc` that `folder` uses.
    pub fn of(folder: &Path) -> Result<Self> {
        let output = Command::new("rustc").current_dir(folder).args(["--print", "sysroot"]).output();
        let output = output.map_err(|error| Failure::program("rustc", &error))?;
        if !output.status.success() {
            return Err(Failure::failed(format!(
                "rustc: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )));
        }
        let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        let toolchain = Self { sysroot };
        for tool in [toolchain.linker(), toolchain.objcopy_path(), toolchain.libraries()] {
            if !tool.exists() {
                return Err(Failure::failed(format!(
                    "the Rust toolchain lacks {}: run `rustup target add {TARGET}`, or install Rust by rustup",
                    tool.display()
                )));
            }
        }
        Ok(toolchain)
    }

    fn target_folder(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(TARGET)
    }

    /// `rust-lld`.
    pub fn linker(&self) -> PathBuf {
        self.target_folder().join("bin/rust-lld")
    }

    fn objcopy_path(&self) -> PathBuf {
        self.target_folder().join("bin/rust-objcopy")
    }

    /// The folder of the prebuilt libraries.
    pub fn libraries(&self) -> PathBuf {
        self.target_folder().join("lib")
    }

    /// `rust-objcopy`, with the library path that it needs to start.
    pub fn objcopy(&self) -> Command {
        let mut command = Command::new(self.objcopy_path());
        command.env("LD_LIBRARY_PATH", self.sysroot.join("lib"));
        command
    }

    /// The mangled name of the function by which std prints a backtrace. It differs from one std to the next.
    pub fn backtrace_printer(&self) -> Result<Option<String>> {
        let folder = self.libraries();
        stamp::cached("backtrace", &folder.to_string_lossy(), || {
            let is_std = |path: &PathBuf| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                name.starts_with("libstd-") && name.ends_with(".rlib")
            };
            let entries =
                std::fs::read_dir(&folder).map_err(|error| Failure::file("read", &folder, error))?;
            let library = entries.flatten().map(|entry| entry.path()).find(is_std);
            let Some(library) = library else { return Ok((None, vec![folder.clone()])) };
            let bytes = std::fs::read(&library).map_err(|error| Failure::file("read", &library, error))?;
            Ok((find_backtrace_printer(&bytes), vec![library]))
        })
    }
}

fn find_backtrace_printer(archive: &[u8]) -> Option<String> {
    let members = ArchiveFile::parse(archive).ok()?;
    for member in members.members().flatten() {
        let Ok(data) = member.data(archive) else { continue };
        let Ok(file) = object::File::parse(data) else { continue };
        let mut names = file.symbols().filter_map(|symbol| symbol.name().ok().map(str::to_string));
        let is_it = |name: &String| {
            name.contains("BacktraceLock")
                && name.contains("DisplayBacktrace")
                && name.contains("Display")
                && name.ends_with("fmt")
        };
        if let Some(name) = names.find(is_it) {
            return Some(name);
        }
    }
    None
}

/// Cargo, in `folder`, without what an outer cargo said of another package.
pub fn cargo(folder: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name == "CARGO_PRIMARY_PACKAGE"
        {
            command.env_remove(name);
        }
    }
    command
}
