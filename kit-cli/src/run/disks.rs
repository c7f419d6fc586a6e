//! Disks of a guest: `--disk FILE[:ro][,size=SIZE]`, and the files that they are.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use kit_menu::shelf::Provides;

use super::memory::Memory;
use super::{Guest, Machine};
use crate::build::plan::Plan;
use crate::{Failure, Result, configuration};

/// What a part of an image that takes these files says in its metadata.
pub const TAKES: &str = "disks";

/// Bytes of a sector, the unit of all disks.
const SECTOR: u64 = 512;
/// The devices that a microvm has room for, as QEMU makes it.
const MICROVM_SLOTS: usize = 8;

/// A disk as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// The file.
    pub file: PathBuf,
    /// Whether the guest may only read it.
    pub is_read_only: bool,
    /// The size to make it with, if it is to be made.
    pub size: Option<Memory>,
}

impl FromStr for Disk {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        let (text, size) = match text.rsplit_once(",size=") {
            Some((rest, size)) => (rest, Some(parse_size(size)?)),
            None => (text, None),
        };
        let (file, is_read_only) = match text.rsplit_once(':') {
            Some((file, "ro")) => (file, true),
            Some((file, "rw")) => (file, false),
            _ => (text, false),
        };
        if file.is_empty() {
            return Err(Failure::usage(
                "--disk: write FILE, FILE:ro or FILE,size=SIZE, such as data.img,size=64M",
            ));
        }
        Ok(Self { file: file.into(), is_read_only, size })
    }
}

/// The size of a disk.
pub fn parse_size(text: &str) -> Result<Memory> {
    let wrong = || Failure::usage(format!("disk size `{text}`: write a number with K, M or G, such as 64M"));
    text.parse().map_err(|_| wrong())
}

impl Disk {
    /// The same with an absolute path. `folder` is where a relative one begins.
    pub fn in_folder(self, folder: &Path) -> Self {
        Self { file: folder.join(self.file), ..self }
    }

    /// Checks that the file can be a disk; makes it first if that is wished, and not `is_dry`.
    pub fn ready(self, is_dry: bool) -> Result<Self> {
        let shown = self.file.display();
        let metadata = match fs::metadata(&self.file) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return match self.size {
                    Some(_) if is_dry => Ok(self),
                    Some(size) => {
                        create(&self.file, size)?;
                        self.ready(is_dry)
                    }
                    None => Err(Failure::usage(format!(
                        "there is no disk {shown}; `kit disk create {shown} 64M` makes an empty one, and so does \
                         --disk {shown},size=64M"
                    ))),
                };
            }
            Err(error) => return Err(Failure::file("open the disk", &self.file, error)),
        };
        if metadata.is_dir() {
            return Err(Failure::usage(format!("the disk {shown} is a folder; a disk is a file")));
        }
        // A device of the host tells its length otherwise, and is whole sectors by nature.
        if metadata.is_file() {
            let bytes = metadata.len();
            if bytes == 0 || bytes % SECTOR != 0 {
                return Err(Failure::usage(format!(
                    "the disk {shown} has {bytes} bytes, which is not a positive multiple of {SECTOR}; \
                     `truncate -s %{SECTOR} {shown}` rounds it down, `kit disk create` makes a new one"
                )));
            }
            if let Some(size) = self.size.filter(|size| size.0 != bytes) {
                return Err(Failure::usage(format!(
                    "the disk {shown} is there already and has {} and not {size}; leave ,size= away to use it as it is",
                    Memory(bytes)
                )));
            }
        }
        let access = OpenOptions::new().read(true).write(!self.is_read_only).open(&self.file);
        access.map_err(|error| {
            let hint = if self.is_read_only { "" } else { "; append :ro to only read it" };
            Failure::failed(format!("cannot open the disk {shown}: {error}{hint}"))
        })?;
        let file =
            std::path::absolute(&self.file).map_err(|error| Failure::file("find", &self.file, error))?;
        Ok(Self { file, ..self })
    }
}

/// Makes a disk of zeroes that takes no room before it is written to.
pub fn create(file: &Path, size: Memory) -> Result<()> {
    if !size.0.is_multiple_of(SECTOR) {
        return Err(Failure::usage(format!("a disk of {size}: give a multiple of {SECTOR} bytes")));
    }
    let made = OpenOptions::new().write(true).create_new(true).open(file);
    let made = made.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::failed(format!("{} is there already", file.display())),
        _ => Failure::file("create the disk", file, error),
    })?;
    made.set_len(size.0).map_err(|error| Failure::file("create the disk", file, error))
}

