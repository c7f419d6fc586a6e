//! A `.config` file of any Kconfig tree.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::kconfig::file::{Header, dot_config, read, save};
use crate::kconfig::{Config, Diagnostic, Span};

use super::store::{Assignment, Contents, Leftover, Place, Store, StoreError};

/// A `.config` file, read and written as Linux's `conf` does.
#[derive(Clone, Debug)]
pub struct DotConfig {
    path: PathBuf,
    header: Header,
}

impl DotConfig {
    /// The file at `path`, which need not exist. Names in it begin with `CONFIG_`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::with_header(path, Header::default())
    }

    /// The file at `path`, in which names begin as `header` says.
    pub fn with_header(path: impl Into<PathBuf>, header: Header) -> Self {
        Self { path: path.into(), header }
    }
}

impl Store for DotConfig {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn load(&mut self, config: &mut Config) -> Result<Contents, StoreError> {
        config.clear();
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Contents { is_missing: true, ..Contents::default() });
            }
            Err(error) => return Err(StoreError::file("read", &self.path, error)),
        };
        Ok(contents(config, &String::from_utf8_lossy(&bytes), &self.path, &self.header))
    }

    fn save(&mut self, config: &Config, _leftovers: &[Leftover]) -> Result<(), StoreError> {
        let text = dot_config(config, &self.header);
        save::replace(&self.path, &text)
            .map(drop)
            .map_err(|error| StoreError::file("write", &self.path, error))
    }

    fn keeps_leftovers(&self) -> bool {
        false
    }

    fn holds_everything(&self) -> bool {
        true
    }

    fn at(&self, path: &Path) -> Box<dyn Store> {
        Box::new(Self::with_header(path, self.header.clone()))
    }
}

/// Replaces the user values of `config` by those of `text`, the content of the `.config` at `path`.
pub fn contents(config: &mut Config, text: &str, path: &Path, header: &Header) -> Contents {
    let reading = read(config, text, path, header);
    let leftover = |diagnostic: &Diagnostic| {
        let span = diagnostic.span?;
        let assignment = Assignment {
            place: Place::of(&reading.sources, span),
            ..assignment(reading.sources.line(span), header)
        };
        let detail = diagnostic.render(&reading.sources);
        Some(Leftover { assignment, message: diagnostic.message.clone(), detail })
    };
    let leftovers = reading.diagnostics.iter().filter_map(leftover).collect();
    let file = reading.sources.files().next();
    let place = |start: usize| {
        let point = Span { file: file?, start: start as u32, end: start as u32 };
        Some(Place::of(&reading.sources, point))
    };
    let tree = config.tree().clone();
    let mut starts = HashMap::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(symbol) = tree.find(&assignment(line, header).name) {
            starts.insert(symbol, start);
        }
        start += line.len();
    }
    let is_set = |symbol: &_| config.user_value(*symbol).is_some();
    let places = starts.into_iter().filter(|(symbol, _)| is_set(symbol));
    let places = places.filter_map(|(symbol, start)| Some((symbol, place(start)?))).collect();
    Contents { places, leftovers, is_missing: false }
}

/// Name and value in a line, for a person; both empty if there are none. The place is left open.
fn assignment(line: &str, header: &Header) -> Assignment {
    let line = line.trim_end();
    let unset =
        line.strip_prefix("# ").and_then(|line| line.strip_suffix(" is not set")).map(|name| (name, "n"));
    let (name, value) = unset.or_else(|| line.split_once('=')).unwrap_or_default();
    let name = name.strip_prefix(header.prefix.as_str()).unwrap_or_default();
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let place = Place { path: PathBuf::new(), line: 1, column: 1 };
    Assignment { name: name.to_string(), value: value.to_string(), place }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::fixture::{SYSTEM, session_of};
    use crate::session::{Session, Shown};

    /// A path of its own for each test, in a folder that goes away.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("kit-dot-config-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn open(&self) -> Session {
            session_of(SYSTEM, Box::new(DotConfig::new(self.0.join(".config"))))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_written_by_the_first_save() {
        let folder = Folder::new("new");
        let mut session = folder.open();
        assert!(session.is_changed());
        session.set_named("NET", "y").unwrap();
        session.save().unwrap();
        assert!(!session.is_changed());
        let text = fs::read_to_string(folder.0.join(".config")).unwrap();
        assert!(
            text.contains("CONFIG_NET=y\nCONFIG_STACK_SMALL=y\n# CONFIG_STACK_FULL is not set\n"),
            "{text}"
        );
        let again = folder.open();
        assert!(!again.is_changed());
        assert_eq!(again.value_of("NET"), "y");
    }

    #[test]
    fn only_what_differs_from_the_default_was_decided() {
        let folder = Folder::new("decided");
        let mut session = folder.open();
        session.set_named("NET", "y").unwrap();
        session.save().unwrap();
        let again = folder.open();
        let rows = again.rows(again.entry("NET"), Shown::Visible);
        assert!(rows.iter().all(|row| !row.is_set), "{rows:?}");
        assert!(again.is_decided(again.named("NET")));
        let why = again.explain(again.named("SOCKETS")).why_text();
        assert!(why.starts_with("set in ") && why.ends_with(", as by default"), "{why}");
    }

    #[test]
    fn what_has_no_effect_is_gone_after_a_save() {
        let folder = Folder::new("rest");
        let file = folder.0.join(".config");
        fs::write(&file, "CONFIG_NET=y\nCONFIG_GONE=y\nnonsense\nCONFIG_ADDRESS=bare\n").unwrap();
        let mut session = folder.open();
        let problems: Vec<_> =
            session.problems().into_iter().map(|problem| (problem.message, problem.place)).collect();
        let lines: Vec<_> = problems.iter().map(|(_, place)| place.as_ref().unwrap().line).collect();
        assert_eq!(lines, [2, 3, 4], "{problems:?}");
        session.save().unwrap();
        assert_eq!(session.problem_count(), 0);
        assert!(!session.is_changed());
    }

    #[test]
    fn a_minimal_file_can_be_opened() {
        let folder = Folder::new("minimal");
        let mut session = folder.open();
        session.set_named("NET", "y").unwrap();
        session.set_named("STACK_FULL", "y").unwrap();
        let least = folder.0.join("defconfig");
        session.save_minimal(&least).unwrap();
        assert_eq!(fs::read_to_string(&least).unwrap(), "CONFIG_NET=y\nCONFIG_STACK_FULL=y\n");
        session.set_named("NET", "n").unwrap();
        session.open_file(&least).unwrap();
        assert_eq!(["NET", "STACK_FULL"].map(|name| session.value_of(name)), ["y", "y"]);
        let missing = session.open_file(&folder.0.join("missing")).unwrap_err();
        assert!(missing.message.contains("there is no such file"), "{missing}");
        assert_eq!(session.value_of("NET"), "y");
    }

    #[test]
    fn what_cannot_be_read_or_written_is_told() {
        let folder = Folder::new("folder");
        fs::create_dir(folder.0.join(".config")).unwrap();
        let mut session = folder.open();
        assert!(session.load_error().unwrap().message.starts_with("cannot read "));
        let error = session.save().unwrap_err();
        assert!(error.message.starts_with("cannot write "), "{error}");
        assert!(session.is_changed() || session.load_error().is_some());
    }
}
