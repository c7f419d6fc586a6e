//! `conf` beyond the corpus: which files it reads and writes, what it says, and its dialogues. What is expected
//! is what Linux 6.12's program does, unless a comment says otherwise.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use kit_menu::kconfig::conf::Mode;
use support::{Folder, Ran};

const KCONFIG: &str = r#"mainmenu "A test"
config MODULES
	bool "modules"
	modules
config NET
	bool "net"
	help
	  Talks.
config DRIVER
	tristate "driver"
	depends on NET
config SOCKETS
	int "sockets"
	range 1 99
	default 16
config BASE
	hex "base"
	default 1f
menu "More"
config NAME
	string "name"
	default "a\"b"
choice
	prompt "heap"
config TLSF
	bool "tlsf"
config BUDDY
	bool "buddy"
endchoice
endmenu
"#;

fn folder() -> Folder {
    Folder::with(&[("Kconfig", KCONFIG)])
}

fn old_default(folder: &Folder) -> Ran {
    folder.run(Mode::OldDefault, [], "")
}

#[test]
fn says_what_it_wrote() {
    let folder = folder();
    let ran = old_default(&folder);
    assert_eq!((ran.code, &*ran.errors), (0, ""));
    assert_eq!(ran.output, "#\n# configuration written to .config\n#\n");
    assert!(!folder.has(".config.old"));
    assert_eq!(old_default(&folder).output, "#\n# No change to .config\n#\n");

    folder.write(".config", "CONFIG_NET=y\n");
    assert_eq!(old_default(&folder).output, "#\n# configuration written to .config\n#\n");
    assert_eq!(folder.read(".config.old"), "CONFIG_NET=y\n");
    assert!(folder.read(".config").contains("\nCONFIG_NET=y\n"));
}

#[test]
fn the_whole_file() {
    let folder = folder();
    folder.write(".config", "CONFIG_MODULES=y\nCONFIG_NET=y\nCONFIG_DRIVER=m\n");
    old_default(&folder);
    let expected = "#\n# Automatically generated file; DO NOT EDIT.\n# A test\n#\nCONFIG_MODULES=y\nCONFIG_NET=y\n\
                    CONFIG_DRIVER=m\nCONFIG_SOCKETS=16\nCONFIG_BASE=1f\n\n#\n# More\n#\nCONFIG_NAME=\"a\\\"b\"\n\
                    CONFIG_TLSF=y\n# CONFIG_BUDDY is not set\n# end of More\n";
    assert_eq!(folder.read(".config"), expected);
}

/// Linux's program makes a file with the permissions of any new file.
#[test]
fn permissions_stay() {
    let folder = folder();
    folder.write(".config", "");
    let path = folder.path().join(".config");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    old_default(&folder);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn nothing_is_left_beside_the_files() {
    let folder = folder();
    folder.write(".config", "CONFIG_NET=y\n");
    old_default(&folder);
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, [".config", ".config.old", "Kconfig", "include"]);
}

#[test]
fn a_link_is_kept_with_overwriteconfig() {
    let folder = folder();
    folder.write("real", "");
    std::os::unix::fs::symlink("real", folder.path().join(".config")).unwrap();
    let ran = folder.run(Mode::OldDefault, [("KCONFIG_OVERWRITECONFIG", "1")], "");
    assert_eq!(ran.output, "#\n# configuration written to .config\n#\n");
    assert!(folder.read("real").contains("CONFIG_SOCKETS=16"));
    assert!(fs::symlink_metadata(folder.path().join(".config")).unwrap().is_symlink());
}

#[test]
fn a_configuration_that_cannot_be_written() {
    let folder = folder();
    let failure = "\n\n*** Error during writing of the configuration.\n\n";
    let ran = folder.run(Mode::OldDefault, [("KCONFIG_CONFIG", "")], "");
    assert_eq!((ran.code, ran.errors), (1, format!("config name is empty{failure}")));
    fs::create_dir(folder.path().join("there")).unwrap();
    let ran = folder.run(Mode::OldDefault, [("KCONFIG_CONFIG", "there")], "");
    assert_eq!((ran.code, ran.errors), (1, format!("there: Is a directory{failure}")));
}

