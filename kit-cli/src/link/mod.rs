//! `kit` in the place of the linker: links twice, the second time without what nobody reaches.
//!
//! Prebuilt `std` brings one `.gcc_except_table.<function>` for each of its functions, and lld keeps all of them:
//! unwind information, which it follows to find tables, does not say whose function lives. In a small program most
//! are dead, and they are a twentieth of it. `kit build` therefore names its own program as rustc's linker, with the
//! real one in [`REAL_LINKER`]: the first link tells which functions live, the second discards the tables of all
//! others. A link takes a tenth of a second.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Instant;

use object::read::elf::ElfFile64;
use object::{Object, ObjectSymbol, SymbolKind};

/// Environment: the program of the real linker. `kit` acts as a linker when it is set.
pub const REAL_LINKER: &str = "KIT_REAL_LINKER";
/// Environment: the file that gets the seconds that the link took.
pub const TIME: &str = "KIT_LINK_TIME";
/// The line of a linker script that [`script_without_dead_tables`] replaces.
const ALL_TABLES: &str = "*(.gcc_except_table .gcc_except_table.*)";

/// Whether this process was started by rustc as its linker.
pub fn is_wanted() -> bool {
    std::env::var_os(REAL_LINKER).is_some()
        && std::env::args_os().nth(1).is_some_and(|first| first == "-flavor")
}

/// Links as rustc asks. Messages and exit code are the real linker's.
pub fn main() -> ExitCode {
    let linker = PathBuf::from(std::env::var_os(REAL_LINKER).unwrap_or_default());
    let arguments: Vec<OsString> =
        std::env::args_os().skip(1).flat_map(|argument| for_a_linker(&argument)).collect();
    let start = Instant::now();
    let status = link(&linker, &arguments);
    if let Some(file) = std::env::var_os(TIME) {
        // Without it, the build does not tell linking from compiling.
        let _ = std::fs::write(file, start.elapsed().as_secs_f64().to_string());
    }
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("kit: cannot link with {}: {error}", linker.display());
            ExitCode::FAILURE
        }
    }
}

/// An argument as a linker takes it. People configure `-Clink-arg=` for the C compiler that usually links: what it
/// would pass on is passed on, the choice of a linker is void.
fn for_a_linker(argument: &OsStr) -> Vec<OsString> {
    match argument.to_str() {
        Some(text) if text.starts_with("-fuse-ld=") || text == "-pthread" => Vec::new(),
        Some(text) => match text.strip_prefix("-Wl,") {
            Some(passed_on) => passed_on.split(',').map(OsString::from).collect(),
            None => vec![argument.to_os_string()],
        },
        None => vec![argument.to_os_string()],
    }
}

fn link(linker: &Path, arguments: &[OsString]) -> std::io::Result<ExitStatus> {
    let (Some(output), Some(script)) = (value_of(arguments, "-o"), script_of(arguments)) else {
        // Too many arguments for a command line come in a file; such a program is linked as it is.
        return Command::new(linker).args(arguments).status();
    };
    let status = Command::new(linker).args(arguments).status()?;
    if !status.success() {
        return Ok(status);
    }
    let functions = functions(&std::fs::read(output)?);
    let mut second: Vec<OsString> = arguments.to_vec();
    let trimmed = Path::new(output).with_extension("kit.ld");
    let text = std::fs::read_to_string(&script)?;
    std::fs::write(&trimmed, script_without_dead_tables(&text, &functions))?;
    for argument in &mut second {
        if script_argument(argument).is_some() {
            *argument = concat("-T", trimmed.as_os_str());
        }
    }
    Command::new(linker).args(&second).status()
}

/// The script, with the tables of living functions in place of all tables.
fn script_without_dead_tables(script: &str, functions: &BTreeSet<String>) -> String {
    let mut tables = String::from("*(.gcc_except_table)");
    for function in functions {
        tables.push_str(&format!("\n    *(.gcc_except_table.{function})"));
    }
    let with_living = script.replace(ALL_TABLES, &tables);
    with_living.replace("/DISCARD/ : {", "/DISCARD/ : { *(.gcc_except_table.*)")
}

/// The names of the functions that a program holds. None for one that cannot be read; its second link then loses
/// its tables, and fails if it needs one.
fn functions(program: &[u8]) -> BTreeSet<String> {
    let Ok(file) = ElfFile64::<object::Endianness>::parse(program) else { return BTreeSet::new() };
    let functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text);
    functions.filter_map(|symbol| symbol.name().ok().map(str::to_string)).collect()
}

fn value_of<'a>(arguments: &'a [OsString], flag: &str) -> Option<&'a OsStr> {
    let at = arguments.iter().position(|argument| argument == flag)?;
    arguments.get(at + 1).map(OsString::as_os_str)
}

fn script_of(arguments: &[OsString]) -> Option<PathBuf> {
    arguments.iter().find_map(|argument| script_argument(argument)).map(PathBuf::from)
}

fn script_argument(argument: &OsStr) -> Option<&str> {
    argument.to_str()?.strip_prefix("-T")
}

fn concat(prefix: &str, rest: &OsStr) -> OsString {
    let mut result = OsString::from(prefix);
    result.push(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_living_tables_stay() {
        let functions = ["f", "g"].map(str::to_string).into();
        let script = "  .t : { *(.gcc_except_table .gcc_except_table.*) } :ro\n  /DISCARD/ : { *(.comment) }";
        assert_eq!(
            script_without_dead_tables(script, &functions),
            "  .t : { *(.gcc_except_table)\n    *(.gcc_except_table.f)\n    *(.gcc_except_table.g) } :ro\n  \
             /DISCARD/ : { *(.gcc_except_table.*) *(.comment) }"
        );
    }

    #[test]
    fn what_is_meant_for_a_c_compiler_is_translated() {
        let translated = |text: &str| for_a_linker(OsStr::new(text));
        assert!(translated("-fuse-ld=mold").is_empty());
        assert_eq!(translated("-Wl,-z,now"), ["-z", "now"]);
        assert_eq!(translated("/a/lib.rlib"), ["/a/lib.rlib"]);
    }

    #[test]
    fn a_response_file_has_no_script() {
        let arguments = [OsString::from("-flavor"), "gnu".into(), "@/tmp/arguments".into()];
        assert_eq!(script_of(&arguments), None);
    }
}
