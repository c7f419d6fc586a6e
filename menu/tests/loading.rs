//! The language: what the files say is what the tree holds.

use std::path::Path;

use kit_menu::kconfig::{
    Context, MemoryFiles, NoShell, NodeId, NodeKind, Output, Severity, Shell, SymbolId, Tree, Type, codes,
    load,
};

/// Echoes the command, on two lines.
struct Echo;

impl Shell for Echo {
    fn run(&mut self, command: &str) -> std::io::Result<Output> {
        Ok(Output { stdout: format!("<{command}>\nagain\n\n").into_bytes(), code: 1 })
    }
}

fn context(files: &[(&str, &str)]) -> Context {
    let files = files.iter().map(|(path, text)| (path.into(), text.as_bytes().to_vec())).collect();
    Context {
        srctree: None,
        environment: [("ARCH".to_string(), "x86".to_string()), ("EMPTY".to_string(), String::new())].into(),
        files: Box::new(MemoryFiles(files)),
        shell: Box::new(Echo),
    }
}

/// The tree of several files, the first of which is read; without warnings.
fn tree_of(files: &[(&str, &str)]) -> Tree {
    let (tree, codes) = tree_with_messages(files);
    assert!(codes.is_empty(), "{codes:?}");
    tree
}

fn tree_with_messages(files: &[(&str, &str)]) -> (Tree, Vec<u16>) {
    match load(Path::new(files[0].0), &mut context(files)) {
        Ok(loaded) => {
            let codes = loaded.diagnostics.iter().map(|diagnostic| diagnostic.code.0).collect();
            (loaded.tree, codes)
        }
        Err(failure) => {
            let messages: String = failure.diagnostics.iter().map(|d| d.render(&failure.sources)).collect();
            panic!("{messages}");
        }
    }
}

fn tree(text: &str) -> Tree {
    tree_of(&[("Kconfig", text)])
}

fn symbol(tree: &Tree, name: &str) -> SymbolId {
    tree.find(name).unwrap_or_else(|| panic!("no symbol {name}"))
}

/// The menu with two blanks for each level: names of symbols, titles in quotes.
fn outline(tree: &Tree) -> String {
    let mut text = String::new();
    let mut stack: Vec<(NodeId, usize)> =
        tree.node(NodeId::ROOT).children.iter().rev().map(|&child| (child, 0)).collect();
    while let Some((id, depth)) = stack.pop() {
        let node = tree.node(id);
        let name = match node.symbol {
            Some(symbol) if node.kind != NodeKind::Choice => tree.symbol(symbol).name.to_string(),
            _ => format!("\"{}\"", node.prompt.as_ref().map_or("", |prompt| &prompt.text)),
        };
        text += &format!("{:1$}{name}\n", "", depth * 2);
        stack.extend(node.children.iter().rev().map(|&child| (child, depth + 1)));
    }
    text
}

fn default_of(tree: &Tree, name: &str) -> String {
    tree.expression(tree.symbol(symbol(tree, name)).defaults[0].value)
}

fn prompt_of(tree: &Tree, name: &str) -> String {
    let node = tree.symbol(symbol(tree, name)).nodes[0];
    tree.node(node).prompt.as_ref().expect("a prompt").text.to_string()
}

fn condition_of(tree: &Tree, name: &str) -> String {
    let node = tree.symbol(symbol(tree, name)).nodes[0];
    tree.expression(tree.node(node).prompt.as_ref().expect("a prompt").condition)
}

fn depends_of(tree: &Tree, name: &str) -> String {
    tree.expression(tree.symbol(symbol(tree, name)).depends)
}

