//! The app over the OS: one `cargo rustc` whose last link puts the OS under the program.
//!
//! Link arguments go to the final crate only (`cargo rustc … -- …`), so a new OS object links anew and compiles
//! nothing of what the app depends on. Flags that all crates need join those of the app's author ([`rustflags`]);
//! `--target` keeps them from build scripts and procedural macros.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::cargo::{self, Outcome};
use super::os_object::{self, NO_BACKTRACE_TEXT};
use super::plan::{Configured, Plan};
use super::{rustflags, script};
use crate::progress::Progress;
use crate::stamp::write_if_changed;
use crate::toolchain::{self, TARGET, Toolchain};
use crate::{Result, check, link};

/// A linked program.
pub struct Linked {
    /// The program, with symbols.
    pub program: PathBuf,
    /// Every local file that it is made from.
    pub inputs: Vec<PathBuf>,
}

/// Links an ordinary program over `objects`: the OS object, and what else the image has.
pub fn ported(
    plan: &Plan,
    configured: &Configured,
    bin: &str,
    objects: &[PathBuf],
    is_verbose: bool,
    progress: &mut Progress,
) -> Result<Linked> {
    let tools = Toolchain::of(&plan.project.folder)?;
    let os = objects.first().and_then(|os| os.file_name());
    let object_name = os.unwrap_or_default().to_string_lossy().into_owned();
    let script = script::write(&plan.script(), &object_name, &plan.output)?;
    let mut command = compile(plan, bin);
    link_by_kit(&mut command, plan, &tools)?;
    command.args(objects.iter().map(|object| format!("-Clink-arg={}", object.display())));
    command.arg(format!("-Clink-arg=-T{}", script.display()));
    command.arg(format!("-Clink-arg=-Map={}", plan.output.join("kit.map").display()));
    command.args(["-Clink-arg=--eh-frame-hdr", "-Clink-arg=--error-limit=0"]);
    if !configured.has_backtrace_text
        && let Some(printer) = tools.backtrace_printer()?
    {
        command.arg(format!("-Clink-arg=--wrap={printer}"));
        command.arg(format!("-Clink-arg=--defsym=__wrap_{printer}={NO_BACKTRACE_TEXT}"));
    }
    let _ = std::fs::remove_file(link_time(plan));
    let outcome = cargo::run(command, is_verbose, progress)?;
    if let Some(seconds) = std::fs::read_to_string(link_time(plan)).ok().and_then(|text| text.parse().ok()) {
        progress.part("link", seconds);
    }
    if !outcome.is_success && outcome.diagnostics.contains("undefined symbol: ") {
        return Err(check::explain_link(plan, &outcome.diagnostics, progress));
    }
    conclude(plan, outcome, is_verbose, progress)?;
    let built = app_folder(plan).join(TARGET).join("release");
    Ok(Linked { program: built.join(bin), inputs: cargo::sources(&built.join(format!("{bin}.d"))) })
}

fn conclude(plan: &Plan, outcome: Outcome, is_verbose: bool, progress: &mut Progress) -> Result<()> {
    outcome.conclude(&plan.project.package, is_verbose, progress)
}

/// The beginning of every compilation of a ported app, up to the arguments of the final crate.
pub fn compile(plan: &Plan, bin: &str) -> Command {
    let mut command = toolchain::cargo(&plan.project.folder);
    command.args(["rustc", "--release", "--bin", bin, "--package", &plan.project.package]);
    command.args(["--target", TARGET, "--target-dir"]).arg(app_folder(plan));
    rustflags::add(&mut command, &plan.project.folder);
    command.arg("--");
    command
}

/// Cargo's target folder for apps. The image's folder is kit's; this one may be shared by platforms, since what
/// differs between them is the last link.
fn app_folder(plan: &Plan) -> PathBuf {
    plan.project.kit_folder().join("app")
}

/// Has rustc call this program as its linker, which does what [`link`] says.
pub fn link_by_kit(command: &mut Command, plan: &Plan, tools: &Toolchain) -> Result<()> {
    command.args(link_arguments(plan, tools)?);
    if let Ok(kit) = std::env::current_exe() {
        // The last linker that is named counts.
        command.arg(format!("-Clinker={}", kit.display())).env(link::REAL_LINKER, tools.linker());
        command.env(link::TIME, link_time(plan));
    }
    Ok(())
}

/// Where the linker leaves the seconds that it took.
fn link_time(plan: &Plan) -> PathBuf {
    plan.output.join("link.seconds")
}

/// Arguments of the final crate that make rustc call the linker itself, without files of a C compiler.
fn link_arguments(plan: &Plan, tools: &Toolchain) -> Result<Vec<String>> {
    let libraries = plan.project.kit_folder().join("empty");
    empty_libraries(&libraries)?;
    Ok(vec![
        "-Clinker-flavor=ld.lld".to_string(),
        format!("-Clinker={}", tools.linker().display()),
        "-Clink-self-contained=no".to_string(),
        "-Cstrip=debuginfo".to_string(),
        format!("-Lnative={}", libraries.display()),
        "-Clink-arg=--no-dynamic-linker".to_string(),
    ])
}

/// std asks for the C libraries by name; a text file is a linker script to the linker, and an empty one adds
/// nothing.
fn empty_libraries(folder: &Path) -> Result<()> {
    for name in ["c", "dl", "gcc", "gcc_eh", "gcc_s", "m", "pthread", "rt", "util"] {
        write_if_changed(
            &folder.join(format!("lib{name}.a")),
            b"/* The OS object provides what this would. */\n",
        )?;
    }
    Ok(())
}

/// Nothing in a native image unwinds, so nothing needs tables for it.
fn native_rustflags() -> String {
    let more = ["-Cforce-unwind-tables=no"];
    os_object::RUSTFLAGS.iter().chain(&more).copied().collect::<Vec<_>>().join("\x1f")
}

/// Compiles a native app and its OS as one program.
pub fn native(
    plan: &Plan,
    configured: &Configured,
    tools: &Toolchain,
    objects: &[PathBuf],
    is_verbose: bool,
    progress: &mut Progress,
) -> Result<Linked> {
    let script = script::write(&plan.script(), "", &plan.output)?;
    let target_folder = &configured.os_folder;
    let bin = &configured.root_crate;
    let mut command = toolchain::cargo(&plan.tree.root);
    command
        .args(["rustc", "--release", "--bin", bin, "--manifest-path"])
        .arg(configured.root.join("Cargo.toml"));
    command.args(["--target", TARGET, "--target-dir"]).arg(target_folder);
    command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", native_rustflags());
    command.arg("--").args(link_arguments(plan, tools)?).arg("-Cdefault-linker-libraries=no");
    command.args(objects.iter().map(|object| format!("-Clink-arg={}", object.display())));
    command.arg(format!("-Clink-arg=-T{}", script.display()));
    command.arg(format!("-Clink-arg=-Map={}", plan.output.join("kit.map").display()));
    conclude(plan, cargo::run(command, is_verbose, progress)?, is_verbose, progress)?;
    let built = target_folder.join(TARGET).join("release");
    let mut inputs = cargo::sources(&built.join(format!("{bin}.d")));
    inputs.extend([configured.root.join("root.rs"), configured.root.join("Cargo.toml")]);
    Ok(Linked { program: built.join(bin), inputs })
}
