//! Whether other tools read the Kconfig as kit does: the crate kconfig-parser stands for them.
//!
//! It drops the order of entries, choices, precedence and places, so it could not read the menu; but what a leaf
//! says of each option must be the same to both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kconfig_parser::ast::parser::ConditionContainer;
use kconfig_parser::ast::structs::Expr as Theirs;
use kconfig_parser::{Ast, Lexer, ast::Element};
use kit_menu::kconfig::codes::{NOT_PORTABLE, READ_DIFFERENTLY};
use kit_menu::kconfig::{Context, Expr, ExprId, MemoryFiles, NodeKind, Role, Severity, Tree, Type, load};

use kit_menu::own_tree::NoShell;

use super::report::Report;

/// What a reader says of one option.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Facts {
    kind: String,
    prompt: Option<String>,
    defaults: usize,
    selects: usize,
    implies: usize,
    /// Conditions that must all hold.
    depends: usize,
}

/// Compares the two readers on the folder's part of the menu.
pub fn check(report: &mut Report, leaf: &str) {
    let Some(leaf) = report.read(leaf) else { return };
    // It cuts text at bytes, which only ASCII survives.
    if let Some(letter) = leaf.text().chars().find(|letter| !letter.is_ascii()) {
        let message = format!("`{letter}` is not ASCII");
        let help = "kconfig-parser reads ASCII only";
        return report.complain(&leaf, NOT_PORTABLE, letter.encode_utf8(&mut [0; 4]), message, help);
    }
    let theirs = match theirs(leaf.text()) {
        Ok(theirs) => theirs,
        Err(message) => {
            let help = "`kit explain KIT0606` tells what it reads";
            return report.complain(&leaf, NOT_PORTABLE, "", format!("kconfig-parser: {message}"), help);
        }
    };
    let ours = match ours(leaf.path(), leaf.text()) {
        Ok(ours) => ours,
        Err(failure) => {
            for error in failure.diagnostics.iter().filter(|one| one.severity == Severity::Error) {
                report.pass_on(error, &failure.sources);
            }
            return;
        }
    };
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    for name in names {
        if let Some(difference) = difference(ours.get(name), theirs.get(name)) {
            let message = format!("{name}: {difference}");
            let help = "write each fact once, and nothing beyond `kit explain KIT0606`";
            report.complain(&leaf, READ_DIFFERENTLY, &format!("config {name}"), message, help);
        }
    }
}

/// What two readers differ in, if they do.
fn difference(ours: Option<&Facts>, theirs: Option<&Facts>) -> Option<String> {
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours, theirs),
        (Some(_), None) => return Some("kconfig-parser does not see it".to_string()),
        _ => return Some("only kconfig-parser sees it".to_string()),
    };
    let differ = |what: &str, one: String, other: String| {
        (one != other).then(|| format!("{what} is {one} to kit and {other} to kconfig-parser"))
    };
    let prompt =
        |facts: &Facts| facts.prompt.clone().map_or("nothing".to_string(), |text| format!("{text:?}"));
    let number = |what: &str, of: fn(&Facts) -> usize| {
        differ(&format!("the number of {what}"), of(ours).to_string(), of(theirs).to_string())
    };
    differ("its type", ours.kind.clone(), theirs.kind.clone())
        .or_else(|| differ("its prompt", prompt(ours), prompt(theirs)))
        .or_else(|| number("defaults", |facts| facts.defaults))
        .or_else(|| number("selects", |facts| facts.selects))
        .or_else(|| number("implies", |facts| facts.implies))
        .or_else(|| number("dependencies", |facts| facts.depends))
}

