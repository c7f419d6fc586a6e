//! The app: which crate, which program of it, where its files go, and what its `kit.toml` wishes.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, TargetKind};
use kit_menu::Shelf;
use serde::{Deserialize, Serialize};

use crate::build::rustflags;
use crate::cli::Target;
use crate::kit_toml::KitToml;
use crate::stamp;
use crate::toolchain::TARGET;
use crate::{Failure, Result};

/// An app that can become an image.
#[derive(Clone, Debug)]
pub struct Project {
    /// Folder of its manifest.
    pub folder: PathBuf,
    /// Its crate.
    pub package: String,
    /// Its kind.
    pub kind: Kind,
    /// Name of the image.
    pub name: String,
    /// Cargo's target folder; everything of kit is in its subfolder `kit`.
    pub target_folder: PathBuf,
    /// Files whose change may change what cargo says about the app.
    pub manifests: Vec<PathBuf>,
    /// Whether a crate in a folder has a build script, which may read any file.
    pub has_build_script: bool,
    /// Its `kit.toml`.
    pub kit_toml: KitToml,
}

/// How an app meets the OS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An ordinary program: the OS is linked under it.
    Ported {
        /// The program.
        bin: String,
    },
    /// A `no_std` library with a `main`, compiled as one with the OS.
    Native {
        /// Its name in Rust.
        library: String,
    },
}

/// What cargo says about the crate, as far as kit needs it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Facts {
    package: Option<String>,
    members: Vec<String>,
    bins: Vec<String>,
    default_run: Option<String>,
    library: Option<String>,
    /// Names of its dependencies, and the folders of those that are named by path.
    depends_on: Vec<(String, Option<PathBuf>)>,
    target_folder: PathBuf,
    manifests: Vec<PathBuf>,
    has_build_script: bool,
}

impl Project {
    /// Finds the app that the command line means. A crate that depends on one of the shelf is a native app.
    pub fn find(target: &Target, shelf: &Shelf) -> Result<Self> {
        let folder = folder(target.path.as_deref())?;
        let kit_toml = KitToml::load(&folder)?;
        let facts = facts(&folder)?;
        let Some(package) = facts.package.clone() else {
            return Err(Failure::usage(format!(
                "{} is a workspace: name the folder of one of its crates: {}",
                folder.display(),
                facts.members.join(", ")
            )));
        };
        let kind = choose(&folder, &package, &facts, target.bin.as_deref(), shelf)?;
        let name = match (&kind, kit_toml.name()?) {
            (_, Some(name)) => name.to_string(),
            (Kind::Ported { bin }, None) => bin.clone(),
            (Kind::Native { .. }, None) => package.clone(),
        };
        let Facts { target_folder, manifests, has_build_script, .. } = facts;
        Ok(Self { folder, package, kind, name, target_folder, manifests, has_build_script, kit_toml })
    }

    /// The folder of kit below cargo's target folder.
    pub fn kit_folder(&self) -> PathBuf {
        self.target_folder.join("kit")
    }
}

