//! On any Kconfig tree with a `.config`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::{Ran, kit, scratch};

const TREE: &str = r#"mainmenu "Test"

menu "Network"

config NET
	bool "Networking"
	depends on BUS
	help
	  Talks to others.

config SOCKETS
	int "Sockets"
	depends on NET
	range 1 64
	default 8

config HOST
	string "Name of the host"
	depends on NET
	default "kit"

endmenu

config BUS
	bool "Bus"

config BASE
	hex "Base"
	default 0x10

choice
	prompt "Speed"
	default SLOW

config SLOW
	bool "Slow"

config FAST
	bool "Fast"
	depends on BUS

endchoice

config DERIVED
	bool
	default y if FAST
"#;

struct Tree(PathBuf);

impl Tree {
    fn new(name: &str, dot_config: Option<&str>) -> Self {
        let folder = scratch(name);
        fs::write(folder.join("Kconfig"), TREE).unwrap();
        if let Some(text) = dot_config {
            fs::write(folder.join(".config"), text).unwrap();
        }
        Self(folder)
    }

    fn config(&self, arguments: &[&str]) -> Ran {
        kit(&self.0, &[&["config", "--kconfig", "Kconfig"], arguments].concat())
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

#[test]
fn values_are_got() {
    let tree = Tree::new("get", None);
    assert_eq!(tree.config(&["get", "BASE"]).printed(), "0x10\n");
    assert_eq!(tree.config(&["get", "CONFIG_SLOW", "HOST"]).printed(), "SLOW=y\nHOST=\n");
    let option = json!({
        "name": "BASE", "type": "hex", "value": "0x10", "set": false, "prompt": "Base", "menu": [],
    });
    assert_eq!(tree.config(&["get", "BASE", "--json"]).json(), json!({ "options": [option] }));
}

#[test]
fn an_unknown_name_is_refused() {
    let tree = Tree::new("unknown", None);
    let near = "kit: there is no option `BASSE`; did you mean `BASE`?\n";
    assert_eq!(tree.config(&["get", "BASSE"]).refused(2), near);
    assert_eq!(tree.config(&["set", "BASSE=1"]).refused(2), near);
    assert_eq!(tree.config(&["why", "CONFIG_BASSE"]).refused(2), near);
    assert_eq!(
        tree.config(&["unset", "ZZZZZZ"]).refused(2),
        "kit: there is no option `ZZZZZZ`; `kit config list WORD` searches\n"
    );
    assert_eq!(tree.config(&["set", "BASE"]).refused(2), "kit: `BASE` sets nothing: write NAME=VALUE\n");
    assert_eq!(tree.file(".config"), "");
}

#[test]
fn values_are_set_all_or_none() {
    let tree = Tree::new("set", None);
    assert_eq!(
        tree.config(&["set", "SOCKETS=9", "NET=true", "BUS=y"]).printed(),
        "NET: n → y\nBUS: n → y\nSOCKETS: 0 → 9\nHOST: empty → kit\n"
    );
    let saved = tree.file(".config");
    assert!(saved.contains("CONFIG_SOCKETS=9\nCONFIG_HOST=\"kit\"\n"), "{saved}");
    assert_eq!(tree.config(&["set", "NET=y"]).printed(), "no value changes\n");
    assert_eq!(
        tree.config(&["set", "BASE=0x20", "SOCKETS=65"]).refused(1),
        "kit: SOCKETS=65 did not take: not in 1..64\n  = nothing was changed; `--force` stores values that do \
         not take\n"
    );
    assert_eq!(tree.file(".config"), saved);
    assert_eq!(tree.config(&["set", "FAST=y"]).printed(), "SLOW: y → n\nFAST: n → y\nDERIVED: n → y\n");
    assert_eq!(tree.config(&["unset", "FAST"]).printed(), "SLOW: n → y\nFAST: y → n\nDERIVED: y → n\n");
}

#[test]
fn a_value_of_another_type_is_refused() {
    let tree = Tree::new("type", None);
    assert_eq!(tree.config(&["set", "BUS=perhaps"]).refused(2), "kit: BUS must be y or n, not `perhaps`\n");
    assert_eq!(
        tree.config(&["set", "SOCKETS=many"]).refused(2),
        "kit: SOCKETS must be a decimal number, not `many`\n"
    );
    assert_eq!(
        tree.config(&["set", "BASE=0xg"]).refused(2),
        "kit: BASE must be a hexadecimal number, not `0xg`\n"
    );
}

#[test]
fn what_does_not_take_says_why_and_what_would_help() {
    let tree = Tree::new("needs", None);
    assert_eq!(
        tree.config(&["set", "NET=y"]).refused(1),
        "kit: NET=y did not take: needs BUS (is n) — set BUS=y\n  = `--with-deps` sets what is needed, \
         too\n  = nothing was changed; `--force` stores values that do not take\n"
    );
    let refused = tree.config(&["set", "SOCKETS=9", "--json"]);
    assert_eq!(refused.code, 1);
    let refused = refused.json();
    assert_eq!(refused["saved"], false);
    assert_eq!(refused["refused"][0]["reason"], "needs NET (is n)");
    let set = json!([{ "name": "BUS", "value": true }, { "name": "NET", "value": true }, { "name": "SOCKETS", "value": 9 }]);
    assert_eq!(refused["refused"][0]["plan"]["set"], set);
    assert_eq!(
        tree.config(&["set", "DERIVED=y"]).refused(1),
        "kit: DERIVED=y did not take: it has no prompt, its value is computed\n  = nothing was changed; \
         `--force` stores values that do not take\n"
    );
    assert_eq!(tree.file(".config"), "");
}

#[test]
fn what_is_needed_is_set_too_and_told() {
    let tree = Tree::new("with-deps", None);
    assert_eq!(
        tree.config(&["set", "SOCKETS=9", "--with-deps"]).printed(),
        "NET: n → y\nBUS: n → y\nSOCKETS: 0 → 9\nHOST: empty → kit\n"
    );
    let changes = tree.config(&["unset", "BUS", "--json"]).json();
    assert_eq!(changes["changes"][0], json!({ "name": "NET", "before": true, "after": false }));
    assert_eq!(changes["warnings"], json!([]), "what goes with its menu is no problem");
    let forced = tree.config(&["set", "NET=y", "--force"]);
    assert_eq!((forced.code, forced.stdout.as_str()), (0, ""));
    assert_eq!(forced.stderr, "kit: warning: NET=y did not take: needs BUS (is n) — set BUS=y\n");
}

#[test]
fn the_list_is_by_menu_or_by_words() {
    let tree = Tree::new("list", Some("CONFIG_BUS=y\nCONFIG_NET=y\n"));
    let list = tree.config(&["list"]).printed();
    assert_eq!(
        list,
        "Network\n  * NET=y       Networking\n    SOCKETS=8   Sockets\n    HOST=\"kit\"  Name of the host\n\n\
         * BUS=y      Bus\n  BASE=0x10  Base\n\nSpeed\n    SLOW=y  Slow\n    FAST=n  Fast\n"
    );
    assert_eq!(tree.config(&["list", "--set"]).printed(), "Network\n  * NET=y  Networking\n\n* BUS=y  Bus\n");
    assert_eq!(tree.config(&["list", "host"]).printed(), "  HOST=\"kit\"  Name of the host\n");
    assert_eq!(tree.config(&["list", "zzz"]).refused(1), "kit: nothing matches `zzz`\n");
    let hidden = tree.config(&["list", "--all", "derived"]).printed();
    assert_eq!(hidden, "  DERIVED=n   (has no text: other options decide it)\n");
    let option = &tree.config(&["list", "sockets", "--json"]).json()["options"][0];
    assert_eq!((&option["value"], &option["menu"]), (&json!(8), &json!(["Network"])));
}

#[test]
fn why_tells_everything() {
    let tree = Tree::new("why", Some("CONFIG_BUS=y\n# CONFIG_NET is not set\n"));
    assert_eq!(
        tree.config(&["why", "SOCKETS"]).printed(),
        "SOCKETS — Sockets\n  value        0 (no default)\n  but          needs NET (is n)\n  type         int\n  \
         needs        NET [=n]\n  defined at   Kconfig:11:1 in Test › Network\n"
    );
    let why = tree.config(&["why", "NET", "--json"]).json();
    assert_eq!(why["why"]["text"], "set in .config:2, as by default");
    assert_eq!(why["depends"]["parts"], json!([{ "text": "BUS", "state": "met", "value": "y" }]));
    assert_eq!(why["help"], "Talks to others.\n");
}

#[test]
fn differences_are_from_the_other_to_this() {
    let tree = Tree::new("diff", Some("CONFIG_BUS=y\nCONFIG_FAST=y\n"));
    assert_eq!(tree.config(&["diff"]).printed(), "BUS: n → y\nDERIVED: n → y\nFAST: n → y\nSLOW: y → n\n");
    fs::write(tree.path().join("other"), "CONFIG_BUS=y\nCONFIG_BASE=0x20\n").unwrap();
    let differences = tree.config(&["diff", "other", "--json"]).json();
    assert_eq!(differences["differences"][0], json!({ "name": "BASE", "before": "0x20", "after": "0x10" }));
    let missing = tree.config(&["diff", "missing"]).refused(1);
    assert!(missing.starts_with("kit: cannot read missing: "), "{missing}");
}

#[test]
fn problems_are_told_with_their_place_and_ways_out() {
    let tree = Tree::new("check", Some("CONFIG_BUSS=y\nCONFIG_NET=y\nCONFIG_BASE=ten\n"));
    let ran = tree.config(&["check"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert_eq!(
        ran.stdout,
        ".config:1:1: warning: unknown symbol: BUSS\n  = rename it to BUS\n  = remove BUSS\n\
         .config:3:13: warning: symbol value 'ten' invalid for BASE\n  = remove BASE\n\
         .config:2:1: warning: NET=y did not take: needs BUS (is n) — set BUS=y\n  = set BUS=y\n  \
         = reset NET to its default\n"
    );
    assert_eq!(tree.config(&["check", "--json"]).json()["problems"].as_array().unwrap().len(), 3);
    let well = Tree::new("well", Some("CONFIG_BUS=y\n"));
    assert_eq!(well.config(&["check"]).printed(), ".config: no problems\n");
}

#[test]
fn configurations_go_out_and_come_in() {
    let tree = Tree::new("exchange", None);
    tree.config(&["set", "SOCKETS=9", "FAST=y", "--with-deps"]).printed();
    let all = tree.config(&["export", "--json"]).json();
    assert_eq!((&all["SOCKETS"], &all["FAST"], &all["HOST"]), (&json!(9), &json!(true), &json!("kit")));
    assert_eq!(tree.config(&["export"]).printed(), tree.file(".config"));
    tree.config(&["export", "all.json", "--format", "json"]).printed();
    tree.config(&["export", "all.config"]).printed();
    let saved = tree.file(".config");
    for file in ["all.json", "all.config"] {
        kit(tree.path(), &["defconfig", "--kconfig", "Kconfig"]).printed();
        assert_ne!(tree.file(".config"), saved);
        tree.config(&["import", file]).printed();
        assert_eq!(tree.file(".config"), saved, "{file}");
    }
    fs::write(tree.path().join("odd.json"), r#"{"BUS": true, "NOPE": 1, "SOCKETS": "x"}"#).unwrap();
    let odd = tree.config(&["import", "odd.json"]);
    assert_eq!(odd.code, 0);
    assert_eq!(
        odd.stderr,
        "kit: warning: there is no option `NOPE`; `kit config list WORD` searches\nkit: warning: SOCKETS cannot be \
         \"x\"\n"
    );
    fs::write(tree.path().join("bad.json"), "{").unwrap();
    let bad = tree.config(&["import", "bad.json"]).refused(1);
    assert!(bad.starts_with("kit: bad.json: no JSON object of names: "), "{bad}");
}

#[test]
fn minimal_configurations_are_stored_and_taken() {
    let tree = Tree::new("defconfig", None);
    tree.config(&["set", "BUS=y", "FAST=y"]).printed();
    let saved = tree.file(".config");
    let at = ["--kconfig", "Kconfig"];
    let stored = kit(tree.path(), &[&["savedefconfig", "configs/fast_defconfig"], &at[..]].concat());
    assert_eq!(stored.printed(), "wrote configs/fast_defconfig\n");
    assert_eq!(tree.file("configs/fast_defconfig"), "CONFIG_BUS=y\nCONFIG_FAST=y\n");
    kit(tree.path(), &[&["defconfig"], &at[..]].concat()).printed();
    assert!(tree.file(".config").contains("CONFIG_SLOW=y"));
    kit(tree.path(), &[&["defconfig", "fast"], &at[..]].concat()).printed();
    assert_eq!(tree.file(".config"), saved);
    assert_eq!(
        kit(tree.path(), &[&["defconfig", "none"], &at[..]].concat()).refused(2),
        "kit: there is no file none and none of that name in configs: `kit savedefconfig` writes one\n"
    );
}

#[test]
fn a_tree_with_errors_is_shown_with_them() {
    let folder = scratch("broken");
    fs::write(folder.join("Kconfig"), "config A\n\tbool \"A\"\n\tfoo\n").unwrap();
    let said = kit(&folder, &["config", "--kconfig", "Kconfig", "list"]).refused(1);
    assert!(said.contains("Kconfig:3:"), "{said}");
    let said = kit(&folder, &["config", "--kconfig", "missing", "list"]).refused(1);
    assert!(said.contains("missing"), "{said}");
    assert_eq!(kit(&folder, &["config", "--config", "x", "list"]).code, 2);
}

#[test]
fn codes_are_explained() {
    let folder = scratch("explain");
    let all = kit(&folder, &["explain"]).printed();
    let first = all.lines().next().unwrap();
    assert!(first.starts_with("KIT0101  error    "), "{first}");
    let one = kit(&folder, &["explain", "kit503"]).printed();
    assert!(one.starts_with("KIT0503 (warning): a value did not take\n\n"), "{one}");
    let codes = kit(&folder, &["explain", "--json"]).json();
    assert_eq!(codes["codes"].as_array().unwrap().len(), all.lines().count());
    assert_eq!(
        kit(&folder, &["explain", "KIT9999"]).refused(2),
        "kit: there is no code `KIT9999`; `kit explain` lists all\n"
    );
}

#[test]
fn shells_and_man_know_every_command() {
    let folder = scratch("manual");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = kit(&folder, &["completions", shell]).printed();
        assert!(script.contains("savedefconfig"), "{shell}");
    }
    kit(&folder, &["man", "pages"]).printed();
    let page = fs::read_to_string(folder.join("pages/kit-config-set.1")).unwrap();
    assert!(page.contains("with\\-deps"), "{page}");
    assert!(folder.join("pages/kit.1").is_file());
}