/// What kit reads, of the leaf by itself.
fn ours(path: &Path, text: &str) -> Result<BTreeMap<String, Facts>, kit_menu::kconfig::Failure> {
    let files = MemoryFiles(BTreeMap::from([(path.to_path_buf(), text.as_bytes().to_vec())]));
    let mut context = Context {
        srctree: None,
        environment: BTreeMap::new(),
        files: Box::new(files),
        shell: Box::new(NoShell),
    };
    let tree = load(path, &mut context)?.tree;
    let is_option = |kind: NodeKind| matches!(kind, NodeKind::Config | NodeKind::MenuConfig);
    let facts = tree.symbols().filter(|(_, symbol)| symbol.role == Role::Plain).filter_map(|(_, symbol)| {
        let nodes: Vec<_> = symbol.nodes.iter().map(|node| tree.node(*node)).collect();
        let first = nodes.iter().find(|node| is_option(node.kind))?;
        let kind = match symbol.kind {
            Type::Bool => "bool",
            Type::Tristate => "tristate",
            Type::Int => "int",
            Type::Hex => "hex",
            Type::String => "string",
            Type::Unknown => "none",
        };
        let facts = Facts {
            kind: kind.to_string(),
            prompt: first.prompt.as_ref().map(|prompt| prompt.text.to_string()),
            defaults: symbol.defaults.len(),
            selects: symbol.selects.len(),
            implies: symbol.implies.len(),
            depends: conjuncts(&tree, first.depends).len(),
        };
        Some((symbol.name.to_string(), facts))
    });
    Ok(facts.collect())
}

/// The conditions that an expression joins by `&&`.
fn conjuncts(tree: &Tree, id: ExprId) -> BTreeSet<ExprId> {
    let mut all = BTreeSet::new();
    let mut stack = vec![id];
    while let Some(id) = stack.pop() {
        match tree.exprs().get(id) {
            Expr::And(one, other) => stack.extend([one, other]),
            _ if id == ExprId::YES => {}
            _ => drop(all.insert(id)),
        }
    }
    all
}

/// What kconfig-parser reads.
fn theirs(text: &str) -> Result<BTreeMap<String, Facts>, String> {
    // It takes a name only where a line ends.
    let text = format!("{}\n", text.trim_end());
    let ast = Ast::parse(&mut Lexer::create(text.as_bytes())).map_err(|error| error.to_string())?;
    let mut facts = BTreeMap::new();
    // It keeps what is in `if` apart, at each level.
    let names = kconfig_parser::ast::Container::element_names(&ast);
    let elements = names.filter_map(|name| Some((name.clone(), ast.element(&name)?.clone())));
    collect(elements.collect(), &[], &mut facts);
    collect_conditions(&ast, &[], &mut facts);
    Ok(facts)
}

fn collect(elements: Vec<(String, Element)>, around: &[Theirs], facts: &mut BTreeMap<String, Facts>) {
    for (name, element) in elements {
        let own = element.dependencies().into_iter().map(|dependency| dependency.expr());
        let depends: Vec<Theirs> = around.iter().cloned().chain(own).collect();
        if let Element::Menu(menu) = &element {
            collect(element.sub_elements(), &depends, facts);
            collect_conditions(menu, &depends, facts);
            continue;
        }
        let mut conditions = BTreeSet::new();
        depends.iter().for_each(|expr| their_conjuncts(expr, &mut conditions));
        let count = |map: Option<usize>| map.unwrap_or(0);
        let kind = element.types().and_then(|types| Some(types.keys().next()?.to_string()));
        let own = Facts {
            kind: kind.unwrap_or("none".to_string()),
            prompt: element.prompt(),
            defaults: count(element.defaults().map(|all| all.len())),
            selects: count(element.reverse_dependencies().map(|all| all.len())),
            implies: count(element.weak_dependencies().map(|all| all.len())),
            depends: conditions.len(),
        };
        facts.insert(name, own);
    }
}

fn collect_conditions(
    container: &impl ConditionContainer,
    around: &[Theirs],
    facts: &mut BTreeMap<String, Facts>,
) {
    for block in container.conditional_blocks() {
        let depends: Vec<Theirs> = around.iter().cloned().chain([block.dependency().expr()]).collect();
        collect(block.elements(), &depends, facts);
        collect_conditions(&block, &depends, facts);
    }
}

fn their_conjuncts(expr: &Theirs, all: &mut BTreeSet<Theirs>) {
    match expr {
        Theirs::And(several) => several.iter().for_each(|one| their_conjuncts(one, all)),
        Theirs::Sub(inner) => their_conjuncts(inner, all),
        other => drop(all.insert(other.clone())),
    }
}
