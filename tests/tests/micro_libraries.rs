//! Every micro-library's folder has what a reader, the menu and the suites need.

use std::fs;
use std::path::{Path, PathBuf};

use kit_tests::root;

/// The folders `libs/<slot>-<implementation>`.
fn folders() -> Vec<PathBuf> {
    let libs = fs::read_dir(root().join("libs")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = libs.filter(|path| path.join("Cargo.toml").exists()).collect();
    folders.sort();
    assert!(folders.len() > 5, "the libraries have moved");
    folders
}

/// What is missing, one line each.
fn demand(check: impl Fn(&Path) -> Option<String>) {
    let missing: Vec<String> = folders()
        .iter()
        .filter_map(|folder| {
            Some(format!("{}: {}", folder.strip_prefix(root()).unwrap().display(), check(folder)?))
        })
        .collect();
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

/// What its manifest says it provides.
fn provides(folder: &Path) -> Vec<toml::Value> {
    let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
    let kit = manifest["package"].get("metadata").and_then(|metadata| metadata.get("kit"));
    kit.and_then(|kit| kit.get("provides")).and_then(|all| all.as_array()).cloned().unwrap_or_default()
}

#[test]
fn each_is_in_the_menu() {
    demand(|folder| {
        let text = fs::read_to_string(folder.join("Kconfig")).unwrap_or_default();
        let absent = |option: &&str| !text.lines().any(|line| line.trim() == format!("config {option}"));
        let all = provides(folder);
        let mut options = all.iter().filter_map(|one| one.get("option")?.as_str());
        options.find(absent).map(|option| format!("its Kconfig has no `config {option}`"))
    });
    demand(|folder| (!folder.join("Kconfig").exists()).then(|| "has no Kconfig".to_string()));
}

#[test]
fn each_option_has_help() {
    demand(|folder| {
        let text = fs::read_to_string(folder.join("Kconfig")).unwrap_or_default();
        let configs = text.lines().filter(|line| line.starts_with("config ")).count();
        let helps = text.lines().filter(|line| line.trim() == "help").count();
        (configs > helps).then(|| format!("{configs} options, {helps} helps"))
    });
}

/// When to choose it · cost in bytes · limits · where the algorithm is from.
#[test]
fn each_readme_answers_the_four_questions() {
    demand(|folder| {
        let text = fs::read_to_string(folder.join("README.md")).unwrap_or_default().to_lowercase();
        let absent = ["choose", "cost", "limit", "source"].into_iter().find(|word| !text.contains(word))?;
        Some(format!("README.md does not speak of {absent:?}"))
    });
}

#[test]
fn each_runs_the_suite_of_its_slot() {
    demand(|folder| {
        if provides(folder).is_empty() {
            // It fills no slot, so nobody else has written its tests.
            return (!folder.join("tests").is_dir()).then(|| "has no tests".to_string());
        }
        let text = fs::read_to_string(folder.join("tests/conformance.rs")).unwrap_or_default();
        (!text.contains("conformance::"))
            .then(|| "tests/conformance.rs does not call the slot's suite".to_string())
    });
}

#[test]
fn each_slot_has_a_suite() {
    let slots = fs::read_dir(root().join("libs/iface")).unwrap().map(|entry| entry.unwrap().path());
    let without: Vec<_> = slots
        .filter(|slot| slot.join("Cargo.toml").exists())
        .filter(|slot| {
            let manifest = fs::read_to_string(slot.join("Cargo.toml")).unwrap();
            let is_slot = manifest.contains("[package.metadata.kit]") && manifest.contains("slot =");
            is_slot && !slot.join("src/conformance.rs").exists() && !slot.join("src/conformance").exists()
        })
        .collect();
    assert!(without.is_empty(), "no conformance suite: {without:?}");
}
