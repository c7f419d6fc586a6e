//! The image: the linked program without symbols, the same with them beside it, and what it says about itself.

use std::fs;
use std::path::{Path, PathBuf};

use object::{Object, ObjectSegment, ObjectSymbol};
use serde::{Deserialize, Serialize};

use super::exports::Exports;
use super::os_object;
use super::plan::Plan;
use crate::toolchain::Toolchain;
use crate::{Failure, Result};

/// The slot whose names make an image one with a network.
const NETWORK: &str = "net";

/// What the image itself says about how to run it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// It calls sockets.
    pub uses_network: bool,
    /// It can wait for connections.
    pub listens: bool,
    /// What of the host its parts take, such as `disks`.
    #[serde(default)]
    pub takes: Vec<String>,
    /// The address behind its last byte in memory.
    pub end: u64,
    /// What QEMU must be told to have its devices; see [`crate::run::devices`].
    pub devices: Vec<String>,
    /// Ending of the name of the file that it records, if it records.
    pub records: Option<String>,
}

/// Copies the program to `<name>.debug` and, stripped, to `<name>.elf`; each file appears as a whole.
pub fn finish(plan: &Plan, tools: &Toolchain, program: &Path) -> Result<(PathBuf, PathBuf, Facts)> {
    let name = &plan.project.name;
    let image = plan.output.join(format!("{name}.elf"));
    let symbols = plan.output.join(format!("{name}.debug"));
    let scratch = plan.output.join("image.new");
    fs::copy(program, &scratch).map_err(|error| Failure::file("copy", program, error))?;
    fs::rename(&scratch, &symbols).map_err(|error| Failure::file("write", &symbols, error))?;
    os_object::run(
        tools.objcopy().args(["--strip-all", "--strip-sections"]).arg(&symbols).arg(&scratch),
        "rust-objcopy",
    )?;
    fs::rename(&scratch, &image).map_err(|error| Failure::file("write", &image, error))?;
    let facts = facts(plan, &symbols)?;
    Ok((image, symbols, facts))
}

fn facts(plan: &Plan, symbols: &Path) -> Result<Facts> {
    let bytes = fs::read(symbols).map_err(|error| Failure::file("read", symbols, error))?;
    let file = object::File::parse(&*bytes).map_err(|error| Failure::file("read", symbols, error))?;
    let exports = Exports::load(&plan.tree)?;
    let sockets: Vec<&str> = exports.names_of_slot(NETWORK).collect();
    let mut facts = Facts { end: end_of(&file), ..Facts::default() };
    for name in file.symbols().filter(ObjectSymbol::is_definition).filter_map(|symbol| symbol.name().ok()) {
        facts.listens |= name == "listen" && sockets.contains(&name);
        facts.uses_network |= sockets.contains(&name);
    }
    Ok(facts)
}

fn end_of(file: &object::File) -> u64 {
    file.segments().map(|segment| segment.address() + segment.size()).max().unwrap_or(0)
}
