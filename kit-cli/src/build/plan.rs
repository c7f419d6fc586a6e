//! The plan: which app, which platform, which choice; everything that is known before cargo runs.

use std::path::{Path, PathBuf};

use kit_menu::{Package, Platform, Request, Shelf};

use super::exports::Exports;
use super::script;
use crate::cli::Target;
use crate::kit_toml::Wishes;
use crate::project::{Kind, Project};
use crate::root::{Composition, Root};
use crate::stamp::write_if_changed;
use crate::tree::Tree;
use crate::{Failure, Result, shelf};

/// What is to be built.
pub struct Plan {
    /// The kit tree.
    pub tree: Tree,
    /// The app.
    pub project: Project,
    /// All that there is.
    pub shelf: Shelf,
    /// The platform.
    pub platform: Platform,
    /// Its crate.
    pub platform_package: Package,
    /// What `kit.toml` wishes.
    pub wishes: Wishes,
    /// The folder of what is built.
    pub output: PathBuf,
}

/// The outcome of the configuration.
pub struct Configured {
    /// The folder of the root crate.
    pub root: PathBuf,
    /// Cargo's target folder for the OS.
    pub os_folder: PathBuf,
    /// Its name.
    pub root_crate: String,
    /// The names that the OS exports.
    pub exports: Vec<String>,
    /// Whether std's backtraces are to be printed inside the image.
    pub has_backtrace_text: bool,
}

impl Plan {
    /// Makes a plan from the command line and the app's `kit.toml`.
    pub fn make(target: &Target) -> Result<Self> {
        let tree = Tree::find()?;
        let of_tree = shelf::load(&tree, &Default::default(), Path::new(""))?;
        let project = Project::find(target, &of_tree)?;
        let names = platform_names(&of_tree);
        let archs: Vec<&str> = of_tree.platforms().map(|(_, platform)| platform.arch.as_str()).collect();
        project.kit_toml.arch(&archs)?;
        let in_file = project.kit_toml.platform(&names)?;
        let default = || default_platform(&of_tree);
        let name = target.platform.as_deref().or(in_file).or_else(default).unwrap_or_default();
        let Some((package, platform)) = of_tree.platforms().find(|(_, platform)| platform.name == name)
        else {
            let near = kit_menu::did_you_mean(name, names.iter().copied());
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            return Err(Failure::usage(format!(
                "there is no platform `{name}`; platforms: {}{near}",
                names.join(", ")
            )));
        };
        let (package, platform) = (package.clone(), platform.clone());
        let wishes = project.kit_toml.wishes(&platform.name, &names)?;
        let output =
            project.kit_folder().join(format!("{}-{}-{}", project.name, platform.name, platform.arch));
        let shelf = match wishes.libs.is_empty() {
            true => of_tree,
            false => shelf::load(&tree, &wishes.libs, &output)?,
        };
        Ok(Self { tree, project, shelf, platform, platform_package: package, wishes, output })
    }

    /// Chooses, and writes the root, the linker script and `.config`.
    pub fn configure(&self) -> Result<Configured> {
        let request = Request { platform: self.platform.name.clone(), wishes: self.wishes.config.clone() };
        let resolution = kit_menu::resolve(&self.shelf, &request).map_err(|error| self.point_at(&error))?;
        let exports = Exports::load(&self.tree)?;
        let native = match &self.project.kind {
            Kind::Native { .. } => Some((self.project.package.as_str(), self.project.folder.as_path())),
            Kind::Ported { .. } => None,
        };
        let root = Root::compose(&Composition {
            tree: &self.tree,
            shelf: &self.shelf,
            resolution: &resolution,
            platform: &self.platform.name,
            arch: &self.platform.arch,
            app: &self.project.name,
            kind: &self.project.kind,
            native,
            exports: &exports,
        })?;
        // The copy beside the image is for the reader, the other one for cargo.
        root.write(&self.output.join("root"), &self.tree)?;
        let os_folder = self.os_folder()?;
        let folder = os_folder.join("roots").join(&root.crate_name);
        root.write(&folder, &self.tree)?;
        write_if_changed(&self.output.join(".config"), kit_menu::dot_config::write(&resolution).as_bytes())?;
        let is_filled = |slot: &str| resolution.filled.iter().any(|filled| filled.slot.name == slot);
        Ok(Configured {
            root: folder,
            os_folder,
            root_crate: root.crate_name,
            exports: exports.names(is_filled).map(str::to_string).collect(),
            has_backtrace_text: resolution.is_set("BACKTRACE_TEXT"),
        })
    }

    /// Where the OS is compiled: in the tree's own target folder, else (the tree may not be ours) in the app's.
    fn os_folder(&self) -> Result<PathBuf> {
        let shared = shelf::target_folder(&self.tree)?.join("kit/os");
        let is_writable = std::fs::create_dir_all(&shared).is_ok()
            && rustix::fs::access(&shared, rustix::fs::Access::WRITE_OK).is_ok();
        Ok(if is_writable { shared } else { self.project.kit_folder().join("os") })
    }

    fn point_at(&self, error: &kit_menu::ConfigError) -> Failure {
        let hint = error.reasons.join("\n  = ");
        let hint = (!hint.is_empty()).then_some(hint.as_str());
        match &error.option {
            Some(option) => {
                self.project.kit_toml.complain_about_option(option, &self.platform.name, &error.message, hint)
            }
            None => Failure::usage(error.to_string()),
        }
    }

    /// The linker script's template.
    pub fn script(&self) -> PathBuf {
        script::template(&self.tree, &self.platform_package, &self.platform)
    }
}

/// The names of all platforms.
pub fn platform_names(shelf: &Shelf) -> Vec<&str> {
    shelf.platforms().map(|(_, platform)| platform.name.as_str()).collect()
}

/// The first platform that is a machine: an image is meant to boot.
fn default_platform(shelf: &Shelf) -> Option<&str> {
    let mut machines = shelf.platforms().filter(|(_, platform)| !platform.is_process());
    machines.next().or(shelf.platforms().next()).map(|(_, platform)| platform.name.as_str())
}
