//! Every message about a `.config` once, word by word; and what is read where nothing is said.

mod support;

use std::path::Path;
use std::sync::Arc;

use kit_menu::kconfig::file::{self, Header};
use kit_menu::kconfig::{Config, Context, MemoryFiles, codes, load};

const KCONFIG: &str = r#"
config MODULES
	bool "modules"
	modules
config NET
	bool "net"
config DRIVER
	tristate "driver"
config SOCKETS
	int "sockets"
	default 16
config BASE
	hex "base"
	default 0x0
config NAME
	string "name"
	depends on ELSEWHERE || NET
choice
	prompt "heap"
config HEAP_TLSF
	bool "tlsf"
config HEAP_BUDDY
	bool "buddy"
endchoice
"#;

fn config() -> Config {
    let mut context = Context::of_process();
    context.srctree = None;
    context.files = Box::new(MemoryFiles([("Kconfig".into(), KCONFIG.into())].into()));
    let loaded = load(Path::new("Kconfig"), &mut context).expect("a tree");
    assert_eq!(loaded.diagnostics, []);
    Config::new(Arc::new(loaded.tree))
}

/// Reads `text` after the values of another file, and returns the messages.
fn read(text: &str) -> (Config, file::Reading) {
    let mut config = config();
    file::read(&mut config, "CONFIG_DRIVER=m\nCONFIG_SOCKETS=7\n", Path::new("before"), &Header::default());
    let reading = file::read(&mut config, text, Path::new(".config"), &Header::default());
    (config, reading)
}

#[track_caller]
fn check(text: &str, is_stale: bool, message: &str) {
    let (_, reading) = read(text);
    let rendered: Vec<_> =
        reading.diagnostics.iter().map(|diagnostic| diagnostic.render(&reading.sources)).collect();
    assert_eq!(rendered.concat(), message.trim_start_matches('\n'));
    assert_eq!(reading.is_stale, is_stale);
}

/// The value that the user set, as text.
#[track_caller]
fn set_to(config: &Config, name: &str) -> Option<String> {
    let symbol = config.tree().find(name).expect("a symbol of the tree");
    config.user_value(symbol).map(|value| value.to_string())
}

#[test]
fn reads_what_is_written() {
    let text = "#\n# any comment\n#\n\nCONFIG_MODULES=y\nCONFIG_DRIVER=m\n# CONFIG_NET is not set\n\
                CONFIG_SOCKETS=64\nCONFIG_BASE=0x1F\nCONFIG_NAME=\"a \\\"b\\\" \\\\\" rest\nCONFIG_HEAP_BUDDY=y";
    let (config, reading) = read(text);
    assert_eq!(reading.diagnostics, []);
    assert!(!reading.is_stale);
    let values = ["MODULES", "DRIVER", "NET", "SOCKETS", "BASE", "NAME", "HEAP_TLSF", "HEAP_BUDDY"];
    let values = values.map(|name| set_to(&config, name).unwrap_or_else(|| "-".to_string()));
    assert_eq!(values, ["y", "m", "n", "64", "0x1F", "a \"b\" \\", "-", "y"]);
}

#[test]
fn lines_end_as_on_any_system() {
    let (config, reading) = read("CONFIG_SOCKETS=1\r\n# CONFIG_NET is not set\r\n\r\nCONFIG_BASE=2");
    assert_eq!(reading.diagnostics, []);
    assert_eq!(set_to(&config, "SOCKETS").as_deref(), Some("1"));
    assert_eq!(set_to(&config, "NET").as_deref(), Some("n"));
    assert_eq!(set_to(&config, "BASE").as_deref(), Some("2"));
}

#[test]
fn comments_that_are_almost_assignments_are_comments() {
    let text = "#CONFIG_NET is not set\n# CONFIG_NET is not set.\n#  CONFIG_NET is not set\n# CONFIG_NET=y\n";
    let (config, reading) = read(text);
    assert_eq!(reading.diagnostics, []);
    assert_eq!(set_to(&config, "NET"), None);
}

#[test]
fn of_a_bool_the_first_letter_counts() {
    let (config, reading) = read("CONFIG_NET=yes\nCONFIG_DRIVER=module\n");
    assert_eq!(reading.diagnostics, []);
    assert_eq!(set_to(&config, "NET").as_deref(), Some("y"));
    assert_eq!(set_to(&config, "DRIVER").as_deref(), Some("m"));
}

#[test]
fn a_new_file_replaces_all_values() {
    let (config, _) = read("");
    assert_eq!(set_to(&config, "DRIVER"), None);
    assert_eq!(set_to(&config, "SOCKETS"), None);
}

#[test]
fn of_several_members_the_last_is_picked() {
    let (config, reading) = read("CONFIG_HEAP_BUDDY=y\nCONFIG_HEAP_TLSF=y\n");
    assert_eq!(reading.diagnostics, []);
    let choice =
        config.tree().symbol(config.tree().find("HEAP_TLSF").expect("a member")).choice.expect("its choice");
    assert_eq!(config.picked(choice), config.tree().find("HEAP_TLSF"));
}

#[test]
fn another_prefix() {
    let mut config = config();
    let header = Header { prefix: "CFG_".to_string() };
    let reading = file::read(&mut config, "CFG_NET=y\nCONFIG_SOCKETS=1\n", Path::new("x"), &header);
    assert_eq!(set_to(&config, "NET").as_deref(), Some("y"));
    assert_eq!(reading.diagnostics.len(), 1);
    assert!(file::dot_config(&config, &header).contains("\nCFG_NET=y\n"));
}

