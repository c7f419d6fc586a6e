//! Writes a `.config`: a heading, then every symbol that has a value, in the order of the menu.

use super::super::config::Config;
use super::super::tree::{Node, NodeId, NodeKind, SymbolId, Tree};
use super::line::{self, No};

/// What every written file has in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the name of each symbol begins with.
    pub prefix: String,
}

impl Default for Header {
    fn default() -> Self {
        Self { prefix: "CONFIG_".to_string() }
    }
}

/// The title of a tree: its `mainmenu`.
pub fn title(tree: &Tree) -> &str {
    prompt(tree.node(NodeId::ROOT)).unwrap_or("Main menu")
}

/// The heading of a file whose comments are lines that begin with `#`.
pub(super) fn heading(tree: &Tree) -> String {
    format!("#\n# Automatically generated file; DO NOT EDIT.\n# {}\n#\n", title(tree))
}

/// The text of a `.config`. Each visible menu and comment is a comment; a symbol with several entries stands
/// where the first is.
pub fn dot_config(config: &Config, header: &Header) -> String {
    dot_config_with(config, header, &[])
}

/// Like [`dot_config`], with the lines of further symbols, which have no value now.
pub(crate) fn dot_config_with(config: &Config, header: &Header, further: &[SymbolId]) -> String {
    let tree = &**config.tree();
    let mut text = heading(tree);
    let mut is_written = vec![false; tree.symbols().count()];
    let mut after_menu = false;
    let mut stack = vec![Step::Leave(NodeId::ROOT)];
    push_children(&mut stack, tree.node(NodeId::ROOT));
    while let Some(step) = stack.pop() {
        match step {
            Step::Enter(id) => {
                let node = tree.node(id);
                stack.push(Step::Leave(id));
                push_children(&mut stack, node);
                match (node.symbol, prompt(node)) {
                    (None, Some(prompt)) if config.is_shown(id) => {
                        text.extend(["\n#\n# ", prompt, "\n#\n"]);
                        after_menu = false;
                    }
                    (Some(symbol), _)
                        if !is_written[symbol.index()]
                            && (config.is_written(symbol) || further.contains(&symbol)) =>
                    {
                        if std::mem::take(&mut after_menu) {
                            text.push('\n');
                        }
                        is_written[symbol.index()] = true;
                        line::push(&mut text, config, &header.prefix, symbol, No::Comment, true);
                    }
                    _ => {}
                }
            }
            Step::Leave(id) => {
                let node = tree.node(id);
                if id != NodeId::ROOT
                    && node.kind == NodeKind::Menu
                    && let Some(prompt) = prompt(node)
                    && config.is_shown(id)
                {
                    text.extend(["# end of ", prompt, "\n"]);
                    after_menu = true;
                }
            }
        }
    }
    text
}

/// A step of the walk: depth is as the files have it, so not on the call stack.
enum Step {
    Enter(NodeId),
    Leave(NodeId),
}

fn push_children(stack: &mut Vec<Step>, node: &Node) {
    stack.extend(node.children.iter().rev().map(|&child| Step::Enter(child)));
}

fn prompt(node: &Node) -> Option<&str> {
    node.prompt.as_ref().map(|prompt| &*prompt.text)
}