#[test]
fn texts_lose_quotes_and_escapes() {
    let tree = tree(concat!(
        "config A\n\tstring \"say \\\"hi\\\" \\\\ \\$(ARCH) $ 'x'\"\n\tdefault 'a # \"b\"'\n",
        "config B\n\tbool \\\n\t\t\"on the next line\" # comment\n",
        "config C\n\tbool 'äöü' if A=B||!A && (B) # \"comment\"",
    ));
    assert_eq!(prompt_of(&tree, "A"), "say \"hi\" \\ $(ARCH) $ 'x'");
    assert_eq!(default_of(&tree, "A"), "a # \"b\"");
    assert_eq!(prompt_of(&tree, "B"), "on the next line");
    assert_eq!(prompt_of(&tree, "C"), "äöü");
    assert_eq!(condition_of(&tree, "C"), "A=B || !A && B");
}

#[test]
fn windows_files_and_byte_order_marks_are_read() {
    let tree = tree(
        "\u{feff}config A\r\n\tbool \"a\"\r\n\tdepends on B && \\\r\n\t\tC\r\n\thelp\r\n\t  One.\r\n\t\tTwo.\r\n\r\nX := y z\r\nconfig B\r\n\tstring \"$(X)\"\r\n",
    );
    assert_eq!(depends_of(&tree, "A"), "B && C");
    let node = tree.symbol(symbol(&tree, "A")).nodes[0];
    assert_eq!(tree.help(node).unwrap(), "One.\n      Two.\n");
    assert_eq!(prompt_of(&tree, "B"), "y z");
}

#[test]
fn operators_bind_as_in_linux() {
    let tree = tree(concat!(
        "config A\n\tbool\n\tdefault !B = C && D || !(E || F) && G\n",
        "config B\n\tbool\n\tdefault (C && (D || E)) || !!F\n",
        "config C\n\tdef_bool D<1 && E>=0x2 && F!='y z'\n",
    ));
    assert_eq!(default_of(&tree, "A"), "!B=C && D || !(E || F) && G");
    assert_eq!(default_of(&tree, "B"), "C && (D || E) || !!F");
    assert_eq!(default_of(&tree, "C"), "D<1 && E>=0x2 && F!=y z");
}

#[test]
fn variables_and_functions() {
    let tree = tree(concat!(
        "X := 1\nSIMPLE := $(X)\nLATE = $(X)\nX := 2\nSIMPLE += $(X)\nLATE += and $(X)\nX := 3\nNEW += $(X)\n",
        "greet = $(1), I am $(2).\ncomma := ,\nself := old\nself := $(self) new\nvar := name\n$(var)d := made\n",
        "config A\n\tstring \"$(SIMPLE)|$(LATE)|$(NEW)|$(self)|$(named)\"\n",
        "config B\n\tstring \"$(greet,Hi$(comma) all,$(ARCH))|$(greet, a)|$(1)|$(unset)|$(EMPTY)\"\n",
    ));
    assert_eq!(prompt_of(&tree, "A"), "1 2|3 and 3|3|old new|made");
    assert_eq!(prompt_of(&tree, "B"), "Hi, all, I am x86.| a, I am .|||");
    let environment: Vec<_> = tree.environment().iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(environment, [("ARCH", "x86"), ("EMPTY", "")], "what is set and was read");
}

#[test]
fn built_in_functions() {
    let tree = tree_of(&[
        ("Kconfig", "source \"sub/file\"\n"),
        (
            "sub/file",
            "config A\n\tstring \"$(filename):$(lineno)\"\nX := $(lineno)\nconfig B\n\tstring \"$(X)|$(shell,(a) b)|\"\n",
        ),
    ]);
    assert_eq!(prompt_of(&tree, "A"), "sub/file:2");
    assert_eq!(
        prompt_of(&tree, "B"),
        "4|<(a) b> again|",
        "as Linux counts, `:=` is expanded on the next line"
    );
}

#[test]
fn what_a_macro_makes_is_one_word() {
    let tree = tree(concat!(
        "two := B || C\nnone :=\nconfig $(none)A$(none)\n\tbool \"a\"\n\tdepends on $(two)\n",
        "\tdepends on $(none) D$(none)\n$(none)\n",
    ));
    assert_eq!(depends_of(&tree, "A"), "B || C && D");
    assert!(tree.find("B || C").is_some() && tree.find("B").is_none());
}