#[test]
fn the_configuration_of_srctree_is_read_where_there_is_none() {
    let tree = folder();
    tree.write(".config", "CONFIG_NET=y\n");
    let folder = Folder::new();
    let srctree = tree.path().display().to_string();
    folder.write("Kconfig", KCONFIG);
    let ran = folder.run(Mode::OldDefault, [("srctree", &*srctree)], "");
    assert_eq!(ran.code, 0);
    assert!(folder.read(".config").contains("\nCONFIG_NET=y\n"));
}

#[test]
fn defaults_are_found_in_a_list() {
    let folder = folder();
    folder.write("second", "CONFIG_NET=y\n");
    let list = [("KCONFIG_DEFCONFIG_LIST", " first\tsecond  third ")];
    let ran = folder.run(Mode::OldDefault, list, "");
    assert_eq!(
        ran.output,
        "#\n# using defaults found in second\n#\n#\n# configuration written to .config\n#\n"
    );
    assert!(folder.read(".config").contains("\nCONFIG_NET=y\n"));
}

#[test]
fn defconfig_needs_its_file() {
    let folder = folder();
    folder.write("small", "CONFIG_SOCKETS=3\n");
    assert_eq!(folder.run(Mode::Default("small".into()), [], "").code, 0);
    assert!(folder.read(".config").contains("CONFIG_SOCKETS=3\n"));
    let ran = folder.run(Mode::Default("none".into()), [], "");
    assert_eq!(ran.code, 1);
    assert_eq!(ran.errors, "***\n*** Can't find default configuration \"none\"!\n***\n");
}

#[test]
fn a_minimal_configuration_is_enough() {
    let folder = folder();
    folder.write(".config", "CONFIG_NET=y\nCONFIG_SOCKETS=16\nCONFIG_BUDDY=y\nCONFIG_NAME=\"\"\n");
    old_default(&folder);
    let ran = folder.run(Mode::SaveDefault("small".into()), [], "");
    assert_eq!((ran.code, &*ran.output), (0, ""));
    assert_eq!(folder.read("small"), "CONFIG_NET=y\nCONFIG_NAME=\"\"\nCONFIG_BUDDY=y\n");
    let full = folder.read(".config");
    folder.run(Mode::Default("small".into()), [], "");
    assert_eq!(folder.read(".config"), full);
}

#[test]
fn allconfig_presets_values() {
    let folder = folder();
    folder.write("mine", "CONFIG_SOCKETS=5\n# CONFIG_NET is not set\n");
    folder.write("all.config", "CONFIG_SOCKETS=6\n");
    let has = |ran: &Ran, line: &str| ran.code == 0 && folder.read(".config").contains(line);
    assert!(has(
        &folder.run(Mode::AllYes, [("KCONFIG_ALLCONFIG", "mine")], ""),
        "# CONFIG_NET is not set\nCONFIG_SOCKETS=5\n"
    ));
    assert!(has(&folder.run(Mode::AllYes, [("KCONFIG_ALLCONFIG", "1")], ""), "CONFIG_SOCKETS=6\n"));
    folder.write("allyes.config", "CONFIG_SOCKETS=7\n");
    assert!(has(&folder.run(Mode::AllYes, [("KCONFIG_ALLCONFIG", "")], ""), "CONFIG_SOCKETS=7\n"));
    assert!(has(&folder.run(Mode::AllNo, [("KCONFIG_ALLCONFIG", "")], ""), "CONFIG_SOCKETS=6\n"));
    assert!(has(&folder.run(Mode::AllYes, [], ""), "CONFIG_SOCKETS=16\n"));

    let ran = folder.run(Mode::AllYes, [("KCONFIG_ALLCONFIG", "none")], "");
    assert_eq!((ran.code, &*ran.errors), (1, "*** Can't read seed configuration \"none\"!\n"));
    fs::remove_file(folder.path().join("all.config")).unwrap();
    let ran = folder.run(Mode::Random, [("KCONFIG_ALLCONFIG", "1"), ("KCONFIG_SEED", "1")], "");
    let message = "*** KCONFIG_ALLCONFIG set, but no \"allrandom.config\" or \"all.config\" file found\n";
    assert_eq!((ran.code, &*ran.errors), (1, message));
}

