//! The shelf: every micro-library, platform and slot there is, as their `[package.metadata.kit]` describes them.
//!
//! Nothing here knows a micro-library by name: a new folder with metadata is on the shelf.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// All crates with kit metadata, and those below them that the root names (interfaces, helpers).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Shelf {
    /// In the order of their names.
    pub packages: Vec<Package>,
}

/// A crate of the shelf.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Package {
    /// Name for cargo, such as `kit-alloc-buddy`.
    pub name: String,
    /// Folder with its manifest and its `Kconfig`.
    pub folder: PathBuf,
    /// How a manifest names it: `{ path = "…" }`, or what the application's `[libs]` says.
    pub dependency: String,
    /// Its `[package.metadata.kit]`.
    pub metadata: Metadata,
    /// The crates that it names as dependencies of its own code, not of its tests.
    pub uses: Vec<String>,
}

/// `[package.metadata.kit]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Metadata {
    /// In an interface crate: the slot that it defines.
    pub slot: Option<String>,
    /// Name of the slot's type in the root.
    pub alias: Option<String>,
    /// Name of the slot's static in the root.
    pub r#static: Option<String>,
    /// A line of the root that binds the slot's ambient service.
    pub bind: Option<String>,
    /// The same in an image that leaves the slot empty.
    pub bind_empty: Option<String>,
    /// The trait of `kit_iface_image` through which generic code reaches the slot.
    pub image: Option<String>,
    /// In an interface crate: whether calls of the slot may let the thread wait, so that even a native application
    /// needs threads.
    #[serde(default)]
    pub waits: bool,
    /// Whether an image may leave the slot empty.
    #[serde(default)]
    pub optional: bool,
    /// The slots that this crate can fill.
    #[serde(default)]
    pub provides: Vec<Provides>,
    /// In a crate that fills no slot: the Kconfig symbol that says whether it is in the image.
    pub option: Option<String>,
    /// In an interface crate: present if an image can have several members of the slot, each mounted somewhere.
    pub mounts: Option<Mounts>,
    /// Present in a platform.
    pub platform: Option<Platform>,
}

/// How several members of a slot become one. In the Rust of these, `Below`, `Above` and `Inner` are the types of what
/// they are made of, `BELOW`, `ABOVE` and `INNER` the statics, and `AT` is the place.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mounts {
    /// The option of what is at the root of an image that does not say.
    pub root: String,
    /// One mounted on another.
    pub mount: Composed,
    /// One that is only read.
    pub read_only: Composed,
    /// Whether one never changes, as Rust.
    pub is_fixed: String,
}

/// A type of the root that is made of others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composed {
    /// The type.
    pub r#type: String,
    /// How its static is made.
    pub init: String,
}

/// One element of `provides`: what Rust must know. When it can be chosen, and where it is the default, is said by
/// its Kconfig alone.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provides {
    /// The slot.
    pub slot: String,
    /// The Kconfig symbol that chooses it.
    pub option: String,
    /// The type, as Rust; may name other slots' aliases and `cfg::` values.
    pub r#type: String,
    /// How the static is made, such as `new(&FRAMES)`. None: the slot has no static.
    pub init: Option<String>,
    /// Replaces the slot's `bind`.
    pub bind: Option<String>,
    /// Present in a wrapper, which stands between the slot's users and what fills the slot: its `type` and `init`
    /// call what is below them `Inner` and `INNER`. Of several wrappers the lowest number is nearest to the core.
    pub wraps: Option<u32>,
    /// What others that fill the slot have and this has not, such as `threads`: what needs it is not in the image.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Words of QEMU's command line that put the device which this drives into the machine. `{bus}` stands for
    /// `device` where virtio is memory-mapped and for `pci` where it is not, `{NAME}` for the value of an option.
    #[serde(default)]
    pub qemu: Vec<String>,
    /// What of the host `kit run` gives it, such as `disks`.
    #[serde(default)]
    pub takes: Vec<String>,
    /// In a slot whose members are mounted, where `MOUNTS` stands for all of them: replaces `init` where it is not the root.
    pub init_mounted: Option<String>,
    /// In a slot whose members are mounted: what `source` in `kit.toml` names. `type` and `init` call it `SOURCE`.
    pub source: Option<Source>,
    /// Present in what writes a file of the host by the platform's recorder: the ending of that file's name, which is
    /// also the option of `kit run` that says where else it shall be.
    pub records: Option<String>,
}

/// What a mounted member of a slot is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A disk of the machine: `disk0`, `disk1`, … `SOURCE` is a `kit_iface_block::Disk`.
    Disk,
    /// Something that the host shares, by its tag. `SOURCE` is the tag, a `&str`.
    Share,
    /// A folder of the host, packed when the image is built, or an archive. `SOURCE` is a `kit_iface_fs::Archive`.
    Folder,
}

