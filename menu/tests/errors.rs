//! Every message of the Kconfig reader once, as people see it.
//!
//! A case is a file in `errors/`: the Kconfig files, each after a line `=== NAME`, then the messages after
//! `=== messages`. `UPDATE=1 cargo test -p kit-menu --test errors` writes the messages that come now; read the
//! difference before you commit it. Words after a NAME change how the file is found: `latin1` (its bytes),
//! `unreadable` (permission denied), `everywhere` (under every path that ends so). `=== environment` holds lines
//! `NAME=value`, and `@repeat 3 text #` stands for three lines with 1, 2 and 3.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use kit_menu::kconfig::{Context, Files, NoShell, codes, load};

struct Case {
    name: String,
    path: PathBuf,
    /// Everything before the messages.
    input: String,
    files: Vec<File>,
    environment: Vec<(String, String)>,
    messages: String,
}

#[derive(Clone)]
struct File {
    name: String,
    flag: String,
    bytes: Vec<u8>,
}

struct CaseFiles(Vec<File>);

impl Files for CaseFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.to_string_lossy();
        let is_meant =
            |file: &&File| file.name == name || file.flag == "everywhere" && name.ends_with(&file.name);
        match self.0.iter().find(is_meant) {
            Some(file) if file.flag == "unreadable" => Err(io::ErrorKind::PermissionDenied.into()),
            Some(file) => Ok(file.bytes.clone()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn glob(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(Vec::new())
    }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut paths: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(read_case).collect()
}

fn read_case(path: PathBuf) -> Case {
    let text = std::fs::read_to_string(&path).unwrap();
    let (input, messages) = text.split_once("=== messages\n").unwrap_or((&text, ""));
    let mut case = Case {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        path,
        input: input.to_string(),
        files: Vec::new(),
        environment: Vec::new(),
        messages: messages.to_string(),
    };
    for section in input.split("=== ").skip(1) {
        let (title, body) = section.split_once('\n').expect("a title is a line");
        let (name, flag) = title.split_once(' ').unwrap_or((title, ""));
        let body = repeated(body);
        if name == "environment" {
            let lines = body.lines().filter_map(|line| line.split_once('='));
            case.environment = lines.map(|(name, value)| (name.into(), value.into())).collect();
            continue;
        }
        let bytes = match flag {
            "latin1" => body.chars().map(|c| u8::try_from(c).expect("a Latin-1 character")).collect(),
            _ => body.into_bytes(),
        };
        case.files.push(File { name: name.into(), flag: flag.into(), bytes });
    }
    case
}

fn repeated(body: &str) -> String {
    let mut text = String::new();
    for line in body.split_inclusive('\n') {
        let Some((count, line)) = line.strip_prefix("@repeat ").and_then(|rest| rest.split_once(' ')) else {
            text.push_str(line);
            continue;
        };
        for number in 1..=count.parse().expect("a number of lines") {
            let number: u32 = number;
            text.push_str(&line.replace('#', &number.to_string()));
        }
    }
    text
}

/// The messages, and the numbers of their codes.
fn run(case: &Case) -> (String, BTreeSet<u16>) {
    let mut context = Context {
        srctree: None,
        environment: case.environment.iter().cloned().collect(),
        files: Box::new(CaseFiles(case.files.clone())),
        shell: Box::new(NoShell),
    };
    let (sources, diagnostics) = match load(Path::new("Kconfig"), &mut context) {
        Ok(loaded) => (loaded.tree.sources().clone(), loaded.diagnostics),
        Err(failure) => (failure.sources, failure.diagnostics),
    };
    let mut text = String::new();
    for diagnostic in &diagnostics {
        write!(text, "{}", diagnostic.render(&sources)).unwrap();
    }
    (text, diagnostics.iter().map(|diagnostic| diagnostic.code.0).collect())
}

#[test]
fn messages_are_as_documented() {
    let mut wrong = String::new();
    for case in cases() {
        let (messages, _) = run(&case);
        if messages == case.messages {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&case.path, format!("{}=== messages\n{messages}", case.input)).unwrap();
        } else {
            write!(wrong, "\n{}: expected\n{}but got\n{messages}", case.name, case.messages).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_code_of_the_reader_has_a_case() {
    let seen: BTreeSet<u16> = cases().iter().flat_map(|case| run(case).1).collect();
    let ours = codes::all().map(|explanation| explanation.code.0).filter(|&number| number < 400);
    let missing: Vec<u16> = ours.filter(|number| !seen.contains(number)).collect();
    assert!(missing.is_empty(), "no case has {missing:?}");
}
