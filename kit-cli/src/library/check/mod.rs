//! `kit lib check`: what a micro-library's folder must have, so that a person can choose it, a tool can read it and
//! the next developer can trust it.
//!
//! | rule | module |
//! |---|---|
//! | metadata of kit in Cargo.toml | [`manifest`] |
//! | an entry in the menu, with help and ranges | [`leaf`] |
//! | a Kconfig that other tools read alike | [`portability`] |
//! | README, documentation, suite | [`folder`] |

mod folder;
mod leaf;
mod manifest;
mod portability;
mod report;

use std::path::{Path, PathBuf};

use clap::Args;

use kit_menu::Package;

use crate::tree::Tree;
use crate::{Failure, Result, shelf};

pub use report::Finding;
use report::Report;

/// Arguments of `kit lib check`.
#[derive(Args)]
pub struct CheckArgs {
    /// Folders of micro-libraries [default: the present folder, or all of the kit tree if it is the tree]
    pub paths: Vec<PathBuf>,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// `kit lib check`.
pub fn command(arguments: &CheckArgs) -> Result<u8> {
    let tree = Tree::find()?;
    let folders = match arguments.paths.is_empty() {
        false => arguments.paths.iter().map(|path| existing(path)).collect::<Result<_>>()?,
        true => present(&tree)?,
    };
    let mut findings = Vec::new();
    for folder in &folders {
        findings.extend(check(&tree, folder)?);
    }
    if arguments.json {
        let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        println!("{}", serde_json::json!({ "checked": folders, "findings": findings }));
    } else {
        for finding in &findings {
            eprintln!("{}", finding.text);
        }
        let libraries = if folders.len() == 1 { "micro-library" } else { "micro-libraries" };
        match findings.len() {
            0 => println!("{} {libraries}: nothing to complain about", folders.len()),
            count => {
                println!("{} {libraries}: {count} findings; `kit explain CODE` tells more", folders.len())
            }
        }
    }
    Ok(u8::from(!findings.is_empty()))
}

/// Checks the micro-library in `folder` as a part of `tree`.
pub fn check(tree: &Tree, folder: &Path) -> Result<Vec<Finding>> {
    let mut report = Report::new(folder);
    let of_tree = shelf::load(tree, &Default::default(), Path::new(""))?;
    let package = manifest::check(&mut report, tree, &of_tree);
    if let Some(package) = &package {
        leaf::check(&mut report, tree, &of_tree, package);
        folder::check_suite(&mut report, package);
    }
    portability::check(&mut report, package.as_ref().map_or("Kconfig", Package::leaf));
    folder::check_readme(&mut report);
    folder::check_documentation(&mut report);
    Ok(report.findings)
}

/// The folders of the micro-libraries of a tree.
pub fn libraries(tree: &Tree) -> Result<Vec<PathBuf>> {
    let libs = tree.root.join("libs");
    let entries = std::fs::read_dir(&libs).map_err(|error| Failure::file("read", &libs, error))?;
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|folder| folder.join("Cargo.toml").is_file());
    folders.sort();
    Ok(folders)
}

fn present(tree: &Tree) -> Result<Vec<PathBuf>> {
    let present = std::env::current_dir().map_err(|error| Failure::failed(error.to_string()))?;
    if present == tree.root {
        return libraries(tree);
    }
    Ok(vec![existing(&present)?])
}

fn existing(path: &Path) -> Result<PathBuf> {
    let full = path.canonicalize().ok().filter(|full| full.join("Cargo.toml").is_file());
    full.ok_or_else(|| {
        Failure::usage(format!(
            "{} has no Cargo.toml: name the folder of a micro-library, such as libs/sched-coop of the kit tree",
            path.display()
        ))
    })
}
