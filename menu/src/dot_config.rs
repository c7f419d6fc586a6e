//! `.config` in the format of Linux: what was resolved, for people and for tools that read it.

use std::fmt::Write;

use crate::Resolution;
use crate::options::{Kind, Setting};

/// The text of `.config`.
pub fn write(resolution: &Resolution) -> String {
    let mut text =
        String::from("# Derived by kit from kit.toml and the defaults; a change here is overwritten.\n");
    for entry in &resolution.symbols {
        let name = &entry.definition.name;
        let _ = match (&entry.value, entry.definition.kind) {
            (Setting::Bool(true), _) => writeln!(text, "CONFIG_{name}=y"),
            (Setting::Bool(false), _) => writeln!(text, "# CONFIG_{name} is not set"),
            (Setting::Int(value), Kind::Hex) => writeln!(text, "CONFIG_{name}={value:#x}"),
            (Setting::Int(value), _) => writeln!(text, "CONFIG_{name}={value}"),
            (Setting::Text(value), _) => {
                writeln!(text, "CONFIG_{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
            }
        };
    }
    text
}
