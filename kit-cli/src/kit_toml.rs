//! `kit.toml`: the app's wishes. Every key is optional; what is not known is an error that shows the place.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use kit_menu::{Setting, Wish, did_you_mean};
use serde::Deserialize;
use toml::Spanned;

use crate::mounts::{Entry, Mounts, Table};
use crate::{Failure, Result};

/// The file, or what stands for a file that is not there.
#[derive(Clone, Debug, Default)]
pub struct KitToml {
    path: PathBuf,
    text: String,
    tables: Tables,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    #[serde(default)]
    image: Image,
    #[serde(default)]
    config: Options,
    #[serde(default)]
    libs: Libs,
    rootfs: Option<Spanned<Entry>>,
    #[serde(default)]
    mount: Vec<Spanned<Entry>>,
    #[serde(default)]
    run: Run,
    #[serde(default)]
    target: BTreeMap<Spanned<String>, Overlay>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Image {
    name: Option<Spanned<String>>,
    platform: Option<Spanned<String>>,
    arch: Option<Spanned<String>>,
}

type Options = BTreeMap<Spanned<String>, Spanned<toml::Value>>;
type Libs = BTreeMap<String, toml::Value>;

/// `[run]`: what `kit run` does unless its command line says otherwise.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Memory, such as `"16M"`.
    pub memory: Option<String>,
    /// Ports, each as `-p` takes it.
    #[serde(default)]
    pub ports: Vec<String>,
    /// The environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Arguments of the app.
    #[serde(default)]
    pub args: Vec<String>,
    /// Disks, each as `--disk` takes it; relative to the folder of the file.
    #[serde(default)]
    pub disks: Vec<String>,
    /// Folders of the host, each as `-v` takes it.
    #[serde(default)]
    pub volumes: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    #[serde(default)]
    config: Options,
    #[serde(default)]
    libs: Libs,
    rootfs: Option<Spanned<Entry>>,
    #[serde(default)]
    mount: Vec<Spanned<Entry>>,
    #[serde(default)]
    run: Run,
}

/// The wishes for one platform, overlays applied.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// `[config]`.
    pub config: Vec<Wish>,
    /// Options of `[config]` whose values are of a type that no option has: name, and value as written.
    pub odd: Vec<(String, String)>,
    /// `[libs]`, each as a line of a manifest after the equals sign.
    pub libs: BTreeMap<String, String>,
    /// `[rootfs]` and `[[mount]]`.
    pub mounts: Mounts,
    /// `[run]`.
    pub run: Run,
}

