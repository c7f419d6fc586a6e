//! `kit lib check`, `kit add` and `kit remove`, on the tree's own micro-libraries and on ones that are made to fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kit_cli::library::check;
use kit_cli::tree::Tree;

fn tree() -> Tree {
    Tree { root: Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf() }
}

/// A folder of this test alone, without what an earlier run left.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("library").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A micro-library outside of the tree: the smallest scheduler, under another name.
fn mine(at: &Path) -> PathBuf {
    let (source, folder) = (tree().root.join("libs/sched-coop"), at.join("mine"));
    for file in ["Cargo.toml", "Kconfig", "README.md", "src/lib.rs", "tests/conformance.rs"] {
        let text = fs::read_to_string(source.join(file)).unwrap();
        let text = text.replace("SCHED_COOP", "SCHED_MINE").replace("kit_sched_coop", "sched_mine");
        let text = text.replace("kit-sched-coop", "sched-mine");
        fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
        fs::write(folder.join(file), text).unwrap();
    }
    // What the tree's workspace says for its own, a crate elsewhere says itself.
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let own: String =
        text.lines().filter(|line| !line.contains("workspace")).map(|line| format!("{line}\n")).collect();
    let own = own.replace("[lints]\n", "").replace("../..", &tree().root.to_string_lossy());
    fs::write(
        &manifest,
        own.replacen("[package]\n", "[package]\nversion = \"0.1.0\"\nedition = \"2024\"\n", 1),
    )
    .unwrap();
    folder
}

fn app(at: &Path, kit_toml: &str) -> PathBuf {
    let folder = at.join("app");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("kit.toml"), kit_toml).unwrap();
    folder
}

fn kit(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kit"));
    command.current_dir(folder).args(arguments).env("KIT_ROOT", &tree().root);
    command.env_remove("CARGO_TARGET_DIR").output().unwrap()
}

