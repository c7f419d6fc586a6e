//! The entry in the menu: the micro-library's Kconfig as a part of kit's own tree.

use kit_menu::kconfig::codes::{HELP_IS_SILENT, NO_RANGE, NOT_IN_THE_MENU};
use kit_menu::kconfig::{Diagnostic, Node, Role, Severity, Span, Symbol, Tree as Menu, Type};
use kit_menu::own_tree::{self, App};
use kit_menu::shelf::Provides;
use kit_menu::{Package, Shelf, composition};

use super::report::Report;
use crate::tree::Tree;

/// What a help text says, and the words by which it does.
const STATEMENTS: [(&str, &str); 3] =
    [("choose", "when to choose it"), ("cost", "what it costs"), ("need", "what it needs")];

/// Checks the Kconfig of `package`.
pub fn check(report: &mut Report, tree: &Tree, of_tree: &Shelf, package: &Package) {
    if report.read(package.leaf()).is_none() {
        report.absent(NOT_IN_THE_MENU, package.leaf(), "see libs/sched-coop/Kconfig of the kit tree");
        return;
    }
    let mut shelf = of_tree.clone();
    shelf.packages.retain(|other| other.folder != package.folder);
    shelf.packages.push(package.clone());
    let loaded = match own_tree::read(&tree.root, &shelf, App::Ported) {
        Ok(loaded) => loaded,
        Err(failure) => {
            for error in failure.diagnostics.iter().filter(|one| one.severity == Severity::Error) {
                report.pass_on(error, &failure.sources);
            }
            return;
        }
    };
    let menu = &loaded.tree;
    let leaf = composition::leaf_of(package, &tree.root);
    let is_of_leaf = |span: Span| menu.sources().path(span.file) == leaf;
    for warning in &loaded.diagnostics {
        if warning.span.is_some_and(is_of_leaf) {
            report.pass_on(warning, menu.sources());
        }
    }
    for provides in &package.metadata.provides {
        check_entry(report, &shelf, menu, package, provides);
    }
    for (_, symbol) in menu.symbols().filter(|(_, symbol)| symbol.role == Role::Plain) {
        for node in symbol.nodes.iter().map(|node| (*node, menu.node(*node))) {
            if is_of_leaf(node.1.span) {
                check_help(report, menu, symbol, node.1, menu.help(node.0).unwrap_or_default().as_ref());
                check_range(report, menu, symbol, node.1);
            }
        }
    }
}

/// Whether the option is an entry of the choice of its slot, or beside it if it is a wrapper.
fn check_entry(report: &mut Report, shelf: &Shelf, menu: &Menu, package: &Package, provides: &Provides) {
    let (slot, option, leaf) = (&*provides.slot, &*provides.option, package.leaf());
    let defined = menu.find(option).map(|symbol| menu.symbol(symbol)).filter(|symbol| {
        symbol.kind == Type::Bool && symbol.nodes.iter().any(|node| menu.node(*node).prompt.is_some())
    });
    let Some(symbol) = defined else {
        if let Some(leaf) = report.read(leaf) {
            let message = format!("{option} is not defined here as a bool with a prompt");
            let help = format!("add: config {option}, bool \"…\", help");
            report.complain(&leaf, NOT_IN_THE_MENU, option, message, &help);
        }
        return;
    };
    // Parts that a platform brings along are chosen by the platform.
    // Of a slot whose members are mounted, an image may have several.
    let defines_slot = |package: &&Package| package.metadata.slot.as_deref() == Some(slot);
    let has_choice = shelf
        .packages
        .iter()
        .find(defines_slot)
        .is_some_and(|slot| slot.metadata.mounts.is_none() && slot.folder.join("Kconfig").exists());
    let is_out_of_place = symbol.choice.is_some() == provides.wraps.is_some();
    if package.metadata.platform.is_none() && has_choice && is_out_of_place {
        let span = symbol.nodes.first().map(|node| menu.node(*node).span);
        let message = match provides.wraps {
            None => format!("{option} is not an entry of the choice of the slot {slot}"),
            Some(_) => {
                format!("{option} wraps, so it stands beside the choice of the slot {slot}, not in it")
            }
        };
        let diagnostic = Diagnostic::new(NOT_IN_THE_MENU, span, message)
            .help(format!("its Kconfig must be found as libs/{slot}-*/{leaf}"));
        report.pass_on(&diagnostic, menu.sources());
    }
}

fn check_help(report: &mut Report, menu: &Menu, symbol: &Symbol, node: &Node, help: &str) {
    let help = help.to_lowercase();
    let missing: Vec<&str> =
        STATEMENTS.iter().filter(|(word, _)| !help.contains(word)).map(|(_, what)| *what).collect();
    if !missing.is_empty() {
        let message = format!("the help of {} does not say {}", symbol.name, missing.join(", nor "));
        let diagnostic = Diagnostic::new(HELP_IS_SILENT, Some(node.span), message)
            .help("three sentences: Choose it … Costs … Needs …");
        report.pass_on(&diagnostic, menu.sources());
    }
}

fn check_range(report: &mut Report, menu: &Menu, symbol: &Symbol, node: &Node) {
    if matches!(symbol.kind, Type::Int | Type::Hex) && symbol.ranges.is_empty() && node.prompt.is_some() {
        let message = format!("{} has no range", symbol.name);
        let diagnostic =
            Diagnostic::new(NO_RANGE, Some(node.span), message).help("add: range LEAST GREATEST");
        report.pass_on(&diagnostic, menu.sources());
    }
}
