//! The plan: which app, which platform, which choice; everything that is known before cargo runs.

use std::path::{Path, PathBuf};

use kit_menu::composition::{self, Mount};
use kit_menu::kconfig::file::{Header, dot_config};
use kit_menu::{Package, Platform, Problem, Shelf};

use super::exports::Exports;
use super::script;
use crate::cli::Target;
use crate::kit_toml::{KitToml, Wishes};
use crate::project::{Kind, Project};
use crate::root::{Composition, Root};
use crate::run::{devices, record};
use crate::stamp::write_if_changed;
use crate::tree::Tree;
use crate::{Failure, Result, check, configuration, shelf};

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
    /// What it mounts.
    pub mounts: Vec<Mount>,
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
    /// Whether there are random bytes.
    pub has_entropy: bool,
    /// What QEMU must be told to have the devices of the image.
    pub devices: Vec<String>,
    /// What of the host the parts take.
    pub takes: Vec<String>,
    /// Ending of the name of the file that the image records.
    pub records: Option<String>,
}

impl Plan {
    /// Makes a plan from the command line and the app's `kit.toml`.
    pub fn make(target: &Target) -> Result<Self> {
        let tree = Tree::find()?;
        let of_tree = shelf::load(&tree, &Default::default(), Path::new(""))?;
        let project = Project::find(target, &of_tree)?;
        Self::of(tree, of_tree, project, target.platform.as_deref())
    }

    /// Builds beside the usual image from now on, in a folder whose name ends like this: what one run wishes for is not
    /// what the next plain build finds.
    pub fn build_beside(&mut self, ending: &str) {
        let mut name = self.output.file_name().unwrap_or_default().to_os_string();
        name.push(format!("-{ending}"));
        self.output.set_file_name(name);
    }

    /// The same plan, had the app another `kit.toml`.
    pub fn with(&self, kit_toml: KitToml) -> Result<Self> {
        let of_tree = shelf::load(&self.tree, &Default::default(), Path::new(""))?;
        let project = Project { kit_toml, ..self.project.clone() };
        Self::of(self.tree.clone(), of_tree, project, Some(&self.platform.name))
    }

    fn of(tree: Tree, of_tree: Shelf, project: Project, wished: Option<&str>) -> Result<Self> {
        let names = platform_names(&of_tree);
        let archs: Vec<&str> = of_tree.platforms().map(|(_, platform)| platform.arch.as_str()).collect();
        project.kit_toml.arch(&archs)?;
        let in_file = project.kit_toml.platform(&names)?;
        let (package, platform) = platform(&of_tree, wished.or(in_file))?;
        let (package, platform) = (package.clone(), platform.clone());
        let wishes = project.kit_toml.wishes(&platform.name, &names)?;
        let output =
            project.kit_folder().join(format!("{}-{}-{}", project.name, platform.name, platform.arch));
        let shelf = match wishes.libs.is_empty() {
            true => of_tree,
            false => shelf::load(&tree, &wishes.libs, &output)?,
        };
        let mounts = wishes.mounts.resolve(&project.kit_toml, &shelf)?;
        Ok(Self { tree, project, shelf, platform, platform_package: package, wishes, mounts, output })
    }

    /// Chooses, and writes the root, the linker script and `.config`.
    pub fn configure(&self) -> Result<Configured> {
        let configuration::Evaluated { config, problems, .. } = configuration::evaluate(self)?;
        if !problems.is_empty() {
            return Err(self.refuse(&problems));
        }
        let resolution = composition::compose(&self.shelf, &config, &self.mounts, &self.tree.root)
            .map_err(|problem| self.refuse(&[problem]))?;
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
        write_if_changed(&self.dot_config(), dot_config(&config, &Header::default()).as_bytes())?;
        Ok(Configured {
            root: folder,
            os_folder,
            root_crate: root.crate_name,
            exports: exports
                .names(|condition| resolution.offers(condition.slot, condition.feature))
                .map(str::to_string)
                .collect(),
            has_backtrace_text: resolution.is_set("BACKTRACE_TEXT"),
            has_entropy: resolution.offers(check::ENTROPY, None),
            devices: devices::of(&resolution),
            takes: resolution
                .filled
                .iter()
                .flat_map(|filled| filled.layers().flat_map(|layer| &layer.provides.takes))
                .cloned()
                .collect(),
            records: record::of(&resolution),
        })
    }

    /// Where the OS is compiled: in the tree's own target folder, else (the tree may not be ours) in the app's.
    pub fn os_folder(&self) -> Result<PathBuf> {
        let shared = shelf::target_folder(&self.tree)?.join("kit/os");
        let is_writable = std::fs::create_dir_all(&shared).is_ok()
            && rustix::fs::access(&shared, rustix::fs::Access::WRITE_OK).is_ok();
        Ok(if is_writable { shared } else { self.project.kit_folder().join("os") })
    }

    /// All that is wrong with the configuration, each with its place in `kit.toml`.
    fn refuse(&self, problems: &[Problem]) -> Failure {
        let place = |problem: &&Problem| {
            let option = problem.option.as_deref()?;
            self.project.kit_toml.place_of_option(option, &self.platform.name)
        };
        let mut in_order: Vec<&Problem> = problems.iter().collect();
        in_order.sort_by_key(place);
        let messages: Vec<String> =
            in_order.into_iter().map(|problem| self.point_at(problem).message).collect();
        Failure::usage(messages.join("\n"))
    }

    /// A problem, with its place in `kit.toml` if it has one.
    pub fn point_at(&self, problem: &Problem) -> Failure {
        let hint = problem.reasons.join("\n  = ");
        let hint = (!hint.is_empty()).then_some(hint.as_str());
        match &problem.option {
            Some(option) => self.project.kit_toml.complain_about_option(
                option,
                &self.platform.name,
                &problem.message,
                hint,
            ),
            None => Failure::usage(problem.to_string()),
        }
    }

    /// The derived `.config`: for people, and for tools that read Linux's format.
    pub fn dot_config(&self) -> PathBuf {
        self.output.join(".config")
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

/// The platform of that name, or the default, with its crate.
pub fn platform<'a>(shelf: &'a Shelf, name: Option<&str>) -> Result<(&'a Package, &'a Platform)> {
    let name = name.or_else(|| default_platform(shelf)).unwrap_or_default();
    shelf.platforms().find(|(_, platform)| platform.name == name).ok_or_else(|| {
        let names = platform_names(shelf);
        let near = kit_menu::did_you_mean(name, names.iter().copied());
        let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        Failure::usage(format!("there is no platform `{name}`; platforms: {}{near}", names.join(", ")))
    })
}

/// The first platform that is a machine: an image is meant to boot.
fn default_platform(shelf: &Shelf) -> Option<&str> {
    let mut machines = shelf.platforms().filter(|(_, platform)| !platform.is_process());
    machines.next().or(shelf.platforms().next()).map(|(_, platform)| platform.name.as_str())
}