impl KitToml {
    /// Reads `kit.toml` in `folder`. Without one, everything is as by default.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join("kit.toml");
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(path, text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Self { path, ..Self::default() })
            }
            Err(error) => Err(Failure::file("read", &path, error)),
        }
    }

    /// Reads `text`, found at `path`.
    pub fn parse(path: PathBuf, text: String) -> Result<Self> {
        let file = Self { path, text, tables: Tables::default() };
        match toml::from_str(&file.text) {
            Ok(tables) => Ok(Self { tables, ..file }),
            Err(error) => {
                let (message, hint) = explain(error.message());
                Err(file.complain(error.span(), &message, hint.as_deref()))
            }
        }
    }

    /// Where the file is, or would be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `[image] name`.
    pub fn name(&self) -> Result<Option<&str>> {
        let Some(name) = &self.tables.image.name else { return Ok(None) };
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        if name.get_ref().chars().all(is_plain)
            && !name.get_ref().starts_with(['.', '-'])
            && !name.get_ref().is_empty()
        {
            return Ok(Some(name.get_ref()));
        }
        Err(self.complain(
            Some(name.span()),
            &format!("`{}` cannot name an image", name.get_ref()),
            Some("letters, digits, `-`, `_` and `.` can"),
        ))
    }

    /// `[image] platform`, if it is one of `known`.
    pub fn platform(&self, known: &[&str]) -> Result<Option<&str>> {
        self.one_of(self.tables.image.platform.as_ref(), "platform", known)
    }

    /// `[image] arch`, if it is one of `known`.
    pub fn arch(&self, known: &[&str]) -> Result<Option<&str>> {
        self.one_of(self.tables.image.arch.as_ref(), "arch", known)
    }

    fn one_of<'a>(
        &self,
        value: Option<&'a Spanned<String>>,
        what: &str,
        known: &[&str],
    ) -> Result<Option<&'a str>> {
        let Some(value) = value else { return Ok(None) };
        if known.contains(&value.get_ref().as_str()) {
            return Ok(Some(value.get_ref()));
        }
        Err(self.complain(
            Some(value.span()),
            &format!(
                "there is no {what} `{}`{}",
                value.get_ref(),
                guess(value.get_ref(), known.iter().copied())
            ),
            Some(&format!("{what}s: {}", known.join(", "))),
        ))
    }

    /// What is wished for an image of `platform`; `known` are all platforms.
    pub fn wishes(&self, platform: &str, known: &[&str]) -> Result<Wishes> {
        for name in self.tables.target.keys() {
            if !known.contains(&name.get_ref().as_str()) {
                let guess = guess(name.get_ref(), known.iter().copied());
                let message = format!("there is no platform `{}`{guess}", name.get_ref());
                return Err(self.complain(
                    Some(name.span()),
                    &message,
                    Some(&format!("platforms: {}", known.join(", "))),
                ));
            }
        }
        let tables = &self.tables;
        let overlay =
            tables.target.iter().find(|(name, _)| name.get_ref() == platform).map(|(_, overlay)| overlay);
        let mut options = tables.config.clone();
        let mut libs = tables.libs.clone();
        let mut run = tables.run.clone();
        if let Some(overlay) = overlay {
            for (name, value) in &overlay.config {
                options.retain(|present, _| present.get_ref() != name.get_ref());
                options.insert(name.clone(), value.clone());
            }
            libs.extend(overlay.libs.clone());
            run.memory = overlay.run.memory.clone().or(run.memory);
            run.env.extend(overlay.run.env.clone());
            if !overlay.run.ports.is_empty() {
                run.ports = overlay.run.ports.clone();
            }
            if !overlay.run.volumes.is_empty() {
                run.volumes = overlay.run.volumes.clone();
            }
            if !overlay.run.disks.is_empty() {
                run.disks = overlay.run.disks.clone();
            }
            if !overlay.run.args.is_empty() {
                run.args = overlay.run.args.clone();
            }
        }
        let (mut config, mut odd) = (Vec::new(), Vec::new());
        // In the order of the file: of several members of a choice the last one wins.
        let mut options: Vec<_> = options.iter().collect();
        options.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in options {
            let option = name.get_ref().strip_prefix("CONFIG_").unwrap_or(name.get_ref()).to_string();
            match setting(value.get_ref()) {
                Some(value) => config.push(Wish { option, value }),
                None => odd.push((option, self.text[value.span()].to_string())),
            }
        }
        let libs = libs.iter().map(|(name, value)| Ok((name.clone(), self.dependency(name, value)?)));
        Ok(Wishes { config, odd, libs: libs.collect::<Result<_>>()?, mounts: self.mounts(platform)?, run })
    }

    /// What is mounted in an image of `platform`.
    fn mounts(&self, platform: &str) -> Result<Mounts> {
        let tables = &self.tables;
        let overlay = tables.target.iter().find(|(name, _)| name.get_ref() == platform);
        let overlay = overlay.map_or(Table { rootfs: None, mounts: &[] }, |(_, overlay)| Table {
            rootfs: overlay.rootfs.as_ref(),
            mounts: &overlay.mount,
        });
        Mounts::of(self, [Table { rootfs: tables.rootfs.as_ref(), mounts: &tables.mount }, overlay])
    }

    /// A dependency as a manifest says it, with its path made absolute: the root is in another folder.
    fn dependency(&self, name: &str, value: &toml::Value) -> Result<String> {
        let mut value = value.clone();
        if let Some(path) = value.get_mut("path")
            && let Some(text) = path.as_str()
        {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            let full = folder.join(text);
            let full = full.canonicalize().map_err(|_| {
                Failure::usage(format!(
                    "{}: [libs] {name}: there is no folder {}",
                    self.path.display(),
                    full.display()
                ))
            })?;
            *path = toml::Value::String(full.to_string_lossy().into_owned());
        }
        Ok(value.to_string())
    }

    /// Points at an option of `[config]` in the file, or at the mount that turns it on.
    pub fn complain_about_option(
        &self,
        option: &str,
        platform: &str,
        message: &str,
        hint: Option<&str>,
    ) -> Failure {
        self.complain(self.span_of_option(option, platform), message, hint)
    }

    /// Line and column, from 1, of an option of `[config]`, or of the overlay of `platform` if that has it; or of the
    /// mount that turns it on.
    pub fn place_of_option(&self, option: &str, platform: &str) -> Option<(u32, u32)> {
        let before = self.text.get(..self.span_of_option(option, platform)?.start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Some((line as u32, column as u32))
    }

    fn span_of_option(&self, option: &str, platform: &str) -> Option<Range<usize>> {
        let overlay = self.tables.target.iter().filter(|(name, _)| name.get_ref() == platform);
        let tables = overlay.map(|(_, overlay)| &overlay.config).chain([&self.tables.config]);
        let is_it = |name: &&Spanned<String>| name.get_ref().trim_start_matches("CONFIG_") == option;
        let in_config = tables.flat_map(|table| table.keys()).find(is_it).map(Spanned::span);
        in_config.or_else(|| self.mounts(platform).ok()?.place_of_option(option))
    }

    /// A message with the place: path, line, column, the line itself, and carets below it.
    pub(crate) fn complain(&self, span: Option<Range<usize>>, message: &str, hint: Option<&str>) -> Failure {
        let path = std::env::current_dir().ok();
        let path = path.and_then(|present| self.path.strip_prefix(present).ok()).unwrap_or(&self.path);
        let mut report = match span {
            None => format!("{}: {message}", path.display()),
            Some(span) => {
                let start = span.start.min(self.text.len());
                let before = &self.text[..start];
                let number = before.matches('\n').count() + 1;
                let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
                let line = self.text[line_start..].lines().next().unwrap_or("");
                let column = self.text[line_start..start].chars().count();
                let marked =
                    self.text[start..].chars().take(span.len().max(1)).take_while(|c| *c != '\n').count();
                let gutter = " ".repeat(number.to_string().len());
                format!(
                    "{}:{number}:{}: {message}\n{gutter} |\n{number} | {line}\n{gutter} | {}{}",
                    path.display(),
                    column + 1,
                    " ".repeat(column),
                    "^".repeat(marked.max(1)),
                )
            }
        };
        if let Some(hint) = hint {
            report.push_str(&format!("\n  = {hint}"));
        }
        Failure::usage(report)
    }
}