#[test]
fn a_seed_makes_one_configuration() {
    let folder = folder();
    let random = |seed: &str| {
        let ran = folder.run(Mode::Random, [("KCONFIG_SEED", seed)], "");
        (ran.output, folder.read(".config"))
    };
    let (output, first) = random("0x2a");
    assert!(output.starts_with("KCONFIG_SEED=0x2A\n"), "{output}");
    assert_eq!(random("42").1, first);
    assert!((0..20).any(|seed| random(&seed.to_string()).1 != first));
}

#[test]
fn probabilities_are_obeyed() {
    let folder = folder();
    let ran = folder.run(Mode::Random, [("KCONFIG_PROBABILITY", "100:0")], "");
    assert_eq!(ran.code, 0);
    assert!(folder.read(".config").contains("CONFIG_MODULES=y\nCONFIG_NET=y\nCONFIG_DRIVER=y\n"));
    folder.run(Mode::Random, [("KCONFIG_PROBABILITY", "100:0:100")], "");
    assert!(folder.read(".config").contains("CONFIG_MODULES=y\nCONFIG_NET=y\nCONFIG_DRIVER=m\n"));
    let ran = folder.run(Mode::Random, [("KCONFIG_PROBABILITY", "101")], "");
    assert_eq!((ran.code, &*ran.errors), (1, "KCONFIG_PROBABILITY: Numerical result out of range\n"));
}

#[test]
fn tristates_are_rewritten() {
    let folder = folder();
    let driver = |mode, before: &str| {
        folder.write(".config", &format!("CONFIG_MODULES=y\nCONFIG_NET=y\nCONFIG_DRIVER={before}\n"));
        folder.run(mode, [], "");
        let text = folder.read(".config");
        text.lines().find(|line| line.contains("DRIVER")).map(str::to_string).unwrap_or_default()
    };
    assert_eq!(driver(Mode::YesToMod, "y"), "CONFIG_DRIVER=m");
    assert_eq!(driver(Mode::ModToYes, "m"), "CONFIG_DRIVER=y");
    assert_eq!(driver(Mode::ModToNo, "m"), "# CONFIG_DRIVER is not set");
    assert_eq!(driver(Mode::ModToNo, "y"), "CONFIG_DRIVER=y");
}

#[test]
fn warnings_are_errors_when_asked() {
    let folder = folder();
    let strict = [("KCONFIG_WERROR", "")];
    let unknown = [("KCONFIG_WERROR", "1"), ("KCONFIG_WARN_UNKNOWN_SYMBOLS", "1")];
    folder.write(".config", "CONFIG_SOCKETS=x\n");
    assert_eq!(old_default(&folder).code, 0);
    folder.write(".config", "CONFIG_SOCKETS=x\n");
    assert_eq!(folder.run(Mode::OldDefault, strict, "").code, 1);
    assert_eq!(folder.read(".config"), "CONFIG_SOCKETS=x\n");
    folder.write(".config", "CONFIG_NOWHERE=y\n");
    assert_eq!(folder.run(Mode::OldDefault, unknown, "").code, 1);
    assert_eq!(folder.run(Mode::OldDefault, strict, "").code, 0);
}