/// The folder that the path means; without one, the nearest at or above the present folder with a manifest.
fn folder(path: Option<&Path>) -> Result<PathBuf> {
    let Some(path) = path else {
        let present = std::env::current_dir().map_err(|error| Failure::failed(error.to_string()))?;
        let found = present.ancestors().find(|folder| folder.join("Cargo.toml").is_file());
        return found.map(Path::to_path_buf).ok_or_else(|| {
            Failure::usage(format!(
                "there is no Cargo.toml in {} or above it: name the folder of an app, or make one by `kit new NAME`",
                present.display()
            ))
        });
    };
    let folder = match path.file_name() {
        Some(name) if name == "Cargo.toml" || name == "kit.toml" => path.parent().unwrap_or(path),
        _ => path,
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(full) = folder.canonicalize() else {
        return Err(Failure::usage(format!(
            "there is no folder {}: name the folder of an app, or make one by `kit new NAME`",
            path.display()
        )));
    };
    if !full.is_dir() {
        return Err(Failure::usage(format!("{} is not a folder: name the folder of an app", path.display())));
    }
    if !full.join("Cargo.toml").is_file() {
        return Err(Failure::usage(format!(
            "{} has no Cargo.toml: name the folder of a crate, or make one by `kit new NAME`",
            path.display()
        )));
    }
    Ok(full)
}

fn facts(folder: &Path) -> Result<Facts> {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_default();
    let key = format!("{}\n{target}", folder.display());
    stamp::cached("app", &key, || {
        let manifest = folder.join("Cargo.toml");
        let mut command = MetadataCommand::new();
        command.manifest_path(&manifest).current_dir(folder);
        command.other_options(vec!["--filter-platform".into(), TARGET.into()]);
        let metadata = command.exec().map_err(|error| match error {
            cargo_metadata::Error::CargoMetadata { stderr } => {
                Failure::failed(format!("cargo cannot read {}:\n{}", manifest.display(), stderr.trim()))
            }
            error => Failure::failed(format!("cargo metadata of {}: {error}", folder.display())),
        })?;
        let facts = summarise(folder, &manifest, &metadata);
        let inputs = facts.manifests.clone();
        Ok((facts, inputs))
    })
}

fn summarise(folder: &Path, manifest: &Path, metadata: &Metadata) -> Facts {
    let own = metadata.packages.iter().find(|package| package.manifest_path.as_std_path() == manifest);
    let named = |kind: TargetKind| {
        let targets = own.into_iter().flat_map(|package| &package.targets);
        targets.filter(move |target| target.kind.contains(&kind)).map(|target| target.name.clone())
    };
    let local: Vec<_> = metadata.packages.iter().filter(|package| package.source.is_none()).collect();
    let mut manifests: Vec<PathBuf> =
        local.iter().map(|package| package.manifest_path.clone().into_std_path_buf()).collect();
    let root = metadata.workspace_root.as_std_path();
    manifests.extend([root.join("Cargo.toml"), root.join("Cargo.lock")]);
    // New programs are new files here.
    manifests.extend([
        folder.join("src"),
        folder.join("src/bin"),
        folder.join("src/main.rs"),
        folder.join("src/lib.rs"),
    ]);
    for above in folder.ancestors() {
        manifests.extend([above.join("rust-toolchain.toml")]);
    }
    manifests.extend(rustflags::config_files(folder));
    let members = metadata.workspace_packages();
    let member = |package: &&cargo_metadata::Package| {
        package.manifest_path.parent().map(|folder| folder.to_string()).unwrap_or_default()
    };
    Facts {
        package: own.map(|package| package.name.to_string()),
        members: members.iter().map(member).collect(),
        bins: named(TargetKind::Bin).collect(),
        default_run: own.and_then(|package| package.default_run.clone()),
        library: named(TargetKind::Lib).next(),
        depends_on: own
            .into_iter()
            .flat_map(|package| &package.dependencies)
            .map(|dependency| (dependency.name.to_string(), dependency.path.clone().map(Into::into)))
            .collect(),
        target_folder: metadata.target_directory.clone().into_std_path_buf(),
        manifests,
        has_build_script: local.iter().any(|package| {
            package.targets.iter().any(|target| target.kind.contains(&TargetKind::CustomBuild))
        }),
    }
}

fn choose(folder: &Path, package: &str, facts: &Facts, wished: Option<&str>, shelf: &Shelf) -> Result<Kind> {
    let bins = facts.bins.join(", ");
    if let Some(wished) = wished {
        return match facts.bins.iter().find(|bin| *bin == wished) {
            Some(bin) => Ok(Kind::Ported { bin: bin.clone() }),
            None => Err(Failure::usage(format!("{package} has no program `{wished}`; its programs: {bins}"))),
        };
    }
    let mut of_the_shelf = facts.depends_on.iter().filter_map(|(name, path)| {
        shelf.packages.iter().find(|package| package.name == *name).map(|package| (package, path))
    });
    if let (Some((of_shelf, path)), Some(library)) = (of_the_shelf.next(), &facts.library) {
        if let Some(path) = path
            && path.canonicalize().is_ok_and(|path| path != of_shelf.folder)
        {
            return Err(Failure::usage(format!(
                "{package} depends on {} in {}, which is another kit tree than this kit's, which has it in {}: set KIT_ROOT \
                 to the former, or change {}",
                of_shelf.name,
                path.display(),
                of_shelf.folder.display(),
                folder.join("Cargo.toml").display()
            )));
        }
        // Its program, if it has one, is for trying it out on the host.
        return Ok(Kind::Native { library: library.replace('-', "_") });
    }
    match &facts.bins[..] {
        [bin] => Ok(Kind::Ported { bin: bin.clone() }),
        [] => Err(Failure::usage(format!(
            "{package} in {} is not a program: an app has a src/main.rs (a native app a library with `pub fn main`, and \
             depends on kit-util-native)",
            folder.display()
        ))),
        several => match &facts.default_run {
            Some(bin) if several.contains(bin) => Ok(Kind::Ported { bin: bin.clone() }),
            _ => Err(Failure::usage(format!(
                "{package} has several programs: choose one by `--bin NAME`, NAME being one of {bins}"
            ))),
        },
    }
}