#[test]
fn functions_may_call_themselves() {
    let tree = tree(concat!(
        // Takes the first branch until the argument is long enough.
        "more-xxxx = $(1)\nmore-xxxxx = $(1)\nmore = $(grow-$(1),$(1))\ngrow- = $(more,x)\ngrow-x = $(more,$(1)x)\n",
        "grow-xx = $(more,$(1)x)\ngrow-xxx = $(1)!\nconfig A\n\tstring \"$(more,)\"\n",
    ));
    assert_eq!(prompt_of(&tree, "A"), "xxx!");
}

#[test]
fn help_ends_where_indentation_does() {
    let text = concat!(
        "config A\n\tbool \"a\"\n\thelp\n\n\t  First.\n\n\t    More, #1\n\t  config B\n   \n",
        "\tdefault y\n---help---\n  Second\n\nconfig B\n\tbool \"b\"\n",
    );
    let (tree, codes) = tree_with_messages(&[("Kconfig", text)]);
    assert_eq!(codes, [codes::SECOND_HELP.0]);
    let node = tree.symbol(symbol(&tree, "A")).nodes[0];
    assert_eq!(tree.help(node).unwrap(), "Second\n");
    assert_eq!(tree.raw_help(node).unwrap(), "Second\n", "the blank line is text, the last newline is not");
    assert_eq!(default_of(&tree, "A"), "y");
    assert_eq!(outline(&tree), "A\nB\n");
}

#[test]
fn an_entry_below_an_empty_help_stays() {
    let (tree, codes) =
        tree_with_messages(&[("Kconfig", "config A\n\tbool \"a\"\n\thelp\nconfig B\n\tbool \"b\"\n")]);
    assert_eq!((outline(&tree).as_str(), codes.as_slice()), ("A\nB\n", [codes::EMPTY_HELP.0].as_slice()));
}

#[test]
fn menus_ifs_and_submenus() {
    let tree = tree(concat!(
        "mainmenu \"Top\"\nconfig A\n\tbool \"a\"\nif A\nconfig B\n\tbool \"b\"\nconfig C\n\tbool \"c\"\n\tdepends on B\n",
        "endif\ncomment \"about A\"\n\tdepends on A && D\nconfig D\n\tbool \"d\"\nmenu \"M\"\n\tdepends on D\n",
        "config E\n\tbool\n\nconfig F\n\tbool \"f\"\n\tdepends on E\nendmenu\nconfig G\n\tbool \"g\"\n\tdepends on A\n",
    ));
    assert_eq!(tree.node(NodeId::ROOT).prompt.as_ref().unwrap().text.as_ref(), "Top");
    assert_eq!(outline(&tree), "A\n  B\n    C\n  \"about A\"\nD\n  \"M\"\n    E\n    F\nG\n");
    assert_eq!(depends_of(&tree, "C"), "A && B");
    assert_eq!(depends_of(&tree, "F"), "D && E");
}

#[test]
fn visible_if_reaches_prompts_and_nothing_else() {
    let tree = tree(concat!(
        "menu \"Outer\"\n\tvisible if V\nmenu \"Inner\"\n\tvisible if W\n\tdepends on D\n",
        "config A\n\tbool \"a\" if P\n\tdefault y\nendmenu\nendmenu\n",
    ));
    assert_eq!(condition_of(&tree, "A"), "D && P && W && V");
    assert_eq!(depends_of(&tree, "A"), "D");
    let inner = tree.node(tree.symbol(symbol(&tree, "A")).nodes[0]).parent;
    assert_eq!(tree.expression(tree.node(inner).visible_if), "W");
    assert_eq!(tree.expression(tree.node(inner).prompt.as_ref().unwrap().condition), "D");
}