#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = kit(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn refuses(folder: &Path, arguments: &[&str]) -> String {
    let output = kit(folder, arguments);
    assert_ne!(output.status.code(), Some(0), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn every_micro_library_of_the_tree_is_in_order() {
    let folders = check::libraries(&tree()).unwrap();
    assert!(folders.len() > 5, "the libraries have moved");
    for folder in folders {
        let findings = check::check(&tree(), &folder).unwrap();
        let text: String = findings.iter().map(|finding| finding.text.as_str()).collect();
        assert_eq!(text, "", "{}", folder.display());
    }
}

/// The codes that a change of one file brings about.
fn codes_after(name: &str, file: &str, change: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    let folder = mine(&scratch(name));
    let path = folder.join(file);
    match change(&fs::read_to_string(&path).unwrap()) {
        Some(text) => fs::write(&path, text).unwrap(),
        None => fs::remove_file(&path).unwrap(),
    }
    let findings = check::check(&tree(), &folder).unwrap();
    findings.into_iter().map(|finding| (finding.code, finding.message)).collect()
}

#[track_caller]
fn breaks(name: &str, file: &str, change: impl Fn(&str) -> Option<String>, code: &str, says: &str) {
    let found = codes_after(name, file, change);
    let is_it = |(found, message): &(String, String)| found == code && message.contains(says);
    assert!(found.iter().any(is_it), "{code} {says:?} is not among {found:#?}");
}

#[test]
fn one_that_is_in_order_outside_of_the_tree() {
    assert_eq!(codes_after("in-order", "README.md", |text| Some(text.to_string())), []);
}

#[test]
fn each_rule_has_something_that_breaks_it() {
    let with = |old: &'static str, new: &'static str| move |text: &str| Some(text.replace(old, new));
    let manifest = "Cargo.toml";
    let without_metadata = |text: &str| Some(text.split("[[package.metadata").next().unwrap().to_string());
    breaks("metadata", manifest, without_metadata, "KIT0601", "no [package.metadata.kit]");
    breaks("toml", manifest, with("[package]", "[package"), "KIT0601", "not TOML");
    breaks("slot", manifest, with("\"sched\"", "\"shed\""), "KIT0602", "did you mean `sched`?");
    breaks("key", manifest, with("init =", "platforms = [\"kvm\"]\ninit ="), "KIT0602", "platforms");
    breaks("option", manifest, with("SCHED_MINE", "MY_SCHED"), "KIT0602", "MY_SCHED");
    breaks("type", manifest, with("\"sched_mine::", "\"their::"), "KIT0602", "their::");

    let leaf = "Kconfig";
    breaks("no-leaf", leaf, |_| None, "KIT0603", "Kconfig is missing");
    breaks("no-entry", leaf, with("SCHED_MINE", "SCHED_OTHER"), "KIT0603", "SCHED_MINE is not defined");
    breaks("no-prompt", leaf, with("bool \"", "bool # \""), "KIT0303", "must have a prompt");
    breaks("silent", leaf, with("Costs", "Takes"), "KIT0604", "what it costs");
    let number = "\nconfig SCHED_MINE_MS\n\tint \"Slice, in ms\"\n\tdepends on SCHED_MINE\n\tdefault 1\n\thelp\n\t  Choose less. Costs time. Needs nothing.\n";
    breaks("range", leaf, |text| Some(format!("{text}{number}")), "KIT0605", "SCHED_MINE_MS");
    breaks("ascii", leaf, with("Cooperative", "Coop\u{e9}rative"), "KIT0606", "is not ASCII");
    breaks(
        "subset",
        leaf,
        |text| Some(format!("{text}\nchoice\n\tprompt \"x\"\nendchoice\n")),
        "KIT0606",
        "kconfig-parser",
    );
    let twice = "\nconfig SCHED_MINE_X\n\tbool \"X\"\n\tdepends on SCHED_MINE\n\tdefault y if ARCH_X86_64\n\tdefault y if HAS_VIRTIO\n\thelp\n\t  Choose. Costs. Needs.\n";
    breaks(
        "differently",
        leaf,
        |text| Some(format!("{text}{twice}")),
        "KIT0607",
        "the number of defaults is 2 to kit and 1",
    );

    breaks("readme", "README.md", |_| None, "KIT0608", "README.md is missing");
    breaks("readme-limits", "README.md", with("Limits", "Bounds"), "KIT0608", "what its limits are");
    breaks("docs", "src/lib.rs", with("//! ", "// "), "KIT0609", "does not begin with documentation");
    breaks("deny", "src/lib.rs", with("#![deny(missing_docs)]", ""), "KIT0609", "nothing demands");
    breaks("suite", "tests/conformance.rs", |_| None, "KIT0610", "conformance.rs is missing");
    breaks(
        "suite-call",
        "tests/conformance.rs",
        with("conformance::", ""),
        "KIT0610",
        "does not call the suite",
    );
}

#[test]
fn adding_and_removing_keeps_what_a_person_wrote() {
    let text = "# My app.\n[config]\n# Small.\nALLOC_BUDDY = true # for now\n";
    let folder = app(&scratch("add"), text);
    let said = succeeds(&folder, &["add", "sched-coop"]);
    assert!(said.starts_with("added SCHED_COOP\n"), "{said}");
    assert!(said.contains("  SCHED_COOP: n \u{2192} y\n"), "{said}");
    let said = succeeds(&folder, &["add", "ALLOC_TLSF"]);
    assert!(said.starts_with("added ALLOC_TLSF, in place of ALLOC_BUDDY\n"), "{said}");
    let now = fs::read_to_string(folder.join("kit.toml")).unwrap();
    assert!(now.starts_with("# My app.\n[config]\n"), "{now}");
    assert!(now.contains("SCHED_COOP = true\n") && !now.contains("ALLOC_BUDDY"), "{now}");
    let said = succeeds(&folder, &["remove", "SCHED_COOP", "--json"]);
    let object: serde_json::Value = serde_json::from_str(&said).unwrap();
    let changed = object["changed"].as_array().unwrap();
    assert!(
        changed.iter().any(|change| change["option"] == "SCHED_COOP" && change["after"] == "n"),
        "{said}"
    );
    assert!(!fs::read_to_string(folder.join("kit.toml")).unwrap().contains("SCHED_COOP"));
    // A default is left out by name.
    succeeds(&folder, &["remove", "net-smoltcp"]);
    assert!(fs::read_to_string(folder.join("kit.toml")).unwrap().contains("NET_SMOLTCP = false\n"));
}

#[test]
fn what_cannot_be_added_is_refused_with_the_reason() {
    let folder = app(&scratch("refuse"), "[config]\n");
    let said = refuses(&folder, &["add", "NET_HOSTSOCKETS"]);
    assert!(said.contains("needs HAS_HOST_KERNEL (is n)"), "{said}");
    assert!(said.contains("[image] platform = \"linux\""), "{said}");
    let said = refuses(&folder, &["add", "sched-cop"]);
    assert!(said.contains("did you mean `sched-coop`?"), "{said}");
    let said = refuses(&folder, &["add", "sched-rr"]);
    assert!(said.contains("SCHED_RR is chosen already"), "{said}");
    assert_eq!(fs::read_to_string(folder.join("kit.toml")).unwrap(), "[config]\n");
    // What was wrong before is not the answer.
    fs::write(folder.join("kit.toml"), "[config]\nNET_SOKETS = 3\n").unwrap();
    let said = refuses(&folder, &["remove", "posix-shim"]);
    assert!(said.contains("POSIX_SHIM cannot be left out") && said.contains("it has no prompt"), "{said}");
    assert!(succeeds(&folder, &["add", "sched-coop"]).starts_with("added SCHED_COOP\n"));
}

#[test]
fn one_from_elsewhere_joins_the_choice_of_its_slot() {
    let folder = scratch("outside");
    let (app, _) = (app(&folder, "# Mine.\n"), mine(&folder));
    let said = succeeds(&app, &["add", "--path", "../mine"]);
    assert!(said.contains("SCHED_MINE: y"), "{said}");
    let text = fs::read_to_string(app.join("kit.toml")).unwrap();
    assert_eq!(text, "# Mine.\n[libs]\nsched-mine = { path = \"../mine\" }\n\n[config]\nSCHED_MINE = true\n");
    let list = succeeds(&app, &["lib", "list", "sched"]);
    assert!(list.contains("* SCHED_MINE") && list.contains("  SCHED_RR"), "{list}");
    let list: serde_json::Value = serde_json::from_str(&succeeds(&app, &["lib", "list", "--json"])).unwrap();
    let entries = list["micro_libraries"].as_array().unwrap();
    let mine = entries.iter().find(|entry| entry["option"] == "SCHED_MINE").unwrap();
    assert_eq!((mine["state"].as_str(), mine["slot"].as_str()), (Some("in-image"), Some("sched")));
    succeeds(&app, &["remove", "sched-mine"]);
    assert!(!fs::read_to_string(app.join("kit.toml")).unwrap().contains("mine"));
}

#[test]
fn a_search_finds_by_any_word_and_info_tells_all() {
    let found = succeeds(&tree().root, &["lib", "search", "dhcp", "TCP"]);
    assert!(found.contains("NET_SMOLTCP") && !found.contains("SCHED_RR"), "{found}");
    assert!(refuses(&tree().root, &["lib", "search", "zeppelin"]).contains("no micro-library has zeppelin"));
    let info = succeeds(&tree().root, &["lib", "info", "sched-rr"]);
    assert!(
        info.contains("SCHED_SLICE_US = 10000  Slice, in microseconds (default 10000, 100 to 1000000)"),
        "{info}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&succeeds(&tree().root, &["lib", "info", "net-smoltcp", "--json"])).unwrap();
    assert_eq!(json["slot"], "net");
    assert!(json["options"].as_array().unwrap().iter().any(|option| option["option"] == "NET_SOCKETS"));
}
