//! Building an image: configuration, the root, the OS object, the app over it, and the stripped file.
//!
//! Everything is in cargo's target folder of the app:
//! `kit/<image>-<platform>-<arch>/` holds what a person may read (`root/`, `.config`, the linker script, the image
//! and its symbols), `kit/app` is cargo's own target folder for the app. The OS is compiled in the target folder of the
//! kit tree: images with the same choice share it.

pub mod app;
pub mod archive;
pub mod cargo;
pub mod exports;
pub mod fresh;
pub mod image;
pub mod os_object;
pub mod plan;
pub mod rustflags;
pub mod script;
pub mod unwind_tables;

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::cli::Target;
use crate::progress::{Progress, Stage, thousands};
use crate::project::Kind;
use crate::toolchain::Toolchain;
use crate::{Failure, Result, check};

use plan::Plan;

/// Arguments of `kit build` and `kit size`.
#[derive(Args)]
pub struct BuildArgs {
    /// The app.
    #[command(flatten)]
    pub target: Target,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// A built image.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Built {
    /// The image.
    pub image: PathBuf,
    /// The same with symbols.
    pub symbols: PathBuf,
    /// The platform.
    pub platform: String,
    /// The architecture.
    pub arch: String,
    /// Bytes of the image.
    pub size: u64,
    /// What was done, and how long it took.
    pub stages: Vec<Stage>,
    /// Whether nothing had to be done.
    pub fresh: bool,
    /// What the image itself says about how to run it.
    pub facts: image::Facts,
}

/// `kit build`.
pub fn command(arguments: &BuildArgs) -> Result<u8> {
    let plan = Plan::make(&arguments.target)?;
    let built = run(&plan, &arguments.target, arguments.json)?;
    if arguments.json {
        let mut object = serde_json::to_value(&built).map_err(|error| Failure::failed(error.to_string()))?;
        if let Some(object) = object.as_object_mut() {
            object.remove("facts");
        }
        println!("{object}");
    } else {
        println!("{}", summary(&built));
    }
    Ok(0)
}

/// The last line of `kit build`.
pub fn summary(built: &Built) -> String {
    let present = std::env::current_dir().unwrap_or_default();
    let image = built.image.strip_prefix(&present).unwrap_or(&built.image);
    let seconds: f64 = built.stages.iter().map(|stage| stage.seconds).sum();
    let outcome = if built.fresh { "fresh".to_string() } else { format!("{seconds:.2} s") };
    format!("{}  {} bytes  {outcome}", image.display(), thousands(built.size))
}

/// Builds what is planned, or finds that it is there. With `is_quiet` only problems are printed.
pub fn run(plan: &Plan, target: &Target, is_quiet: bool) -> Result<Built> {
    if let Some(built) = fresh::find(plan) {
        return Ok(built);
    }
    let _turn = lock(&plan.project.kit_folder())?;
    // Another kit may have built it meanwhile.
    if let Some(built) = fresh::find(plan) {
        return Ok(built);
    }
    let mut progress = Progress::new(is_quiet);
    if !is_quiet {
        progress
            .line(&format!("kit: {} for {} ({})", plan.project.name, plan.platform.name, plan.platform.arch));
    }
    progress.stage("configuration");
    let configured = plan.configure()?;
    let tools = Toolchain::of(&plan.tree.root)?;
    let mut inputs = Vec::new();
    let archives = archive::link(plan, &tools)?;
    inputs.extend(archives.iter().flat_map(|archive| archive.inputs.iter().cloned()));
    let archives: Vec<_> = archives.into_iter().map(|archive| archive.object).collect();
    let linked = match &plan.project.kind {
        Kind::Ported { bin } => {
            if !configured.has_entropy {
                progress.stage("check");
                check::refuse_without_entropy(plan, bin, target.verbose, &mut progress)?;
            }
            progress.stage("OS object");
            let object = os_object::build(plan, &configured, &tools, target.verbose, &mut progress)?;
            inputs.extend(object.inputs.iter().cloned());
            progress.stage("app");
            app::ported(
                plan,
                &configured,
                bin,
                &[&[object.file][..], &archives].concat(),
                target.verbose,
                &mut progress,
            )?
        }
        Kind::Native { .. } => {
            progress.stage("app and OS");
            app::native(plan, &configured, &tools, &archives, target.verbose, &mut progress)?
        }
    };
    inputs.extend(linked.inputs);
    progress.stage("image");
    let (image, symbols, facts) = image::finish(plan, &tools, &linked.program)?;
    let plan::Configured { devices, takes, records, .. } = configured;
    let facts = image::Facts { devices, takes, records, ..facts };
    let size = std::fs::metadata(&image).map_err(|error| Failure::file("read", &image, error))?.len();
    let built = Built {
        image,
        symbols,
        platform: plan.platform.name.clone(),
        arch: plan.platform.arch.clone(),
        size,
        stages: progress.finish(),
        fresh: false,
        facts,
    };
    fresh::remember(plan, &built, inputs, &tools);
    Ok(built)
}

/// Waits until no other `kit` builds into this folder.
fn lock(folder: &Path) -> Result<File> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::file("create", folder, error))?;
    let path = folder.join("lock");
    let file = File::create(&path).map_err(|error| Failure::file("create", &path, error))?;
    if file.try_lock().is_err() {
        eprintln!("kit: waiting for another kit that builds into {}", folder.display());
        file.lock().map_err(|error| Failure::file("lock", &path, error))?;
    }
    Ok(file)
}