#[test]
fn several_definitions_are_one_symbol() {
    let tree = tree(concat!(
        "config A\n\tbool \"first\" if P\n\tdefault y if X\nconfig A\n\tdepends on B\n\tprompt \"second\"\n",
        "\tdefault n\nconfig A\n\tselect S if T\n\tdepends on C\n",
    ));
    let a = tree.symbol(symbol(&tree, "A"));
    assert_eq!(a.nodes.len(), 3);
    assert_eq!(tree.expression(a.depends), "B || C", "an entry without dependencies adds none, as in Linux");
    assert_eq!(tree.expression(a.visibility), "P || B");
    let conditions: Vec<_> = a.defaults.iter().map(|default| tree.expression(default.condition)).collect();
    assert_eq!(conditions, ["X", "B"]);
    let selected = tree.symbol(symbol(&tree, "S"));
    assert_eq!(tree.expression(selected.selected_by[0].expr), "A && C && T");
}

#[test]
fn m_needs_modules() {
    let text = "config A\n\ttristate \"a\" if m\n\tdepends on !m || B\n\tdefault m\n";
    assert_eq!(condition_of(&tree(text), "A"), "n", "nothing is a module where there are none");
    let with_modules = tree(&format!("{text}config MODS\n\tbool \"m\"\n\tmodules\n"));
    assert_eq!(condition_of(&with_modules, "A"), "(m || !MODS || B) && m && MODS");
    assert_eq!(default_of(&with_modules, "A"), "m");
    assert_eq!(with_modules.modules(), with_modules.find("MODS"));
}

#[test]
fn dependencies_have_the_form_that_linux_gives_them() {
    // B and C are bool, T is tristate, S is a text; there are modules.
    for (written, kept) in [
        ("B && B", "B"),
        ("B && C && B", "C && B"),
        ("(B || C) && (C || B)", "B || C"),
        ("B || y && C", "B || C"),
        ("B && n || C", "C"),
        ("B || !B", "y"),
        ("T || !T", "T || !T"),
        ("B = y", "B"),
        ("B = n", "!B"),
        ("B != n", "B"),
        ("!(B = y)", "!B"),
        ("T = y || T = m", "T!=n"),
        ("T = n || T = y", "T!=m"),
        ("T = m || T = n", "T!=y"),
        ("T && T = y", "T=y"),
        ("T && T != n", "T"),
        ("T && T != m", "T=y"),
        ("T = m && T != m", "n"),
        ("T = m && T != n", "T=m"),
        ("T != y && T != n", "T=m"),
        ("T != y && T != m", "T=n"),
        ("T != m && T != n", "T=y"),
        ("!(B && !C)", "!B || C"),
        ("!(B || S = \"x\")", "!B && S!=x"),
        ("!(S < 1) && !(S > 2)", "S>=1 && S<=2"),
        ("!!B", "B"),
        ("m", "m && MODS"),
        ("!m", "m || !MODS"),
        ("T != m", "T!=m"),
    ] {
        let tree = tree(&format!(
            "config MODS\n\tbool \"m\"\n\tmodules\nconfig B\n\tbool\nconfig C\n\tbool\nconfig T\n\ttristate\n\
             config S\n\tstring\nconfig A\n\tbool\n\tdepends on {written}\n"
        ));
        assert_eq!(depends_of(&tree, "A"), kept, "{written}");
    }
}

#[test]
fn depends_on_with_a_condition() {
    let tree = tree("config A\n\tbool \"a\"\n\tdepends on B if C\n\tdepends on D if E && F\n");
    assert_eq!(depends_of(&tree, "A"), "(B || C=n) && (D || E=n || F=n)");
}

