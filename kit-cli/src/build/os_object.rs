//! The OS object: the root as a static library, made into one object with only the C names global.
//!
//! The OS keeps its own copy of `core` and `alloc`; localising its names lets both copies be in one image.
//! Recipe and traps: the linker's `-r` must not collect garbage, because it would drop `.eh_frame` with it; the
//! final link collects.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::plan::{Configured, Plan};
use super::{cargo, unwind_tables};
use crate::progress::Progress;
use crate::stamp::{self, Stamp, write_if_changed};
use crate::toolchain::{self, TARGET, Toolchain};
use crate::{Failure, Result};

/// The root's stand-in for std's printer of backtraces.
pub const NO_BACKTRACE_TEXT: &str = "kit_no_backtrace_text";

/// Flags of every compilation of the OS: no relocation at run time, and frame pointers, by which a fault's
/// backtrace is read.
pub const RUSTFLAGS: [&str; 3] =
    ["-Crelocation-model=static", "-Ctarget-feature=+crt-static", "-Cforce-frame-pointers=yes"];

/// A built object.
#[derive(Serialize, Deserialize)]
pub struct OsObject {
    /// The file. Its name changes with its contents, so that cargo links anew.
    pub file: PathBuf,
    /// Every file that it is made from.
    pub inputs: Vec<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Memory {
    key: String,
    stamp: Stamp,
    object: OsObject,
}

/// Builds the object, or finds that it is as it must be.
pub fn build(
    plan: &Plan,
    configured: &Configured,
    tools: &Toolchain,
    is_verbose: bool,
    progress: &mut Progress,
) -> Result<OsObject> {
    let key = format!("{} {:?} {}", configured.root_crate, configured.exports, tools.libraries().display());
    let memory_file = plan.output.join("os.json");
    if let Some(memory) =
        fs::read(&memory_file).ok().and_then(|text| serde_json::from_slice::<Memory>(&text).ok())
        && memory.key == key
        && memory.stamp.is_current()
    {
        return Ok(memory.object);
    }
    let target_folder = &configured.os_folder;
    let mut command = toolchain::cargo(&plan.tree.root);
    command.args(["build", "--release", "--target", TARGET, "--manifest-path"]);
    command.arg(configured.root.join("Cargo.toml")).arg("--target-dir").arg(target_folder);
    // The flags of the app's author are for the app.
    command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"));
    let mut outcome = cargo::run(command, is_verbose, progress)?;
    if outcome.is_success {
        // A warning about the OS is nothing that the author of an app can act on.
        outcome.diagnostics.clear();
    }
    outcome.conclude("the OS", is_verbose, progress)?;

    let built = target_folder.join(TARGET).join("release");
    let library = configured.root_crate.replace('-', "_");
    let mut inputs = cargo::sources(&built.join(format!("lib{library}.d")));
    inputs.extend([configured.root.join("root.rs"), configured.root.join("Cargo.toml")]);
    inputs.extend(plan.shelf.packages.iter().map(|package| package.folder.join("Cargo.toml")));
    let file = link(plan, configured, tools, &built.join(format!("lib{library}.a")))?;
    let object = OsObject { file, inputs };
    let watched = object.inputs.iter().cloned().chain([object.file.clone()]);
    let memory = Memory { key, stamp: Stamp::of(watched), object };
    if let Ok(text) = serde_json::to_vec(&memory) {
        write_if_changed(&memory_file, &text)?;
    }
    Ok(memory.object)
}

/// Makes the library into an object.
fn link(
    plan: &Plan,
    configured: &Configured,
    tools: &Toolchain,
    library: &std::path::Path,
) -> Result<PathBuf> {
    let entry = plan.platform.entry.as_str();
    let own = [entry, NO_BACKTRACE_TEXT];
    let names: Vec<&str> = configured.exports.iter().map(String::as_str).chain(own).collect();
    let (raw, scratch) = (plan.output.join("os-raw.o"), plan.output.join("os-new.o"));
    let mut linker = Command::new(tools.linker());
    linker.args(["-flavor", "gnu", "-r", "--strip-debug", "-o"]).arg(&raw);
    for name in &names {
        linker.args(["-u", name]);
    }
    run(linker.arg(library), "rust-lld")?;

    let list = plan.output.join("exports.txt");
    write_if_changed(&list, names.join("\n").as_bytes())?;
    let mut objcopy = tools.objcopy();
    objcopy.arg(format!("--keep-global-symbols={}", list.display()));
    objcopy.args(["--remove-section=.llvmbc", "--remove-section=.llvmcmd"]);
    run(objcopy.arg(&raw).arg(&scratch), "rust-objcopy")?;

    let mut contents = fs::read(&scratch).map_err(|error| Failure::file("read", &scratch, error))?;
    unwind_tables::prune(&mut contents).map_err(|error| Failure::file("read", &scratch, error))?;
    fs::write(&scratch, &contents).map_err(|error| Failure::file("write", &scratch, error))?;
    let file = plan.output.join(format!("os-{:016x}.o", stamp::hash(&contents)));
    fs::rename(&scratch, &file).map_err(|error| Failure::file("write", &file, error))?;
    let _ = fs::remove_file(&raw);
    for entry in fs::read_dir(&plan.output).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("os-") && name.ends_with(".o") && entry.path() != file {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(file)
}

/// Runs a tool that says nothing unless it fails.
pub fn run(command: &mut Command, name: &str) -> Result<()> {
    let output = command.output().map_err(|error| Failure::program(name, &error))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::failed(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
