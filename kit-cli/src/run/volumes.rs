//! Folders of the host in a guest: `-v FOLDER:PATH[:ro]`, and the mounts of `kit.toml` whose source is a share.
//!
//! A share has a *tag*, by which the filesystem in the image finds it. A `[[mount]]` writes it as its source, and the
//! folder of that name beside `kit.toml` is what is shared unless `-v` names another for its place. A volume for a
//! place where nothing is mounted is mounted there: the image is composed anew, once for each such place.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use kit_menu::composition::Mount;
use kit_menu::shelf::Source;

use super::Machine;
use crate::build::plan::Plan;
use crate::{Failure, Result, configuration, mounts, stamp};

/// Longest tag that QEMU takes.
const TAG_BYTES: usize = 31;

/// A volume as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    folder: PathBuf,
    at: String,
    is_read_only: bool,
}

/// A folder that the guest is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The name by which the guest finds it.
    pub tag: String,
    /// The folder, absolute.
    pub folder: PathBuf,
    /// Whether the guest may only read it.
    pub is_read_only: bool,
}

impl FromStr for Volume {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        let (rest, is_read_only) = match text.rsplit_once(':') {
            Some((rest, "ro")) => (rest, true),
            Some((rest, "rw")) => (rest, false),
            _ => (text, false),
        };
        let parts = rest.rsplit_once(':').filter(|(folder, at)| !folder.is_empty() && at.starts_with('/'));
        let Some((folder, at)) = parts else {
            return Err(Failure::usage(format!(
                "volume `{text}`: write FOLDER:PATH or FOLDER:PATH:ro, such as ./site:/srv:ro"
            )));
        };
        let at = at.trim_end_matches('/');
        let is_plain = |name: &str| !matches!(name, "" | "." | "..") && !name.contains(['"', '\\', '\0']);
        if at.is_empty() || !at.split('/').skip(1).all(is_plain) {
            return Err(Failure::usage(format!(
                "volume `{text}`: `{at}/` cannot be a mount point; name a folder below `/`, such as /srv"
            )));
        }
        Ok(Self { folder: folder.into(), at: at.to_string(), is_read_only })
    }
}

impl Volume {
    /// The same with an absolute folder. `base` is where a relative one begins.
    pub fn in_folder(self, base: &Path) -> Self {
        Self { folder: base.join(self.folder), ..self }
    }
}

/// Fits volumes into what an image mounts. Returns the shares that it then wants.
pub fn mount(plan: &mut Plan, volumes: &[Volume]) -> Result<Vec<Share>> {
    let mut shares = Vec::new();
    let in_file = plan.mounts.clone();
    if plan.mounts.is_empty() && !volumes.is_empty() {
        plan.mounts.extend(mounts::default_root(&plan.shelf));
    }
    for volume in volumes {
        let folder = existing(&volume.folder)?;
        let tag = match plan.mounts.iter().position(|mount| mount.at == volume.at) {
            Some(index) => {
                let tag = tag_of(plan, &plan.mounts[index]);
                plan.mounts[index].is_read_only |= volume.is_read_only;
                tag.ok_or_else(|| {
                    let (at, option) = (&volume.at, &plan.mounts[index].option);
                    Failure::usage(format!(
                        "volume at {at}: kit.toml mounts {option} there, which is no folder of the host"
                    ))
                })?
            }
            None => {
                let tag = tag_for(&volume.at);
                let (option, source) = (option(plan)?, Some(format!("{tag:?}")));
                let (at, is_read_only) = (volume.at.clone(), volume.is_read_only);
                let mount = Mount { at, option, source, is_read_only, ..Mount::default() };
                plan.mounts.push(mount);
                tag
            }
        };
        shares.push(Share { tag, folder, is_read_only: volume.is_read_only });
    }
    if plan.mounts != in_file {
        plan.build_beside("volumes");
    }
    let wanted = plan.mounts.iter().filter_map(|mount| Some((mount, tag_of(plan, mount)?)));
    for (mount, tag) in wanted {
        if shares.iter().any(|share| share.tag == tag) {
            continue;
        }
        let folder = plan.project.folder.join(&tag);
        if !folder.is_dir() {
            return Err(Failure::usage(format!(
                "{} is the folder `{tag}` of the host, and there is none beside kit.toml: make it, or name another \
                 by `kit run -v FOLDER:{}`",
                mount.at, mount.at
            )));
        }
        shares.push(Share { tag, folder: existing(&folder)?, is_read_only: mount.is_read_only });
    }
    Ok(shares)
}