#[test]
fn every_code_is_explained() {
    for number in 401..=407 {
        let code = codes::Code(number);
        assert!(code.explanation().is_some_and(|explanation| explanation.text.len() > 50), "{code}");
    }
}

#[test]
fn kit0401_unexpected_data() {
    check(
        "NET=y\n",
        true,
        r#"
warning[KIT0401]: unexpected data; the line is ignored
 --> .config:1:1
  |
1 | NET=y
  | ^^^^^
  help: an assignment begins with `CONFIG_` and has a `=`; a comment begins with `#`
"#,
    );
    check(
        "\nCONFIG_NET\n",
        true,
        r#"
warning[KIT0401]: unexpected data; the line is ignored
 --> .config:2:1
  |
2 | CONFIG_NET
  | ^^^^^^^^^^
  help: an assignment begins with `CONFIG_` and has a `=`; a comment begins with `#`
"#,
    );
    check(
        " CONFIG_NET=y\n",
        true,
        r#"
warning[KIT0401]: unexpected data; the line is ignored
 --> .config:1:1
  |
1 |  CONFIG_NET=y
  | ^^^^^^^^^^^^^
  help: an assignment begins with `CONFIG_` and has a `=`; a comment begins with `#`
"#,
    );
}

#[test]
fn kit0402_invalid_value() {
    check(
        "CONFIG_NET=m\n",
        true,
        r#"
warning[KIT0402]: symbol value 'm' invalid for NET
 --> .config:1:12
  |
1 | CONFIG_NET=m
  |            ^
  help: a bool is `y` or `n`
"#,
    );
    check(
        "CONFIG_DRIVER=1\n",
        true,
        r#"
warning[KIT0402]: symbol value '1' invalid for DRIVER
 --> .config:1:15
  |
1 | CONFIG_DRIVER=1
  |               ^
  help: a tristate is `y`, `m` or `n`
"#,
    );
    check(
        "CONFIG_SOCKETS=+5\n",
        true,
        r#"
warning[KIT0402]: symbol value '+5' invalid for SOCKETS
 --> .config:1:16
  |
1 | CONFIG_SOCKETS=+5
  |                ^^
  help: an int is decimal digits without a leading 0, `-` before them if need be
"#,
    );
    check(
        "CONFIG_BASE=0xg\n",
        true,
        r#"
warning[KIT0402]: symbol value '0xg' invalid for BASE
 --> .config:1:13
  |
1 | CONFIG_BASE=0xg
  |             ^^^
  help: a hex is hexadecimal digits, `0x` before them if you like
"#,
    );
    check(
        "# CONFIG_SOCKETS is not set\n",
        true,
        r#"
warning[KIT0402]: symbol value 'n' invalid for SOCKETS
 --> .config:1:1
  |
1 | # CONFIG_SOCKETS is not set
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: an int is decimal digits without a leading 0, `-` before them if need be
"#,
    );
}

#[test]
fn kit0403_open_string() {
    check(
        "CONFIG_NAME=\"abc\\\"\n",
        true,
        r#"
warning[KIT0403]: invalid string found: the closing quote of NAME is missing
 --> .config:1:13
  |
1 | CONFIG_NAME="abc\"
  |             ^^^^^^
  help: end the value with `"`; `\"` is a quote inside it
"#,
    );
}

#[test]
fn kit0404_reassigned() {
    check(
        "CONFIG_NET=y\n# CONFIG_NET is not set\n",
        true,
        r#"
warning[KIT0404]: override: reassigning to symbol NET
 --> .config:2:3
  |
2 | # CONFIG_NET is not set
  |   ^^^^^^^^^^
  help: the last assignment counts; remove the others
"#,
    );
    let (config, _) = read("CONFIG_SOCKETS=5\nCONFIG_SOCKETS=x\n");
    assert_eq!(set_to(&config, "SOCKETS").as_deref(), Some("5"), "an invalid second value is no value");
}

#[test]
fn kit0405_unknown_symbol() {
    check(
        "CONFIG_SOKCETS=5\n",
        true,
        r#"
warning[KIT0405]: unknown symbol: SOKCETS
 --> .config:1:1
  |
1 | CONFIG_SOKCETS=5
  | ^^^^^^^^^^^^^^
  help: did you mean CONFIG_SOCKETS?
"#,
    );
    check(
        "# CONFIG_WIRELESS is not set\n",
        true,
        r#"
warning[KIT0405]: unknown symbol: WIRELESS
 --> .config:1:3
  |
1 | # CONFIG_WIRELESS is not set
  |   ^^^^^^^^^^^^^^^
  help: remove the line: it has no effect
"#,
    );
}

#[test]
fn kit0406_undefined_symbol() {
    check(
        "CONFIG_ELSEWHERE=y\n",
        false,
        r#"
warning[KIT0406]: nothing defines ELSEWHERE: other symbols only refer to it
 --> .config:1:1
  |
1 | CONFIG_ELSEWHERE=y
  | ^^^^^^^^^^^^^^^^
  help: remove the line: it has no effect
"#,
    );
}

#[test]
fn kit0407_unquoted_string() {
    check(
        "CONFIG_NAME=eth\"0\n",
        false,
        r#"
warning[KIT0407]: NAME is a string without quotes; the line is ignored
 --> .config:1:13
  |
1 | CONFIG_NAME=eth"0
  |             ^^^^^
  help: write CONFIG_NAME="eth\"0"
"#,
    );
}
