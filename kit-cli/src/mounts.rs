//! `[rootfs]` and `[[mount]]` of `kit.toml`: from what is written there to what the image mounts.
//!
//! A filesystem of type `x` is the member of the slot `fs` whose option is `FS_X`; what its `source` means is said in
//! its metadata. Whoever mounts one turns its option on: see [`crate::configuration`].

use std::ops::Range;
use std::path::{Path, PathBuf};

use kit_menu::Shelf;
use kit_menu::composition::Mount;
use kit_menu::shelf::{Provider, Source};
use serde::Deserialize;
use toml::Spanned;

use crate::build::archive;
use crate::kit_toml::{KitToml, guess};
use crate::{Failure, Result};

/// The slot whose members are mounted.
const SLOT: &str = "fs";
/// The type of a mount that is not there: in an overlay it takes away what all platforms have.
const NONE: &str = "none";

/// `[rootfs]`, or one `[[mount]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    at: Option<Spanned<String>>,
    r#type: Spanned<String>,
    source: Option<Spanned<String>>,
    #[serde(default)]
    options: Vec<Spanned<String>>,
}

/// What a `kit.toml`, or the overlay of a platform in it, says of mounts.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// `[rootfs]`.
    pub rootfs: Option<&'a Spanned<Entry>>,
    /// `[[mount]]`.
    pub mounts: &'a [Spanned<Entry>],
}

/// What of a `kit.toml` is about mounts: of one platform, overlays applied.
#[derive(Clone, Debug, Default)]
pub struct Mounts {
    entries: Vec<Entry>,
}

