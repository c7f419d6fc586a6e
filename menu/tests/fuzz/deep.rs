//! Files that are as deep, long or endless as they can be, on a small stack.

use crate::{exercise, load_files};

/// How deep.
const DEPTH: usize = 100_000;

/// Loads `text` with little stack: depth in a file must not be depth on the stack.
fn survives(text: impl Into<Vec<u8>>) {
    let text = text.into();
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    thread.spawn(move || exercise(load_files(&[("Kconfig", &text)]))).unwrap().join().unwrap();
}

#[test]
fn blocks_in_blocks() {
    survives("if A\n".repeat(DEPTH) + "config A\n\tbool \"a\"\n" + &"endif\n".repeat(DEPTH));
    survives("menu \"m\"\n".repeat(DEPTH) + "config A\n\tbool \"a\"\n" + &"endmenu\n".repeat(DEPTH));
    survives("menu \"m\"\n\tvisible if A\n".repeat(DEPTH) + "config A\n\tbool \"a\"\n");
    survives("choice\n\tprompt \"c\"\n".repeat(DEPTH));
    survives("endif\nendmenu\nendchoice\n".repeat(DEPTH));
}

#[test]
fn submenus_in_submenus() {
    let entry = |index: usize| format!("config S{}\n\tbool \"s\"\n\tdepends on S{index}\n", index + 1);
    survives((0..DEPTH / 10).map(entry).collect::<String>());
}

#[test]
fn expressions_in_expressions() {
    let with = |condition: String| survives(format!("config A\n\tbool \"a\"\n\tdepends on {condition}\n"));
    with("(".repeat(DEPTH) + "B" + &")".repeat(DEPTH));
    with("(".repeat(DEPTH));
    with("!".repeat(DEPTH) + "B");
    with("!(B && ".repeat(DEPTH) + "B" + &")".repeat(DEPTH));
    with("B && ".repeat(DEPTH) + "B");
    with((0..DEPTH).map(|index| format!("(B{index} || ")).collect::<String>() + "B" + &")".repeat(DEPTH));
}

#[test]
fn macros_in_macros() {
    survives("config A\n\tdef_bool ".to_string() + &"$(".repeat(DEPTH) + &")".repeat(DEPTH) + "\n");
    survives("a = ".to_string() + &"$(".repeat(DEPTH) + "\nconfig A\n\tdef_bool $(a)\n");
    survives("a = $(b)$(b)\nb = $(a)\nconfig A\n\tdef_bool $(a)\n");
    survives("a = $(a,$(1)x)\nconfig A\n\tdef_bool $(a,y)\n");
    let doubling = |index: usize| format!("v{} = $(v{index})$(v{index})\n", index + 1);
    survives("v0 = x\n".to_string() + &(0..60).map(doubling).collect::<String>() + "$(v60)\n");
    survives("x := $(shell,".to_string() + &"x".repeat(DEPTH) + ")\n");
    survives("x += $(x)\n".repeat(DEPTH / 10) + "$(x)\n");
}

#[test]
fn files_in_files() {
    survives("source \"Kconfig\"\n");
    survives("source \"K*\"\n");
    survives("source ./$(ARCH)/../Kconfig\n");
    let names: Vec<String> = (0..300).map(|index| format!("K{index}")).collect();
    let texts: Vec<String> = (1..=300).map(|index| format!("source \"K{index}\"\n")).collect();
    let files: Vec<_> = names.iter().zip(&texts).map(|(name, text)| (&**name, text.as_bytes())).collect();
    exercise(load_files(&files));
    // Each file is read twice as often as the one before it.
    let texts: Vec<String> = (1..=40).map(|index| format!("source \"K{index}\"\n").repeat(2)).collect();
    let files: Vec<_> = names.iter().zip(&texts).map(|(name, text)| (&**name, text.as_bytes())).collect();
    exercise(load_files(&files));
}

#[test]
fn long_lines() {
    survives("config A\n\tbool \"".to_string() + &"a\\\"".repeat(DEPTH) + "\"\n");
    survives("config A\n\tbool \"".to_string() + &"$a".repeat(DEPTH) + "\"\n");
    survives("config A\n\tbool \"".to_string() + &"$(a)".repeat(DEPTH) + "\"\n");
    survives("config A\n\tdepends on ".to_string() + &"a$ && ".repeat(DEPTH) + "a\n");
    survives("config ".to_string() + &"A".repeat(DEPTH * 10) + "\n\tbool\n");
    survives("config A\n\tbool \\\n".to_string() + &"\\\n".repeat(DEPTH) + "\"a\"\n");
    survives("@ ".repeat(DEPTH / 100));
    survives("config A\n\thelp\n".to_string() + &" ".repeat(DEPTH) + &"\t \n".repeat(DEPTH));
}

#[test]
fn huge_numbers() {
    let digits = "9".repeat(DEPTH);
    survives(format!(
        "config A\n\tint \"a\"\n\trange -{digits} {digits}\n\tdefault {digits}\n\
         config B\n\thex \"b\"\n\trange 0x{digits} 0xffffffffffffffff\n\tdefault -0x{digits}\n\
         config C\n\tdef_bool A < 9223372036854775808 && A >= -9223372036854775809 && B = 0x1{digits}\n"
    ));
}

#[test]
fn bytes_that_are_no_text() {
    survives(b"config A\0B\n\tbool \"\0\"\n\0\n".to_vec());
    survives(b"config \xff\xfe\n\tbool \"\xc3\x28 \xed\xa0\x80\"\n\thelp\n\t  \xf5\n".to_vec());
    survives(vec![0; DEPTH]);
    survives(vec![0xff; DEPTH]);
    survives(b"\xef\xbb\xbf\xef\xbb\xbfconfig A\r\n\tbool\r\r\n\x0b\x0c".to_vec());
}