#[test]
fn an_unmet_dependency_is_an_error_when_asked() {
    let kconfig = "config A\n\tbool \"a\"\n\tselect B\nconfig C\n\tbool \"c\"\nconfig B\n\tbool \"b\"\n\tdepends on C\n";
    let folder = Folder::with(&[("Kconfig", kconfig), (".config", "CONFIG_A=y\n")]);
    let text = "\nWARNING: unmet direct dependencies detected for B\n  Depends on [n]: C [=n]\n  Selected by [y]:\n  - A [=y]\n";
    let ran = folder.run(Mode::OldDefault, [("KCONFIG_WERROR", "1")], "");
    assert_eq!(ran.code, 1);
    assert!(ran.errors.starts_with(text), "{}", ran.errors);
    let ran = old_default(&folder);
    assert_eq!((ran.code, &*ran.errors), (0, text));
}

#[test]
fn many_unknown_names_are_summed_up() {
    let folder = folder();
    let names: String = (0..100).map(|number| format!("CONFIG_FOREIGN_{number}=y\n")).collect();
    folder.write(".config", &names);
    let ran = old_default(&folder);
    assert_eq!(ran.errors.matches("unknown symbol").count(), 20);
    assert!(ran.errors.ends_with("warning[KIT0405]: 80 more like these\n"), "{}", ran.errors);
}

#[test]
fn lists_new_symbols() {
    let folder = folder();
    folder.write(".config", "CONFIG_NET=y\nCONFIG_NAME=\"x\"\nCONFIG_TLSF=y\n");
    let ran = folder.run(Mode::ListNew, [], "");
    assert_eq!(
        ran.output,
        "CONFIG_MODULES=n\nCONFIG_DRIVER=n\nCONFIG_SOCKETS=16\nCONFIG_BASE=1f\nCONFIG_BUDDY=n\n"
    );
    assert_eq!(folder.read(".config"), "CONFIG_NET=y\nCONFIG_NAME=\"x\"\nCONFIG_TLSF=y\n");
}

#[test]
fn shows_the_help_of_new_symbols() {
    let folder = folder();
    folder.write(
        ".config",
        "CONFIG_MODULES=y\nCONFIG_SOCKETS=1\nCONFIG_BASE=1\nCONFIG_NAME=\"\"\nCONFIG_TLSF=y\nCONFIG_BUDDY=n\n",
    );
    let ran = folder.run(Mode::HelpNew, [], "");
    let expected = "-----\n\nCONFIG_NET:\n\nTalks.\nSymbol: NET [=n]\nType  : bool\nDefined at Kconfig:5\n  Prompt: net\n  Location:\n    -> net (NET [=n])\n\n\n\n-----\n";
    assert_eq!(ran.output, expected);
}

#[test]
fn asks_for_everything() {
    let folder = folder();
    let ran = folder.run(Mode::OldAsk, [], "y\n\n?\nn\n0\n7\n\nx\"y\n2\n");
    assert_eq!((ran.code, &*ran.errors), (0, ""));
    assert_eq!(ran.output, ASKED);
    let config = folder.read(".config");
    assert!(config.contains("CONFIG_SOCKETS=7\nCONFIG_BASE=0x1f\n"), "{config}");
    assert!(
        config.contains("CONFIG_NAME=\"x\\\"y\"\n# CONFIG_TLSF is not set\nCONFIG_BUDDY=y\n"),
        "{config}"
    );
}

const ASKED: &str = r#"*
* A test
*
modules (MODULES) [N/y/?] (NEW) y
net (NET) [N/y/?] (NEW) 
sockets (SOCKETS) [16] (NEW) ?

There is no help available for this option.
Symbol: SOCKETS [=16]
Type  : integer
Range : [1 99]
Defined at Kconfig:12
  Prompt: sockets
  Location:
    -> sockets (SOCKETS [=16])