fn existing(folder: &Path) -> Result<PathBuf> {
    let shown = folder.display();
    match folder.canonicalize() {
        Ok(full) if full.is_dir() => Ok(full),
        Ok(_) => Err(Failure::usage(format!("volume {shown}: it is a file; a volume is a folder"))),
        Err(error) => Err(Failure::usage(format!("volume {shown}: {error}"))),
    }
}

/// The tag of a mount whose filesystem takes a share.
fn tag_of(plan: &Plan, mount: &Mount) -> Option<String> {
    let mut providers = plan.shelf.providers();
    let provider = providers.find(|provider| provider.provides.option == mount.option)?;
    let source = mount.source.as_ref().filter(|_| provider.provides.source == Some(Source::Share))?;
    Some(source.trim_matches('"').to_string())
}

/// A tag that is the same whenever the place is.
fn tag_for(at: &str) -> String {
    let name = at[1..].replace('/', "-");
    if name.len() <= TAG_BYTES { name } else { format!("{:016x}", stamp::hash(at.as_bytes())) }
}

/// The filesystem of this platform that takes shares.
fn option(plan: &Plan) -> Result<String> {
    let options = configuration::possible(plan, |provides| provides.source == Some(Source::Share))?;
    options.into_iter().next().ok_or_else(|| {
        let platform = &plan.platform.name;
        Failure::usage(format!("platform {platform} has no filesystem that shares a folder of the host"))
    })
}

/// The arguments of QEMU that share the folders.
pub fn devices(shares: &[Share], machine: Machine) -> Vec<String> {
    let bus = match machine {
        Machine::Microvm => "device",
        Machine::Q35 | Machine::Pc => "pci",
    };
    let mut words = Vec::new();
    for (number, share) in shares.iter().enumerate() {
        // QEMU reads a doubled comma as one that is part of a value.
        let folder = share.folder.display().to_string().replace(',', ",,");
        let read_only = if share.is_read_only { ",readonly=on" } else { "" };
        words.push("-fsdev".into());
        // Owners and modes are those of the host; folders on several of its filesystems get numbers of their own.
        words.push(format!(
            "local,id=share{number},path={folder},security_model=none,multidevs=remap{read_only}"
        ));
        words.push("-device".into());
        words.push(format!("virtio-9p-{bus},fsdev=share{number},mount_tag={}", share.tag));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_are_read() {
        let volume = |text: &str| text.parse::<Volume>();
        let plain = Volume { folder: "site".into(), at: "/srv".into(), is_read_only: false };
        assert_eq!(volume("site:/srv"), Ok(plain.clone()));
        assert_eq!(volume("site:/srv/:rw"), Ok(plain.clone()));
        assert_eq!(volume("site:/srv:ro"), Ok(Volume { is_read_only: true, ..plain.clone() }));
        assert_eq!(volume("a:b:/srv"), Ok(Volume { folder: "a:b".into(), ..plain }));
        for wrong in ["site", ":/srv", "site:srv", "site:/", "site:/a//b", "site:/a/../b", "site:ro"] {
            assert_eq!(volume(wrong).unwrap_err().code, 2, "{wrong}");
        }
    }

    #[test]
    fn a_tag_is_short() {
        assert_eq!(tag_for("/srv/www"), "srv-www");
        assert_eq!(tag_for(&format!("/{}", "long/".repeat(20))).len(), 16);
    }
}
