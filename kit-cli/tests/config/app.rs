//! On an app: `kit.toml` holds what was set, as a person would have written it.

use std::fs;
use std::path::PathBuf;

use crate::{Ran, kit, scratch};

struct App(PathBuf);

impl App {
    fn new(name: &str, kit_toml: &str) -> Self {
        let folder = scratch(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
        let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        if !kit_toml.is_empty() {
            fs::write(folder.join("kit.toml"), kit_toml).unwrap();
        }
        Self(folder)
    }

    fn config(&self, arguments: &[&str]) -> Ran {
        kit(&self.0, &[&["config"], arguments].concat())
    }

    fn kit_toml(&self) -> String {
        fs::read_to_string(self.0.join("kit.toml")).unwrap_or_default()
    }
}

#[test]
fn the_file_is_made_and_holds_only_what_was_set() {
    let app = App::new("made", "");
    app.config(&["set", "SCHED_COOP=y", "NET_IP=10.0.0.2/24", "NET_SOCKETS=64"]).printed();
    assert_eq!(app.kit_toml(), "[config]\nNET_SOCKETS = 64\nNET_IP = \"10.0.0.2/24\"\nSCHED_COOP = true\n");
    app.config(&["set", "SCHED_RR=true"]).printed();
    assert!(!app.kit_toml().contains("SCHED_COOP"), "{}", app.kit_toml());
    app.config(&["unset", "SCHED_RR", "NET_IP", "NET_SOCKETS"]).printed();
    assert_eq!(app.kit_toml(), "[config]\n");
}

#[test]
fn comments_order_and_spelling_survive() {
    let text = "# My shop.\n[image]\nname = \"shop\"\n\n[config]\n# Many clients.\nNET_SOCKETS = 1_000   # enough\n\
                NET_TIME_WAIT = 8\n\n[run]\nmemory = \"32M\" # plenty\n";
    let app = App::new("comments", text);
    app.config(&["set", "NET_TIME_WAIT=9"]).printed();
    assert_eq!(app.kit_toml(), text.replace("NET_TIME_WAIT = 8", "NET_TIME_WAIT = 9"));
}

#[test]
fn a_value_that_does_not_take_names_the_way_out() {
    let app = App::new("reason", "[config]\nNETDEV_NONE = true\n");
    assert_eq!(
        app.config(&["set", "NET_SMOLTCP=y"]).refused(1),
        "kit: NET_SMOLTCP=y did not take: needs NETDEV != none (is none) — set NETDEV_VIRTIO=y\n  = `--with-deps` \
         sets what is needed, too\n  = nothing was changed; `--force` stores values that do not take\n"
    );
    assert_eq!(app.kit_toml(), "[config]\nNETDEV_NONE = true\n");
    app.config(&["set", "NET_SMOLTCP=y", "--with-deps"]).printed();
    assert_eq!(app.kit_toml(), "[config]\nNET_SMOLTCP = true\nNETDEV_VIRTIO = true\n");
}

#[test]
fn the_platform_is_a_key_of_image() {
    let app = App::new("platform", "");
    app.config(&["set", "PLATFORM_LINUX=y"]).printed();
    assert_eq!(app.kit_toml(), "[image]\nplatform = \"linux\"\n");
    assert_eq!(app.config(&["get", "PLATFORM_LINUX"]).printed(), "y\n");
    assert_eq!(app.config(&["get", "PLATFORM_LINUX", "--platform", "kvm"]).printed(), "n\n");
    let differences = app.config(&["diff", "--with-platform", "kvm"]).printed();
    assert!(differences.contains("PLATFORM_KVM: y → n\n"), "{differences}");
    app.config(&["set", "SCHED_COOP=y", "--platform", "kvm"]).printed();
    assert_eq!(app.kit_toml(), "[image]\nplatform = \"linux\"\n\n[config]\nSCHED_COOP = true\n");
    kit(&app.0, &["defconfig"]).printed();
    assert_eq!(app.kit_toml(), "[image]\nplatform = \"linux\"\n\n[config]\n");
}

#[test]
fn an_overlay_is_changed_where_it_is() {
    let text =
        "[config]\nSCHED_COOP = true\n\n[target.linux.config]\nNET_HOSTSOCKETS = true\nSCHED_COOP = false\n";
    let app = App::new("overlay", text);
    app.config(&["set", "SCHED_COOP=y", "--platform", "linux"]).printed();
    assert_eq!(app.kit_toml(), text.replace("SCHED_COOP = false", "SCHED_COOP = true"));
}

#[test]
fn wrong_lines_are_listed_with_their_places_and_kept() {
    let text = "[config]\nNET_SOCKET = 64\nNET_TIME_WAIT = \"many\"\nSCHED_COOP = 0.5\nPLATFORM_LINUX = true\n\
                NET_UDP_RX_BYTES = 1\n";
    let app = App::new("wrong", text);
    let ran = app.config(&["check"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let lines: Vec<_> = ran.stdout.lines().collect();
    for (place, words) in [
        ("kit.toml:2:1: warning: ", "there is no option `NET_SOCKET`"),
        ("kit.toml:3:1: warning: ", "NET_TIME_WAIT must be a whole number"),
        ("kit.toml:4:1: warning: ", "SCHED_COOP must be true or false"),
        ("kit.toml:5:1: warning: ", "PLATFORM_LINUX has no place in [config]"),
        ("kit.toml:6:1: warning: ", "NET_UDP_RX_BYTES=1 is not in "),
    ] {
        let line = lines.iter().find(|line| line.starts_with(place));
        assert!(line.is_some_and(|line| line.contains(words)), "{place}{words}\n{}", ran.stdout);
    }
    assert!(lines.contains(&"  = rename it to NET_SOCKETS"), "{}", ran.stdout);
    app.config(&["set", "NET_DNS=10.0.0.1"]);
    assert_eq!(app.kit_toml(), format!("{text}NET_DNS = \"10.0.0.1\"\n"));
}

#[test]
fn a_file_that_cannot_be_read_is_not_touched() {
    let app = App::new("unreadable", "[config\nA = 1\n");
    let said = app.config(&["set", "NET_SOCKETS=64"]).refused(2);
    assert!(said.contains("kit.toml:1:"), "{said}");
    assert_eq!(app.kit_toml(), "[config\nA = 1\n");
    let nowhere = scratch("nowhere/deep");
    let said = kit(&nowhere, &["config", "list", "--app", "missing"]).refused(2);
    assert!(said.contains("missing"), "{said}");
}

#[test]
fn without_a_terminal_the_menu_names_the_command_that_needs_none() {
    let app = App::new("terminal", "");
    let said = kit(&app.0, &["menuconfig"]).refused(2);
    assert!(said.contains("kit config set"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn two_files_are_compared() {
    let app = App::new("compare", "[config]\nNET_SOCKETS = 64\n");
    fs::write(app.0.join("other.toml"), "[config]\nNET_SOCKETS = 32\n").unwrap();
    assert_eq!(app.config(&["diff", "other.toml"]).printed(), "NET_SOCKETS: 32 → 64\n");
    let missing = app.config(&["diff", "missing.toml"]).refused(1);
    assert!(missing.starts_with("kit: cannot read missing.toml: "), "{missing}");
    fs::write(app.0.join("broken.toml"), "[config\n").unwrap();
    let broken = app.config(&["diff", "broken.toml"]).refused(1);
    assert!(broken.starts_with("kit: broken.toml:1:"), "{broken}");
}

#[test]
fn a_dot_config_is_taken_over_as_what_differs() {
    let app = App::new("import", "[config]\nSCHED_COOP = true\n");
    app.config(&["set", "NET_SOCKETS=64"]).printed();
    let kit_toml = app.kit_toml();
    app.config(&["export", "all.config"]).printed();
    kit(&app.0, &["defconfig"]).printed();
    assert_eq!(app.kit_toml(), "[config]\n");
    app.config(&["import", "all.config"]).printed();
    let mut lines: Vec<_> = app.kit_toml().lines().map(str::to_string).collect();
    lines.sort();
    let mut expected: Vec<_> = kit_toml.lines().map(str::to_string).collect();
    expected.sort();
    assert_eq!(lines, expected);
}