#[test]
fn choices_have_members_and_members_have_options() {
    let tree = tree_of(&[
        (
            "menu/Kconfig",
            concat!(
                "choice\n\tprompt \"Stack\"\n\tdefault B if P\nrsource \"../libs/net-*/Kconfig\"\n",
                "if Q\nconfig C\n\tbool \"c\"\nendif\ncomment \"needs A\"\n\tdepends on A\nendchoice\n",
            ),
        ),
        (
            "libs/net-a/Kconfig",
            concat!(
                "config A\n\tbool \"a\"\nconfig A_SIZE\n\tint \"size\"\n\tdepends on A\n\tdefault 1\n",
                "config A_DEBUG\n\tbool \"debug\"\n\tdepends on A\nconfig A_LEVEL\n\tint \"level\"\n",
                "\tdepends on A_DEBUG\n\tdefault 2\nif A\nconfig A_LAST\n\tbool \"last\"\nendif\n",
            ),
        ),
        ("libs/net-b/Kconfig", "config B\n\tbool \"b\"\n"),
    ]);
    let lines =
        ["\"Stack\"", "  A", "    A_SIZE", "    A_DEBUG", "      A_LEVEL", "    A_LAST", "  B", "  C"];
    assert_eq!(outline(&tree), lines.join("\n") + "\n  \"needs A\"\n");
    let choice = tree.symbol(symbol(&tree, "A")).choice.unwrap();
    let members = tree.symbol(choice).members.iter().map(|&member| &*tree.symbol(member).name);
    assert_eq!(members.collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!(tree.symbol(symbol(&tree, "A_DEBUG")).choice, None);
    assert_eq!(depends_of(&tree, "C"), "Q");
}

#[test]
fn named_choices_go_on_elsewhere() {
    let tree = tree(concat!(
        "choice SLOT\n\tbool \"Slot\"\n\toptional\nconfig A\n\tbool \"a\"\nendchoice\nconfig X\n\tbool \"x\"\n",
        "choice SLOT\nconfig B\n\tbool \"b\"\nendchoice\n",
    ));
    let slot = tree.symbol(symbol(&tree, "SLOT"));
    assert!(slot.is_optional);
    let members: Vec<_> = slot.members.iter().map(|&member| &*tree.symbol(member).name).collect();
    assert_eq!(members, ["A", "B"]);
}

#[test]
fn files_are_found_beside_each_other_and_by_pattern() {
    let tree = tree_of(&[
        ("Kconfig", "source \"sub/Kconfig\"\nosource \"not/there\"\norsource \"nor/*\"\nsource \"p/*.kc\""),
        ("sub/Kconfig", "rsource \"more\"\nrsource \"./deep/../also\"\n"),
        ("sub/more", "config MORE\n\tbool"),
        ("sub/also", "config ALSO\n\tbool\n"),
        ("p/b.kc", "config PB\n\tbool\n"),
        ("p/a.kc", "config PA\n\tbool\n"),
    ]);
    assert_eq!(outline(&tree), "MORE\nALSO\nPA\nPB\n");
    let paths: Vec<_> =
        tree.sources().files().map(|file| tree.sources().path(file).display().to_string()).collect();
    assert_eq!(paths, ["Kconfig", "sub/Kconfig", "sub/more", "sub/also", "p/a.kc", "p/b.kc"]);
}

#[test]
fn paths_without_quotes_are_read_as_before_linux_4_18() {
    let tree =
        tree_of(&[("Kconfig", "source sub/$(ARCH).in # comment\n"), ("sub/x86.in", "config A\n\tbool\n")]);
    assert_eq!(outline(&tree), "A\n");
}

#[test]
fn srctree_is_the_second_place_to_look() {
    let mut context = context(&[
        ("/src/Kconfig", "source \"a\"\nsource \"d/*\"\n"),
        ("/src/a", "config FROM_SRC\n\tbool\n"),
        ("a", "config FROM_HERE\n\tbool\n"),
        ("/src/d/x", "config DX\n\tbool\n"),
        ("d/y", "config DY\n\tbool\n"),
    ]);
    context.srctree = Some("/src".into());
    let tree = load(Path::new("Kconfig"), &mut context).expect("a tree").tree;
    assert_eq!(outline(&tree), "FROM_HERE\nDX\nDY\n");
}

#[test]
fn old_options() {
    let tree = tree(concat!(
        "config ARCH_NAME\n\tstring\n\toption env=\"ARCH\"\nconfig MODS\n\tbool \"m\"\n\toption modules\n",
        "config LIST\n\tstring\n\toption defconfig_list\n\tdefault \"arch/x\"\nconfig EMBEDDED\n\tbool \"e\"\n",
        "\toption allnoconfig_y\n",
    ));
    assert_eq!(default_of(&tree, "ARCH_NAME"), "x86");
    assert!(tree.symbol(symbol(&tree, "ARCH_NAME")).is_automatic);
    assert_eq!(tree.modules(), tree.find("MODS"));
    assert_eq!(tree.defconfig_list(), tree.find("LIST"));
    assert!(tree.symbol(symbol(&tree, "EMBEDDED")).is_allnoconfig_y);
}

#[test]
fn later_keywords_are_names_elsewhere() {
    let tree = tree(
        "optional := y\nconfig transitional\n\tbool \"t\"\n\tdepends on option\n\tdefault $(optional)\n",
    );
    assert_eq!(
        (depends_of(&tree, "transitional").as_str(), &*default_of(&tree, "transitional")),
        ("option", "y")
    );
}

#[test]
fn numbers_are_constants_unless_defined() {
    let tree =
        tree("config 64BIT\n\tbool \"64\"\nconfig A\n\thex \"a\"\n\trange 0x1 64\n\tdefault 5 if B = -5\n");
    assert_eq!(tree.symbol(symbol(&tree, "64BIT")).kind, Type::Bool);
    assert!(tree.find("64").is_none() && tree.find("-5").is_none() && tree.find("0x1").is_none());
    let range = tree.symbol(symbol(&tree, "A")).ranges[0];
    assert_eq!(&*tree.symbol(range.high).name, "64");
}

#[test]
fn one_run_tells_most_of_what_is_wrong() {
    let text = concat!(
        "config A\n\tbool \"a\"\n\tdepnds on B\n\tdefault y &&\nmenu \"m\"\nif A\nendmenu\nsource \"none\"\nconfig B\n\tbol \"b\"\n",
        "\thelp\n\t  Read all the same.\n",
    );
    let failure = load(Path::new("Kconfig"), &mut context(&[("Kconfig", text)])).unwrap_err();
    let lines: Vec<u32> = failure
        .diagnostics
        .iter()
        .map(|diagnostic| failure.sources.position(diagnostic.span.unwrap()).line)
        .collect();
    assert_eq!(lines, [3, 4, 6, 8, 10]);
    assert!(failure.diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Error));
}