impl Mounts {
    /// The mounts of a file and of the overlay of a platform: an overlay's root replaces the root, its mounts those
    /// at the same place.
    pub fn of(file: &KitToml, tables: [Table; 2]) -> Result<Self> {
        let mut root: Option<Entry> = None;
        let mut entries: Vec<Entry> = Vec::new();
        for Table { rootfs, mounts } in tables {
            if let Some(rootfs) = rootfs {
                let entry = rootfs.get_ref();
                if let Some(at) = &entry.at {
                    let message = "`at` has no place in [rootfs], which is at `/`";
                    return Err(file.complain(Some(at.span()), message, Some("remove it")));
                }
                root = Some(entry.clone());
            }
            let mut fresh: Vec<Entry> = Vec::new();
            for mount in mounts {
                let entry = mount.get_ref();
                let at = check_place(file, entry, mount.span())?;
                if fresh.iter().any(|other| place_of(other) == at) {
                    let message = format!("something else is mounted at {at:?} already");
                    return Err(file.complain(
                        entry.at.as_ref().map(Spanned::span),
                        &message,
                        Some("remove one"),
                    ));
                }
                fresh.push(entry.clone());
            }
            entries.retain(|old| fresh.iter().all(|entry| place_of(entry) != place_of(old)));
            entries.extend(fresh);
        }
        entries.retain(|entry| entry.r#type.get_ref() != NONE);
        entries.splice(0..0, root);
        Ok(Self { entries })
    }

    /// What is mounted, the root first; empty if the file says nothing, which stands for the default root.
    pub fn resolve(&self, file: &KitToml, shelf: &Shelf) -> Result<Vec<Mount>> {
        let mut mounts: Vec<Mount> = Vec::new();
        let has_root = self.entries.first().is_none_or(|first| first.at.is_none());
        if !has_root {
            mounts.extend(default_root(shelf));
        }
        for entry in &self.entries {
            let provider = provider(file, shelf, entry)?;
            let folders = mounts.iter().filter(|mount| mount.host.is_some()).count();
            let (source, host) = source(file, &provider, entry, folders)?;
            if let Some(disk) = source.as_ref().filter(|_| provider.provides.source == Some(Source::Disk))
                && let Some(other) = mounts.iter().find(|other| other.source.as_ref() == Some(disk))
            {
                let span = entry.source.as_ref().map(Spanned::span);
                let message = format!("what is at {} is on this disk already", other.at);
                return Err(file.complain(span, &message, Some("a filesystem needs a disk of its own")));
            }
            mounts.push(Mount {
                at: place_of(entry),
                option: provider.provides.option.clone(),
                source,
                host,
                is_read_only: is_read_only(file, entry)?,
            });
        }
        Ok(mounts)
    }

    /// Where a filesystem is mounted that an option stands for, and how the file calls it.
    pub fn place_of_option(&self, option: &str) -> Option<Range<usize>> {
        let is_it = |entry: &&Entry| option_of(entry.r#type.get_ref()) == option;
        self.entries.iter().find(is_it).map(|entry| entry.r#type.span())
    }
}

/// The root of an image whose file has none.
pub fn default_root(shelf: &Shelf) -> Option<Mount> {
    let slot = shelf.slots().find(|slot| slot.name == SLOT)?;
    let option = slot.package.metadata.mounts.as_ref()?.root.clone();
    Some(Mount { at: "/".to_string(), option, ..Mount::default() })
}

fn option_of(r#type: &str) -> String {
    format!("{SLOT}_{type}").to_uppercase().replace('-', "_")
}

/// Where an entry is mounted, as it is compared: without a slash at the end.
fn place_of(entry: &Entry) -> String {
    match &entry.at {
        None => "/".to_string(),
        Some(at) => at.get_ref().trim_end_matches('/').to_string(),
    }
}

fn check_place(file: &KitToml, entry: &Entry, span: Range<usize>) -> Result<String> {
    let Some(at) = &entry.at else {
        let hint = Some("write `at = \"/data\"`, the folder that it is to appear as");
        return Err(file.complain(Some(span), "this [[mount]] does not say where", hint));
    };
    let place = place_of(entry);
    let names: Vec<&str> = place.split('/').collect();
    let (message, hint) = match names[..] {
        [""] => ("what is at `/` is [rootfs]", "write it there"),
        ["", ref names @ ..] if names.iter().all(|name| !matches!(*name, "" | "." | "..")) => {
            if !place.contains(['\0', '"', '\\']) {
                return Ok(place);
            }
            ("a mount point has plain characters", "choose another name")
        }
        _ => ("a mount point is an absolute path without `.` and `..`", "such as `/data`"),
    };
    Err(file.complain(Some(at.span()), message, Some(hint)))
}

fn provider<'a>(file: &KitToml, shelf: &'a Shelf, entry: &Entry) -> Result<Provider<'a>> {
    let wanted = option_of(entry.r#type.get_ref());
    let prefix = format!("{SLOT}_").to_uppercase();
    let of_slot =
        || shelf.providers().filter(|one| one.provides.slot == SLOT && one.provides.wraps.is_none());
    of_slot().find(|one| one.provides.option == wanted).ok_or_else(|| {
        let types: Vec<String> = of_slot()
            .filter_map(|one| one.provides.option.strip_prefix(&prefix))
            .map(|name| name.to_lowercase().replace('_', "-"))
            .collect();
        let r#type = entry.r#type.get_ref();
        let message =
            format!("there is no filesystem `{type}`{}", guess(r#type, types.iter().map(String::as_str)));
        let hint = format!("types: {}; `kit lib list` tells what they are", types.join(", "));
        file.complain(Some(entry.r#type.span()), &message, Some(&hint))
    })
}

/// What a mount is made from: as Rust, and as a place of the host. `number` is how many are made from folders already.
fn source(
    file: &KitToml,
    provider: &Provider,
    entry: &Entry,
    number: usize,
) -> Result<(Option<String>, Option<PathBuf>)> {
    let r#type = entry.r#type.get_ref();
    let (kind, source) = match (provider.provides.source, &entry.source) {
        (None, None) => return Ok((None, None)),
        (None, Some(source)) => {
            let message = format!("a filesystem `{type}` has no source");
            return Err(file.complain(Some(source.span()), &message, Some("remove it")));
        }
        (Some(kind), None) => {
            let hint = match kind {
                Source::Disk => "write `source = \"disk0\"`, the first disk of the machine",
                Source::Share => "write `source = \"data\"`, the tag under which the host shares it",
                Source::Folder => "write `source = \"www\"`, a folder, or a cpio archive, from kit.toml on",
            };
            let message = format!("a filesystem `{type}` needs a source");
            return Err(file.complain(Some(entry.r#type.span()), &message, Some(hint)));
        }
        (Some(kind), Some(source)) => (kind, source),
    };
    let text = source.get_ref();
    match kind {
        Source::Share => Ok((Some(format!("{text:?}")), None)),
        Source::Disk => {
            let number = text.strip_prefix("disk").and_then(|number| number.parse::<u8>().ok());
            let number = number.ok_or_else(|| {
                let message = format!("there is no disk `{text}`");
                let hint = "disks are `disk0`, `disk1`, …: in the order in which `kit run --disk` names them";
                file.complain(Some(source.span()), &message, Some(hint))
            })?;
            Ok((Some(format!("kit_iface_block::Disk({number})")), None))
        }
        Source::Folder => {
            let place = file.path().parent().unwrap_or(Path::new(".")).join(text);
            if !place.exists() {
                let message = format!("there is no `{text}`");
                let hint = format!("make the folder {}", place.display());
                return Err(file.complain(Some(source.span()), &message, Some(&hint)));
            }
            Ok((Some(archive::source(number)), Some(place)))
        }
    }
}

fn is_read_only(file: &KitToml, entry: &Entry) -> Result<bool> {
    const KNOWN: [&str; 2] = ["ro", "rw"];
    let mut is_read_only = false;
    for option in &entry.options {
        match option.get_ref().as_str() {
            "ro" => is_read_only = true,
            "rw" => is_read_only = false,
            other => {
                let message = format!("there is no mount option `{other}`{}", guess(other, KNOWN));
                return Err(unknown_option(file, option.span(), &message));
            }
        }
    }
    Ok(is_read_only)
}

fn unknown_option(file: &KitToml, span: Range<usize>, message: &str) -> Failure {
    file.complain(Some(span), message, Some("known: `ro` (it is only read), `rw` (the default)"))
}