/// The value of an option; none if it is of a type that no option has.
fn setting(value: &toml::Value) -> Option<Setting> {
    Some(match value {
        toml::Value::Boolean(value) => Setting::Bool(*value),
        toml::Value::Integer(value) => Setting::Int(*value),
        toml::Value::String(value) => Setting::Text(value.clone()),
        _ => return None,
    })
}

/// What `word` may have been meant to be, for the end of a message.
pub(crate) fn guess<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    did_you_mean(word, known).map_or(String::new(), |near| format!(", did you mean `{near}`?"))
}

/// Says serde's "unknown field `x`, expected one of `a`, `b`" in the words of a person.
fn explain(message: &str) -> (String, Option<String>) {
    let message = message.trim();
    let Some(rest) = message.strip_prefix("unknown field ") else { return (message.to_string(), None) };
    let mut names = rest.split('`').skip(1).step_by(2);
    let unknown = names.next().unwrap_or_default();
    let known: Vec<_> = names.collect();
    let message = format!("unknown key `{unknown}`{}", guess(unknown, known.iter().copied()));
    (message, Some(format!("known here: {}", known.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        let known = ["kvm", "linux"];
        let load = || {
            let file = KitToml::parse("kit.toml".into(), text.into())?;
            file.name()?;
            file.platform(&known)?;
            file.arch(&["x86_64"])?;
            file.wishes("kvm", &known)
        };
        let failure = load().expect_err("it is malformed");
        assert_eq!(failure.code, 2);
        failure.message
    }

    #[test]
    fn reads_every_key() {
        let text = r#"
[image]
name = "shop"
platform = "kvm"
arch = "x86_64"
[config]
ALLOC_TLSF = true
SCHED_SLICE_US = 5000
NET_IP = "10.0.0.2/24"
[libs]
mine = { version = "1" }
[run]
memory = "8M"
ports = ["8080:80"]
disks = ["data.img", "more.img:ro"]
volumes = ["site:/srv"]
env = { RUST_LOG = "info" }
args = ["--quiet"]
[target.linux.config]
ALLOC_TLSF = false
[target.linux.run]
memory = "9M"
"#;
        let file = KitToml::parse("kit.toml".into(), text.into()).unwrap();
        let known = ["kvm", "linux"];
        assert_eq!(file.name().unwrap(), Some("shop"));
        assert_eq!(file.platform(&known).unwrap(), Some("kvm"));
        let kvm = file.wishes("kvm", &known).unwrap();
        assert_eq!(kvm.config.len(), 3);
        assert_eq!(kvm.run.memory.as_deref(), Some("8M"));
        assert_eq!(kvm.libs["mine"], "{ version = \"1\" }");
        let linux = file.wishes("linux", &known).unwrap();
        let tlsf = linux.config.iter().find(|wish| wish.option == "ALLOC_TLSF").unwrap();
        assert_eq!(tlsf.value, Setting::Bool(false));
        assert_eq!(linux.run.memory.as_deref(), Some("9M"));
        assert_eq!(linux.run.ports, ["8080:80"]);
        assert_eq!(linux.run.disks, ["data.img", "more.img:ro"]);
        assert_eq!(linux.run.volumes, ["site:/srv"]);
    }

    #[test]
    fn an_unknown_key_is_shown() {
        assert_eq!(
            refusal("[image]\nplatfrom = \"kvm\"\n"),
            "kit.toml:2:1: unknown key `platfrom`, did you mean `platform`?\n  |\n2 | platfrom = \"kvm\"\n  | \
             ^^^^^^^^\n  = known here: name, platform, arch"
        );
        assert_eq!(
            refusal("[imgae]\n"),
            "kit.toml:1:2: unknown key `imgae`, did you mean `image`?\n  |\n1 | [imgae]\n  |  ^^^^^\n  = known \
             here: image, config, libs, rootfs, mount, run, target"
        );
        assert_eq!(
            refusal("[target.kvm]\nruns = 1\n"),
            "kit.toml:2:1: unknown key `runs`, did you mean `run`?\n  |\n2 | runs = 1\n  | ^^^^\n  = known here: \
             config, libs, rootfs, mount, run"
        );
    }

    #[test]
    fn a_wrong_value_is_shown() {
        assert_eq!(
            refusal("[image]\nplatform = \"vax\"\n"),
            "kit.toml:2:12: there is no platform `vax`\n  |\n2 | platform = \"vax\"\n  |            ^^^^^\n  = \
             platforms: kvm, linux"
        );
        assert_eq!(
            refusal("[image]\nplatform = 3\n"),
            "kit.toml:2:12: invalid type: integer `3`, expected a string\n  |\n2 | platform = 3\n  |            ^"
        );
        assert_eq!(
            refusal("[target.linx.run]\nmemory = \"1M\"\n"),
            "kit.toml:1:9: there is no platform `linx`, did you mean `linux`?\n  |\n1 | [target.linx.run]\n  |         \
             ^^^^\n  = platforms: kvm, linux"
        );
        assert_eq!(
            refusal("[image]\nname = \"../x\"\n"),
            "kit.toml:2:8: `../x` cannot name an image\n  |\n2 | name = \"../x\"\n  |        ^^^^^^\n  = letters, \
             digits, `-`, `_` and `.` can"
        );
    }

    #[test]
    fn a_value_that_no_option_can_have_is_set_aside() {
        let text = "[config]\nA = 0.5\nB = true\n[target.linux.config]\nB = [1,\n 2]\n";
        let file = KitToml::parse("kit.toml".into(), text.into()).unwrap();
        let wishes = file.wishes("linux", &["kvm", "linux"]).unwrap();
        assert_eq!(wishes.odd, [("A".into(), "0.5".into()), ("B".into(), "[1,\n 2]".into())]);
        assert!(wishes.config.is_empty());
        assert_eq!(file.place_of_option("B", "linux"), Some((5, 1)));
        assert_eq!(file.place_of_option("B", "kvm"), Some((3, 1)));
        assert_eq!(file.place_of_option("C", "kvm"), None);
    }

    #[test]
    fn what_is_not_toml_is_shown() {
        let message = refusal("[image\nplatform = \"kvm\"\n");
        assert!(message.starts_with("kit.toml:1:"), "{message}");
        assert!(message.contains("1 | [image\n"), "{message}");
    }
}
