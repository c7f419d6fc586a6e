//! Who may depend on whom: the table of the architecture, checked against cargo's metadata.
//!
//! A micro-library that knows another implementation cannot be replaced, so the only way from one to another
//! is an interface. `tests/` may use anything; development-dependencies may be interfaces, helpers and archs.

use cargo_metadata::{CargoOpt, DependencyKind, MetadataCommand};
use kit_tests::root;

/// What a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Iface,
    Util,
    Library,
    Arch,
    Platform,
    Menu,
    Cli,
    Tests,
}

fn place(folder: &str) -> Place {
    let parts: Vec<&str> = folder.split('/').collect();
    match parts[..] {
        ["libs", "iface", _] => Place::Iface,
        ["libs", "util", _] => Place::Util,
        ["libs", _] => Place::Library,
        ["archs", _] => Place::Arch,
        ["platforms", _] => Place::Platform,
        ["menu"] => Place::Menu,
        ["kit-cli"] => Place::Cli,
        ["tests"] => Place::Tests,
        _ => panic!("{folder}/Cargo.toml lies in no folder of the architecture"),
    }
}

impl Place {
    /// The table.
    fn may_use(self, other: Place) -> bool {
        use Place::*;
        match self {
            Iface => matches!(other, Iface),
            Util => matches!(other, Iface | Util),
            Library | Arch => matches!(other, Iface | Util),
            Platform => matches!(other, Iface | Util | Arch),
            Menu => false,
            Cli => matches!(other, Menu),
            Tests => true,
        }
    }

    /// Tests of a part may run it on the fakes of interfaces and on the machine they run on.
    fn may_test_with(self, other: Place) -> bool {
        self.may_use(other) || matches!(other, Place::Iface | Place::Util | Place::Arch)
    }
}

#[test]
fn dependencies_follow_the_table() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .no_deps()
        .exec()
        .unwrap();
    let folder = |path: &cargo_metadata::camino::Utf8Path| {
        path.as_std_path().strip_prefix(root()).ok().map(|path| path.to_str().unwrap().to_string())
    };
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let own = folder(package.manifest_path.parent().unwrap()).unwrap();
        for dependency in &package.dependencies {
            let Some(path) = &dependency.path else { continue };
            let Some(other) = folder(path) else {
                wrong.push(format!("{own} uses {path}, which is outside of the tree"));
                continue;
            };
            let (from, to) = (place(&own), place(&other));
            let allowed = match dependency.kind {
                DependencyKind::Development => from.may_test_with(to),
                _ => from.may_use(to),
            };
            if !allowed {
                wrong.push(format!("{own} ({from:?}) may not use {other} ({to:?})"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The folders that only hold data name no crate of the kit: an app is what a user would write.
#[test]
fn ported_examples_do_not_know_the_kit() {
    for app in ["hello", "http-min", "threads", "web"] {
        let folder = root().join("examples").join(app);
        for file in ["Cargo.toml", "src/main.rs"] {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            assert!(!text.to_lowercase().contains("kit"), "examples/{app}/{file} names the kit");
        }
    }
}