#[test]
fn depth_is_no_danger() {
    let count = 20_000;
    let nested = format!("{}config X\n\tbool \"x\"\n{}", "if A\n".repeat(count), "endif\n".repeat(count));
    assert_eq!(outline(&tree(&nested)), "X\n");
    let parentheses =
        format!("config X\n\tbool \"x\"\n\tdepends on {}A{}\n", "(".repeat(count), ")".repeat(count));
    assert_eq!(depends_of(&tree(&parentheses), "X"), "A");
    let chain: String =
        (1..count).map(|n| format!("config A{n}\n\tbool \"a\"\n\tdepends on A{}\n", n - 1)).collect();
    assert_eq!(tree(&chain).walk().count(), count);
    let values: String = (1..count).map(|n| format!("config A{n}\n\tdef_bool A{}\n", n - 1)).collect();
    assert_eq!(tree(&values).walk().count(), count);
    let operators = format!("config X\n\tbool \"x\"\n\tdepends on {}A\n", "!".repeat(count));
    let failure = load(Path::new("Kconfig"), &mut context(&[("Kconfig", &operators)])).unwrap_err();
    assert_eq!(failure.diagnostics[0].code, codes::EXPRESSION_TOO_DEEP);
}

#[test]
fn nothing_runs_without_a_shell() {
    let mut context = context(&[("Kconfig", "X := $(shell,touch /tmp/never)\n")]);
    context.shell = Box::new(NoShell);
    let failure = load(Path::new("Kconfig"), &mut context).unwrap_err();
    assert_eq!(failure.diagnostics[0].code, codes::SHELL_FAILED);
}