impl Package {
    /// The name of its part of the menu. A wrapper is an entry beside the choice of its slot, not in it, and that is
    /// a place of its own: where a pattern finds it is what makes it the one or the other.
    pub fn leaf(&self) -> &'static str {
        let wraps = self.metadata.provides.iter().any(|provides| provides.wraps.is_some());
        if wraps { "Kconfig.wrapper" } else { "Kconfig" }
    }
}

/// What `kit` must know of a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Platform {
    /// What `--platform` takes.
    pub name: String,
    /// Its architecture.
    pub arch: String,
    /// The symbol where the image begins.
    pub entry: String,
    /// Template of the linker script, in the platform's folder.
    pub script: String,
    /// How `kit run` starts an image: `qemu`, or `process` for a program of the host.
    #[serde(default)]
    pub run: Option<String>,
}

impl Platform {
    /// Whether its images are programs of the host, as opposed to kernels for a machine.
    pub fn is_process(&self) -> bool {
        match &self.run {
            Some(run) => run == "process",
            // `_start` is where the host's kernel begins a program.
            None => self.entry == "_start",
        }
    }
}

/// A slot with its place on the shelf.
#[derive(Clone, Copy, Debug)]
pub struct Slot<'a> {
    /// The interface crate.
    pub package: &'a Package,
    /// Name.
    pub name: &'a str,
    /// Name of its type in the root.
    pub alias: &'a str,
}

impl Slot<'_> {
    /// Name of its static in the root.
    pub fn static_name(&self) -> Option<&str> {
        self.package.metadata.r#static.as_deref()
    }
}

/// A micro-library that can fill a slot.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// Its crate.
    pub package: &'a Package,
    /// The entry of its metadata.
    pub provides: &'a Provides,
}

impl Provider<'_> {
    /// Whether it is without a feature that others have; see [`Provides::lacks`].
    pub fn lacks(&self, feature: &str) -> bool {
        self.provides.lacks.iter().any(|lacked| lacked == feature)
    }

    /// Whether the type or the static of `slot` occurs in how it is made.
    pub fn names(&self, slot: &Slot) -> bool {
        let text = [Some(self.provides.r#type.as_str()), self.provides.init.as_deref()];
        let names = [Some(slot.alias), slot.static_name()];
        let mut words = text.into_iter().flatten().flat_map(identifiers);
        words.any(|word| names.contains(&Some(word)))
    }
}

impl Shelf {
    /// All slots, in the order of their crates' names.
    pub fn slots(&self) -> impl Iterator<Item = Slot<'_>> {
        self.packages.iter().filter_map(|package| {
            let metadata = &package.metadata;
            Some(Slot { package, name: metadata.slot.as_deref()?, alias: metadata.alias.as_deref()? })
        })
    }

    /// All that can fill a slot.
    pub fn providers(&self) -> impl Iterator<Item = Provider<'_>> {
        let of = |package| move |provides| Provider { package, provides };
        self.packages.iter().flat_map(move |package| package.metadata.provides.iter().map(of(package)))
    }

    /// The crate whose option this is: the one that it chooses.
    pub fn package_of(&self, option: &str) -> Option<&Package> {
        let is_its = |package: &&Package| {
            package.metadata.option.as_deref() == Some(option)
                || package.metadata.provides.iter().any(|provides| provides.option == option)
        };
        self.packages.iter().find(is_its)
    }

    /// All platforms, with the crates that they are.
    pub fn platforms(&self) -> impl Iterator<Item = (&Package, &Platform)> {
        self.packages.iter().filter_map(|package| Some((package, package.metadata.platform.as_ref()?)))
    }
}

/// The identifiers of a piece of Rust that are not the second half of a path: in `cfg::SLICE` only `cfg`.
pub fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    let boundary = |character: char| !(character.is_alphanumeric() || character == '_');
    let mut before = None;
    text.split_inclusive(boundary).filter_map(move |piece| {
        let word = piece.trim_end_matches(boundary);
        let in_path = before == Some(true);
        if word.is_empty() {
            // A second colon continues a path; anything else ends it.
            before = before.filter(|_| piece == ":");
            return None;
        }
        before = Some(piece.ends_with(':'));
        (!in_path).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_skip_the_tail_of_paths() {
        let text = "kit_net::Stack<Nic, { cfg::NET_SOCKETS }>";
        assert_eq!(identifiers(text).collect::<Vec<_>>(), ["kit_net", "Nic", "cfg"]);
        assert_eq!(identifiers("new(&PLATFORM, &IRQ)").collect::<Vec<_>>(), ["new", "PLATFORM", "IRQ"]);
    }
}