sockets (SOCKETS) [16] (NEW) n
sockets (SOCKETS) [16] (NEW) 0
sockets (SOCKETS) [16] (NEW) 7
base (BASE) [1f] (NEW) 
*
* More
*
name (NAME) [a"b] (NEW) x"y
heap
> 1. tlsf (TLSF) (NEW)
  2. buddy (BUDDY) (NEW)
choice[1-2?]: 2
#
# configuration written to .config
#
"#;

#[test]
fn asks_for_new_symbols_only() {
    let folder = folder();
    folder.write(".config", "CONFIG_MODULES=y\nCONFIG_NET=y\nCONFIG_SOCKETS=3\nCONFIG_BASE=0x1\nCONFIG_NAME=\"\"\nCONFIG_TLSF=y\n# CONFIG_BUDDY is not set\n");
    let ran = folder.run(Mode::Old, [], "m\n");
    assert_eq!(ran.code, 0);
    assert!(folder.read(".config").contains("CONFIG_DRIVER=m\n"));
}

/// Linux's program stops too, for a number; it would ask for ever for a choice without a visible member.
#[test]
fn the_end_of_the_input_ends_the_questions() {
    let kconfig = "config A\n\tint \"a\"\n\trange 5 2\n\tdefault 1\n";
    let folder = Folder::with(&[("Kconfig", kconfig)]);
    let ran = folder.run(Mode::Old, [], "");
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.errors,
        "\nError in reading or end of file.\n\nerror: no value for new symbol 'A' at end of input\n"
    );
    let kconfig = "choice\n\tprompt \"c\"\nconfig A\n\tbool \"a\"\n\tdepends on NOWHERE\nendchoice\nconfig B\n\tbool \"b\"\n";
    let folder = Folder::with(&[("Kconfig", kconfig)]);
    assert_eq!(folder.run(Mode::Old, [], "").code, 0);
}

#[test]
fn syncconfig_writes_for_builds_and_touches_what_changed() {
    let folder = folder();
    folder.write(".config", "CONFIG_MODULES=y\nCONFIG_NET=y\nCONFIG_DRIVER=m\n");
    old_default(&folder);
    let ran = folder.run(Mode::Sync, [], "");
    assert_eq!((ran.code, &*ran.output, &*ran.errors), (0, "", ""));
    let lines = |name: &str| {
        let text = folder.read(name);
        let mut lines: Vec<_> =
            text.lines().filter(|line| line.contains("CONFIG_")).map(str::to_string).collect();
        lines.sort();
        lines
    };
    assert_eq!(
        lines("include/config/auto.conf"),
        [
            "CONFIG_BASE=1f",
            "CONFIG_DRIVER=m",
            "CONFIG_MODULES=y",
            "CONFIG_NAME=a\"b",
            "CONFIG_NET=y",
            "CONFIG_SOCKETS=16",
            "CONFIG_TLSF=y"
        ]
    );
    assert_eq!(
        lines("include/generated/autoconf.h"),
        [
            "#define CONFIG_BASE 0x1f",
            "#define CONFIG_DRIVER_MODULE 1",
            "#define CONFIG_MODULES 1",
            "#define CONFIG_NAME \"a\\\"b\"",
            "#define CONFIG_NET 1",
            "#define CONFIG_SOCKETS 16",
            "#define CONFIG_TLSF 1"
        ]
    );
    assert_eq!(
        lines("include/generated/rustc_cfg"),
        [
            "--cfg=CONFIG_BASE=\"0x1f\"",
            "--cfg=CONFIG_DRIVER",
            "--cfg=CONFIG_DRIVER=\"m\"",
            "--cfg=CONFIG_MODULES",
            "--cfg=CONFIG_MODULES=\"y\"",
            "--cfg=CONFIG_NAME=\"a\\\"b\"",
            "--cfg=CONFIG_NET",
            "--cfg=CONFIG_NET=\"y\"",
            "--cfg=CONFIG_SOCKETS=\"16\"",
            "--cfg=CONFIG_TLSF",
            "--cfg=CONFIG_TLSF=\"y\""
        ]
    );
    assert_eq!(
        folder.read("include/config/auto.conf.cmd"),
        "autoconfig := include/config/auto.conf\n\ndeps_config := \\\n\tKconfig \\\n\n$(autoconfig): $(deps_config)\n$(deps_config): ;\n"
    );

    // A touched file is an emptied one.
    for name in ["NET", "DRIVER", "SOCKETS", "GONE"] {
        folder.write(&format!("include/config/{name}"), "not touched");
    }
    folder.write(
        "include/config/auto.conf",
        &(folder.read("include/config/auto.conf") + "CONFIG_GONE=y\nCONFIG_../../OUT=y\n"),
    );
    folder.write(".config", "CONFIG_MODULES=y\n");
    folder.run(Mode::OldDefault, [], "");
    assert_eq!(folder.read("include/config/NET"), "not touched", "only syncconfig renews what is there");
    folder.run(Mode::Sync, [], "");
    assert_eq!(folder.read("include/config/NET"), "");
    assert_eq!(folder.read("include/config/DRIVER"), "");
    assert_eq!(folder.read("include/config/GONE"), "");
    assert_eq!(folder.read("include/config/SOCKETS"), "not touched");
    assert!(!folder.has("OUT"));
}

