//! Every case of `tests/kconfig/corpus` in every mode: the bytes of the file that is written are those that the
//! reference wrote. What a case is about is in its `NOTE`.

mod support;

use std::fs;
use std::path::Path;

use kit_menu::kconfig::conf::Mode;
use support::{Folder, Ran};

/// The variables of a case.
fn run(folder: &Folder, mode: Mode) -> Ran {
    let extra = fs::read_to_string(folder.path().join("env")).unwrap_or_default();
    let variables = extra.lines().filter_map(|line| line.split_once('='));
    folder.run(mode, [("KCONFIG_CONFIG", "out.config")].into_iter().chain(variables), "")
}

/// Makes the case's `partial.config` the present configuration.
fn begin_with_partial(folder: &Folder) {
    folder.write("out.config", &folder.read("partial.config"));
}

/// Calls `check` with each case, the text of `expected/<mode>`, and its folder. A case that the reference refuses
/// has no such file.
fn each_case(mode: &str, mut check: impl FnMut(&Folder, Option<String>) -> Result<(), String>) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/kconfig/corpus/cases");
    let entries = fs::read_dir(cases).expect("the corpus");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let count = paths.len();
    let mut failures = Vec::new();
    for case in paths {
        let folder = Folder::copy_of(&case);
        let expected = fs::read_to_string(case.join("expected").join(mode)).ok();
        if let Err(failure) = check(&folder, expected) {
            failures.push(format!("== {}\n{failure}", case.display()));
        }
    }
    assert!(count > 20, "only {count} cases");
    assert!(failures.is_empty(), "{} of {count} cases differ\n{}", failures.len(), failures.join("\n"));
}

/// Engines differ in the heading and in blank lines before the first symbol; neither has a meaning.
fn body(text: &str) -> &str {
    let has_heading =
        text.starts_with("#\n# Automatically generated") || text.starts_with("#\n# automatically");
    let after = if has_heading { text.splitn(5, '\n').nth(4).unwrap_or_default() } else { text };
    after.trim_start_matches('\n')
}

fn agree(ran: &Ran, expected: &str, found: &str) -> Result<(), String> {
    if ran.code == 0 && body(expected) == body(found) {
        return Ok(());
    }
    let (expected, found) = (body(expected), body(found));
    Err(format!("exit code {}\n{}-- expected\n{expected}\n-- found\n{found}", ran.code, ran.errors))
}

/// A refused case ends with 1 and a message that names a file and a line.
fn refused(ran: &Ran) -> Result<(), String> {
    let names_a_line = ["Kconfig:", "inc1:", "inc2:"].iter().any(|file| {
        let mut after = ran.errors.split(file).skip(1);
        after.any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    });
    if ran.code == 1 && names_a_line {
        Ok(())
    } else {
        Err(format!("exit code {}\n{}", ran.code, ran.errors))
    }
}

fn each_written(name: &str, mode: &Mode, with_partial: bool) {
    each_case(name, |folder, expected| {
        if with_partial {
            begin_with_partial(folder);
        }
        let ran = run(folder, mode.clone());
        match expected {
            Some(expected) => agree(&ran, &expected, &folder.read("out.config")),
            None => refused(&ran),
        }
    });
}

#[test]
fn alldefconfig() {
    each_written("alldefconfig", &Mode::AllDefault, false);
}

#[test]
fn allnoconfig() {
    each_written("allnoconfig", &Mode::AllNo, false);
}

#[test]
fn allyesconfig() {
    each_written("allyesconfig", &Mode::AllYes, false);
}

#[test]
fn allmodconfig() {
    each_written("allmodconfig", &Mode::AllMod, false);
}

#[test]
fn olddefconfig() {
    each_written("olddefconfig", &Mode::OldDefault, true);
}

#[test]
fn savedefconfig_of_olddefconfig() {
    each_case("savedefconfig", |folder, expected| {
        begin_with_partial(folder);
        let first = run(folder, Mode::OldDefault);
        let Some(expected) = expected else { return refused(&first) };
        let ran = run(folder, Mode::SaveDefault("min.config".into()));
        agree(&ran, &expected, &folder.read("min.config"))
    });
}

#[test]
fn listnewconfig() {
    each_case("listnewconfig", |folder, expected| {
        begin_with_partial(folder);
        let ran = run(folder, Mode::ListNew);
        match expected {
            Some(expected) => agree(&ran, &expected, &ran.output),
            None => refused(&ran),
        }
    });
}

/// What olddefconfig wrote, it leaves alone.
#[test]
fn a_written_configuration_is_a_fixed_point() {
    each_case("olddefconfig", |folder, expected| {
        if expected.is_none() {
            return Ok(());
        }
        begin_with_partial(folder);
        run(folder, Mode::OldDefault);
        let first = folder.read("out.config");
        let ran = run(folder, Mode::OldDefault);
        agree(&ran, &first, &folder.read("out.config"))
    });
}