/// Refuses disks that the image would not look at.
pub fn check(plan: &Plan, guest: &Guest) -> Result<()> {
    if guest.disks.is_empty() {
        return Ok(());
    }
    if !guest.built.facts.takes.iter().any(|what| what == TAKES) {
        let takes = |provides: &Provides| provides.takes.iter().any(|one| one == TAKES);
        let options = configuration::possible(plan, takes)?;
        let next = match options.is_empty() {
            true => format!("platform {} has nothing that takes one", plan.platform.name),
            false => format!("set {} = true in [config] of kit.toml", options.join(" or ")),
        };
        return Err(Failure::usage(format!("the image of {} takes no disk: {next}", guest.name)));
    }
    let facts = &guest.built.facts;
    let others =
        usize::from(facts.uses_network) + facts.devices.iter().filter(|word| *word == "-device").count();
    let is_small = !plan.platform.is_process() && guest.machine == Machine::Microvm;
    if is_small && guest.disks.len() + others > MICROVM_SLOTS {
        return Err(Failure::usage(format!(
            "a microvm has room for {} disks beside its other devices, and {} are asked for; --machine q35 has more",
            MICROVM_SLOTS - others,
            guest.disks.len()
        )));
    }
    Ok(())
}

/// The arguments of QEMU that add the disks, in their order.
pub fn devices(disks: &[Disk], machine: Machine) -> Vec<String> {
    let mut words = Vec::new();
    for (number, disk) in disks.iter().enumerate() {
        // QEMU reads a doubled comma as one that is part of a value.
        let file = disk.file.display().to_string().replace(',', ",,");
        let read_only = if disk.is_read_only { ",readonly=on" } else { "" };
        words.push("-drive".into());
        words.push(format!("if=none,id=disk{number},format=raw,cache=writeback,file={file}{read_only}"));
        words.push("-device".into());
        // In both machines images find them in this order.
        words.push(match machine {
            Machine::Microvm => format!("virtio-blk-device,drive=disk{number}"),
            Machine::Q35 | Machine::Pc => format!("virtio-blk-pci,drive=disk{number}"),
        });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(text: &str) -> Disk {
        text.parse().unwrap_or_else(|failure: Failure| panic!("{}", failure.message))
    }

    #[test]
    fn disks_are_read() {
        let plain = Disk { file: "a.img".into(), is_read_only: false, size: None };
        assert_eq!(disk("a.img"), plain);
        assert_eq!(disk("a.img:rw"), plain);
        assert_eq!(disk("a.img:ro"), Disk { is_read_only: true, ..plain.clone() });
        assert_eq!(disk("a.img,size=64M"), Disk { size: Some(Memory(64 << 20)), ..plain });
        assert_eq!(disk("c:\\x,y").file, PathBuf::from("c:\\x,y"));
        for wrong in ["", ":ro", ",size=1M"] {
            assert_eq!(wrong.parse::<Disk>().unwrap_err().code, 2, "{wrong}");
        }
        let failure = "a,size=big".parse::<Disk>().unwrap_err();
        assert!(failure.message.contains("disk size `big`"), "{}", failure.message);
    }

    #[test]
    fn a_file_that_is_no_disk_is_refused() {
        let folder = std::env::temp_dir().join(format!("kit-disks-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("d.img");
        let at = |text: &str| disk(&format!("{}{text}", file.display())).ready(false);
        let refused = |text: &str| at(text).unwrap_err().message;
        assert!(refused("").contains("kit disk create"), "{}", refused(""));
        assert!(at(",size=1M").is_ok());
        assert_eq!(fs::metadata(&file).unwrap().len(), 1 << 20);
        assert!(at(",size=1M").is_ok() && at("").is_ok() && at(":ro").is_ok());
        assert!(refused(",size=2M").contains("has 1M and not 2M"), "{}", refused(",size=2M"));
        assert!(create(&file, Memory(1 << 20)).unwrap_err().message.contains("is there already"));
        fs::write(&file, [0; 700]).unwrap();
        assert!(refused("").contains("700 bytes"), "{}", refused(""));
        let as_folder = disk(folder.to_str().unwrap()).ready(false).unwrap_err();
        assert!(as_folder.message.contains("is a folder"), "{}", as_folder.message);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn devices_come_in_order() {
        let disks = [disk("/a,b.img"), disk("/c.img:ro")];
        assert_eq!(
            devices(&disks, Machine::Microvm).join(" "),
            "-drive if=none,id=disk0,format=raw,cache=writeback,file=/a,,b.img -device \
             virtio-blk-device,drive=disk0 -drive \
             if=none,id=disk1,format=raw,cache=writeback,file=/c.img,readonly=on -device \
             virtio-blk-device,drive=disk1"
        );
        assert!(devices(&disks, Machine::Q35).contains(&"virtio-blk-pci,drive=disk1".into()));
    }
}