#[test]
fn a_silent_update_is_refused_when_asked() {
    let folder = folder();
    let frozen = [("KCONFIG_NOSILENTUPDATE", "1")];
    let refusal = "\n*** The configuration requires explicit update.\n\n";
    folder.write(".config", "CONFIG_NET=y\n");
    let ran = folder.run(Mode::Sync, frozen, "");
    assert_eq!((ran.code, &*ran.errors), (1, refusal));
    old_default(&folder);
    assert_eq!(folder.run(Mode::Sync, frozen, "").code, 0);
}

#[test]
fn a_broken_tree_writes_nothing() {
    let folder = Folder::with(&[("Kconfig", "config\n"), (".config", "CONFIG_NET=y\n")]);
    let ran = old_default(&folder);
    assert_eq!((ran.code, &*ran.output), (1, ""));
    assert!(ran.errors.contains("Kconfig:1:"), "{}", ran.errors);
    assert_eq!(folder.read(".config"), "CONFIG_NET=y\n");
    assert!(!folder.has("include"));
}

/// Help says "visible if" only where that is more than the dependencies in another order.
#[test]
fn help_tells_conditions_once() {
    let kconfig = "config A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\nif A\nconfig C\n\tbool \"c\" if A\n\tdepends on B\n\
                   config D\n\tbool \"d\" if !B\nendif\n";
    let folder = Folder::with(&[("Kconfig", kconfig), (".config", "CONFIG_A=y\n# CONFIG_B is not set\n")]);
    let ran = folder.run(Mode::HelpNew, [], "");
    assert!(
        ran.output.contains("  Prompt: d\n  Depends on: A [=y]\n  Visible if: A [=y] && !B [=n]\n"),
        "{}",
        ran.output
    );
    folder.write(".config", "CONFIG_A=y\nCONFIG_B=y\n");
    let ran = folder.run(Mode::HelpNew, [], "");
    assert!(
        ran.output.contains("  Prompt: c\n  Depends on: A [=y] && B [=y]\n  Location:\n"),
        "{}",
        ran.output
    );
}

/// Linux's program does not look again whether the members after the picked one are visible.
#[test]
fn a_member_that_a_rewrite_makes_invisible_is_written_once_more() {
    let kconfig = "config MODULES\n\tbool \"modules\"\n\tmodules\nconfig A\n\ttristate \"a\"\nchoice\n\tprompt \"p\"\n\
                   config X\n\tbool \"x\"\nconfig Y\n\tbool \"y\"\n\tdepends on A = m\nconfig Z\n\tbool \"z\"\nendchoice\n";
    let folder =
        Folder::with(&[("Kconfig", kconfig), (".config", "CONFIG_MODULES=y\nCONFIG_A=m\nCONFIG_Z=y\n")]);
    folder.run(Mode::ModToNo, [], "");
    let expected =
        "CONFIG_MODULES=y\n# CONFIG_A is not set\n# CONFIG_X is not set\n# CONFIG_Y is not set\nCONFIG_Z=y\n";
    assert!(folder.read(".config").ends_with(expected), "{}", folder.read(".config"));
    old_default(&folder);
    assert!(!folder.read(".config").contains("CONFIG_Y"));
}
