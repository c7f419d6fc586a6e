//! The [`Tree`] from a draft that is finished.

use super::super::draft::{Draft, EntryId, EntryKind, Value};
use super::super::expr::ExprId;
use super::super::span::Sources;
use super::super::tree::{Default, Node, NodeId, NodeKind, Prompt, Range, Role, Select, Symbol, Tree};
use super::shape::Shape;

/// Gives each symbol the properties of its entries, in the order of the files.
pub(super) fn collect_properties(draft: &mut Draft) {
    let Draft { symbols, entries, properties, exprs, .. } = draft;
    for property in properties.iter() {
        let Some(symbol) = entries[property.entry as usize].symbol else { continue };
        let symbol = &mut symbols[symbol.index()];
        let (condition, span) = (property.condition.unwrap_or(ExprId::YES), property.span);
        match property.value {
            Value::Prompt(_) => symbol.visibility = exprs.or(symbol.visibility, condition),
            Value::Default(value) => symbol.defaults.push(Default { value, condition, span }),
            Value::Range(low, high) => symbol.ranges.push(Range { low, high, condition, span }),
            Value::Select(target) => symbol.selects.push(Select { target, condition, span }),
            Value::Imply(target) => symbol.implies.push(Select { target, condition, span }),
        }
    }
}

/// Numbers the entries that stay, and puts everything together.
pub(super) fn build(
    mut draft: Draft,
    mut shape: Shape,
    sources: Sources,
    environment: Vec<(String, String)>,
) -> Tree {
    let mut numbers = Vec::with_capacity(draft.entries.len());
    let mut count = 0;
    for entry in &draft.entries {
        numbers.push(NodeId(count));
        count += u32::from(entry.kind != EntryKind::If);
    }
    let number = |entry: EntryId| numbers[entry as usize];
    let mut nodes = Vec::with_capacity(count as usize);
    for (id, entry) in draft.entries.iter().enumerate() {
        let kind = match entry.kind {
            EntryKind::Menu => NodeKind::Menu,
            EntryKind::Config => NodeKind::Config,
            EntryKind::MenuConfig => NodeKind::MenuConfig,
            EntryKind::Choice => NodeKind::Choice,
            EntryKind::Comment => NodeKind::Comment,
            EntryKind::If => continue,
        };
        let prompt = entry.prompt.and_then(|prompt| {
            let property = &mut draft.properties[prompt as usize];
            let Value::Prompt(text) = &mut property.value else { return None };
            let condition = property.condition.unwrap_or(ExprId::YES);
            Some(Prompt { text: std::mem::take(text), condition, span: property.span })
        });
        let children = std::mem::take(&mut shape.children[id]);
        nodes.push(Node {
            kind,
            symbol: entry.symbol,
            prompt,
            depends: entry.depends.unwrap_or(ExprId::YES),
            visible_if: entry.visible_if.unwrap_or(ExprId::YES),
            parent: number(shape.parents[id]),
            children: children.into_iter().map(number).collect(),
            span: entry.span,
            help: entry.help,
        });
    }
    for symbol in &mut draft.symbols {
        for node in &mut symbol.nodes {
            *node = number(node.0);
        }
        if is_number(symbol) {
            symbol.role = Role::Constant;
            draft.names.remove(&symbol.name);
        }
    }
    for (name, choice) in draft.choices {
        draft.names.entry(name).or_insert(choice);
    }
    Tree {
        symbols: draft.symbols,
        nodes,
        exprs: draft.exprs,
        names: draft.names,
        modules: draft.modules,
        defconfig_list: draft.defconfig_list,
        sources,
        environment,
    }
}

/// Whether a name that nothing defines is a literal: `42`, `-1`, `0xff`.
fn is_number(symbol: &Symbol) -> bool {
    if symbol.role != Role::Plain || !symbol.nodes.is_empty() {
        return false;
    }
    let name = symbol.name.strip_prefix('-').unwrap_or(&symbol.name);
    let is_decimal = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let hex = name.strip_prefix("0x").or_else(|| name.strip_prefix("0X"));
    is_decimal || hex.is_some_and(|hex| !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
