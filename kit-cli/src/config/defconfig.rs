//! `kit defconfig` and `kit savedefconfig`: minimal configurations as files, in the format of Linux.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exchange::take_over;
use super::set::{Before, report, save};
use super::{Place, diff};
use crate::{Failure, Result};

/// Arguments of `kit defconfig`.
#[derive(Args)]
pub struct DefconfigArgs {
    /// A file that `kit savedefconfig` wrote, or its name in configs/ [default: everything at its default]
    pub name: Option<PathBuf>,
    /// Which configuration.
    #[command(flatten)]
    pub place: Place,
    /// Print the same object as `kit config set`
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `kit savedefconfig`.
#[derive(Args)]
pub struct SavedefconfigArgs {
    /// The file to write
    #[arg(default_value = "defconfig")]
    pub file: PathBuf,
    /// Which configuration.
    #[command(flatten)]
    pub place: Place,
    /// Print `{"file"}`
    #[arg(long)]
    pub json: bool,
}

/// `kit defconfig`.
pub fn defconfig(arguments: &DefconfigArgs) -> Result<u8> {
    let place = &arguments.place;
    let mut session = place.read()?;
    let before = Before::of(&session);
    match &arguments.name {
        Some(name) => {
            let path = find(place, name)?;
            let bytes = fs::read(&path).map_err(|error| Failure::file("read", &path, error))?;
            take_over(place, &mut session, &String::from_utf8_lossy(&bytes), &path, None)?;
        }
        None => {
            // The platform is no option of `[config]`; it stays.
            let defaults = diff::defaults(place, &session)?;
            session.replace_all("reset everything", |config| *config = defaults);
        }
    }
    save(&mut session)?;
    report(&session, &before, arguments.json);
    Ok(0)
}

/// `kit savedefconfig`.
pub fn savedefconfig(arguments: &SavedefconfigArgs) -> Result<u8> {
    let session = arguments.place.read()?;
    session.save_minimal(&arguments.file).map_err(|error| Failure::failed(error.message))?;
    match arguments.json {
        true => super::json::print(&serde_json::json!({ "file": arguments.file })),
        false => println!("wrote {}", arguments.file.display()),
    }
    Ok(0)
}

/// The file that a name means: itself, or one in `configs` beside the app's manifest or the tree's top file.
fn find(place: &Place, name: &Path) -> Result<PathBuf> {
    if name.is_file() {
        return Ok(name.to_path_buf());
    }
    let beside = match (place.plan()?, &place.kconfig) {
        (Some(plan), _) => plan.project.folder,
        (None, Some(top)) => top.parent().unwrap_or(Path::new("")).to_path_buf(),
        (None, None) => PathBuf::new(),
    };
    let configs = beside.join("configs");
    let with_suffix = PathBuf::from(format!("{}_defconfig", name.display()));
    [configs.join(name), configs.join(with_suffix)].into_iter().find(|path| path.is_file()).ok_or_else(|| {
        Failure::usage(format!(
            "there is no file {} and none of that name in {}: `kit savedefconfig` writes one",
            name.display(),
            configs.display()
        ))
    })
}
