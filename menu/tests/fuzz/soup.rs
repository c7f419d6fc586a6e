//! Words of the language in any order, and bytes.

use std::path::Path;

use kit_menu::kconfig::file::{self, Header};
use proptest::prelude::*;

use crate::{budget, config_of, exercise, load_files};

/// What begins a line.
const STATEMENTS: [&str; 40] = [
    "config A",
    "config B",
    "menuconfig C",
    "choice",
    "choice X",
    "endchoice",
    "menu \"m\"",
    "endmenu",
    "if A",
    "endif",
    "comment \"c\"",
    "mainmenu \"t\"",
    "source \"a/Kconfig\"",
    "rsource \"../Kconfig\"",
    "osource \"*\"",
    "source a/Kconfig",
    "v = ",
    "v := ",
    "v += ",
    "bool",
    "tristate",
    "int",
    "hex",
    "string",
    "prompt",
    "default",
    "def_bool",
    "def_tristate",
    "depends on",
    "select",
    "imply",
    "range",
    "visible if",
    "help",
    "---help---",
    "modules",
    "option",
    "optional",
    "transitional",
    "depends",
];

/// What goes on with it.
const WORDS: [&str; 40] = [
    "A",
    "B",
    "C",
    "X",
    "y",
    "n",
    "m",
    "\"text\"",
    "'x'",
    "\"\"",
    "\"",
    "if",
    "on",
    "&&",
    "||",
    "!",
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "(",
    ")",
    "0",
    "-1",
    "0x10",
    "99999999999999999999",
    "$(v)",
    "$(v,a,b)",
    "$(shell,echo y)",
    "$(1)",
    "$",
    "$(",
    "# c",
    "\\",
    "@",
    "é",
    "env=\"ARCH\"",
    "modules",
];

fn line() -> impl Strategy<Value = String> {
    let words = proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..5);
    let indentation = proptest::sample::select(&["", "\t", "  ", "\t  "][..]);
    let end = proptest::sample::select(&["\n", "\n", "\n", "\r\n", " \\\n", "\n\n"][..]);
    (indentation, proptest::sample::select(&STATEMENTS[..]), words, end).prop_map(
        |(indentation, statement, words, end)| format!("{indentation}{statement} {}{end}", words.join(" ")),
    )
}

fn lines() -> impl Strategy<Value = String> {
    proptest::collection::vec(line(), 0..25).prop_map(|lines| lines.concat())
}

const OPTIONS: &str = "config MODULES\n\tbool \"m\"\n\tmodules\nconfig B\n\tbool \"b\"\nconfig T\n\ttristate \"t\"\n\
    config I\n\tint \"i\"\n\trange 1 9\nconfig H\n\thex \"h\"\nconfig S\n\tstring \"s\"\n\
    choice\n\tprompt \"c\"\nconfig C1\n\tbool \"1\"\nconfig C2\n\tbool \"2\"\nendchoice\n";

fn dot_config_line() -> impl Strategy<Value = String> {
    let name =
        proptest::sample::select(&["B", "T", "I", "H", "S", "C1", "C2", "MODULES", "NONE", "", "é"][..]);
    let value = proptest::sample::select(
        &[
            "y",
            "m",
            "n",
            "",
            "5",
            "-5",
            "0x5",
            "99999999999999999999",
            "\"a\"",
            "\"a",
            "\"\\\"\"",
            "\"\\",
            "\0",
            "é",
        ][..],
    );
    prop_oneof![
        4 => (name.clone(), value).prop_map(|(name, value)| format!("CONFIG_{name}={value}\n")),
        2 => name.prop_map(|name| format!("# CONFIG_{name} is not set\n")),
        1 => ".{0,20}",
        1 => Just("\r\n".to_string()),
    ]
}

proptest! {
    #![proptest_config(budget(400))]

    #[test]
    fn words_in_any_order(top in lines(), other in lines()) {
        exercise(load_files(&[("Kconfig", top.as_bytes()), ("a/Kconfig", other.as_bytes())]));
    }

    #[test]
    fn entries_with_words_in_any_order(attributes in lines()) {
        let text = format!("config A\n\tbool \"a\"\nconfig B\n\ttristate \"b\"\n{attributes}");
        exercise(load_files(&[("Kconfig", text.as_bytes()), ("a/Kconfig", b"config C\n\tint\n")]));
    }

    #[test]
    fn bytes_in_any_order(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        exercise(load_files(&[("Kconfig", &bytes)]));
    }

    #[test]
    fn texts_in_any_order(text in "(config |\\PC|[ \t\n$(\"]){0,80}") {
        exercise(load_files(&[("Kconfig", text.as_bytes())]));
    }

    #[test]
    fn any_dot_config_can_be_read(lines in proptest::collection::vec(dot_config_line(), 0..20)) {
        let mut config = config_of(OPTIONS);
        let reading = file::read(&mut config, &lines.concat(), Path::new(".config"), &Header::default());
        reading.diagnostics.iter().for_each(|message| assert!(!message.render(&reading.sources).is_empty()));
        let written = file::dot_config(&config, &Header::default());
        let again = file::read(&mut config, &written, Path::new(".config"), &Header::default());
        prop_assert!(again.diagnostics.is_empty() && !again.is_stale, "{written}");
        prop_assert_eq!(written, file::dot_config(&config, &Header::default()));
    }
}
