//! The questions of `oldaskconfig`, `oldconfig` and `syncconfig`, and the lists of new symbols.
//!
//! The menu is walked with a stack of our own: automatic submenus nest as deep as symbols depend on each other.

use std::io;

use super::super::config::Config;
use super::super::file::line::{self, No};
use super::super::tree::{Node, NodeId, NodeKind, Role, SymbolId, Type};
use super::help;
use super::terminal::{Answer, Terminal};

/// What is done with the symbols that have no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Ask for every symbol.
    AskAll,
    /// Ask for symbols that have no value.
    AskNew,
    /// Print their assignments.
    List,
    /// Print their help.
    Help,
}

/// Why a dialogue ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The input ended where a symbol (its name) needs a value.
    NoAnswer(String),
    /// A stream failed.
    Stream(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

/// A step of the walk.
enum Step {
    /// Ask for an entry and those in it.
    Ask(NodeId),
    /// Look for new symbols in an entry.
    Check(NodeId),
    /// The entries in a symbol's entry are done.
    Outdent,
}

pub(super) struct Dialogue<'a, 'b> {
    pub(super) config: &'a mut Config,
    pub(super) terminal: &'a mut Terminal<'b>,
    pub(super) prefix: &'a str,
    pub(super) purpose: Purpose,
    /// The menu that questions are about; within it, other menus are shown only if they have new symbols.
    root: NodeId,
    /// Spaces before each line.
    indent: usize,
    /// How often the questions began anew in this round.
    restarts: usize,
    steps: Vec<Step>,
}

impl<'a, 'b> Dialogue<'a, 'b> {
    pub(super) fn new(
        config: &'a mut Config,
        terminal: &'a mut Terminal<'b>,
        prefix: &'a str,
        purpose: Purpose,
    ) -> Self {
        Self {
            config,
            terminal,
            prefix,
            purpose,
            root: NodeId::ROOT,
            indent: 0,
            restarts: 0,
            steps: Vec::new(),
        }
    }

    /// Walks the menu until there is nothing new.
    pub(super) fn run(&mut self) -> Result<(), Stop> {
        if self.purpose == Purpose::AskAll {
            self.steps.push(Step::Ask(NodeId::ROOT));
            self.walk()?;
            self.purpose = Purpose::AskNew;
        }
        loop {
            let before = self.values();
            self.restarts = 0;
            self.steps.push(Step::Check(NodeId::ROOT));
            self.walk()?;
            // A round of questions that gave no symbol a value would be asked for ever.
            if self.restarts == 0 || self.values() == before {
                return Ok(());
            }
        }
    }

    /// How many symbols have been given a value.
    fn values(&self) -> usize {
        let tree = self.config.tree();
        tree.symbols().filter(|&(symbol, _)| self.config.has_user_value(symbol)).count()
    }

    fn walk(&mut self) -> Result<(), Stop> {
        while let Some(step) = self.steps.pop() {
            match step {
                Step::Ask(node) if self.config.is_shown(node) => self.ask(node)?,
                Step::Check(node) if self.config.is_shown(node) => self.check(node)?,
                Step::Ask(_) | Step::Check(_) => {}
                Step::Outdent => self.indent -= 2,
            }
        }
        Ok(())
    }

    fn check(&mut self, id: NodeId) -> Result<(), Stop> {
        let tree = self.config.tree().clone();
        let node = tree.node(id);
        self.steps.extend(node.children.iter().rev().map(|&child| Step::Check(child)));
        let Some(symbol) =
            node.symbol.filter(|&symbol| self.is_new(symbol) && self.config.is_changeable(symbol))
        else {
            return Ok(());
        };
        match self.purpose {
            Purpose::List => {
                let mut text = String::new();
                line::push(&mut text, self.config, self.prefix, symbol, No::Value, true);
                self.terminal.output.write_all(text.as_bytes())?;
            }
            Purpose::Help => {
                writeln!(self.terminal.output, "-----")?;
                self.print_help(id)?;
                writeln!(self.terminal.output, "-----")?;
            }
            Purpose::AskAll | Purpose::AskNew => {
                if self.restarts == 0 {
                    write!(self.terminal.output, "*\n* Restart config...\n*\n")?;
                }
                self.restarts += 1;
                self.root = id;
                while self.root != NodeId::ROOT && !is_menu(tree.node(self.root)) {
                    self.root = tree.node(self.root).parent;
                }
                self.steps.push(Step::Ask(self.root));
            }
        }
        Ok(())
    }

    fn ask(&mut self, id: NodeId) -> Result<(), Stop> {
        let tree = self.config.tree().clone();
        let node = tree.node(id);
        if is_menu(node) && self.purpose != Purpose::AskAll && self.root != id {
            self.steps.push(Step::Check(id));
            return Ok(());
        }
        if is_menu(node) || node.kind == NodeKind::Comment {
            let (margin, title) = (self.indent, prompt(node));
            write!(self.terminal.output, "{:margin$}*\n{:margin$}* {title}\n{:margin$}*\n", "", "", "")?;
        }
        if let Some(symbol) = node.symbol {
            match tree.symbol(symbol).kind {
                _ if tree.symbol(symbol).role == Role::Choice => return self.ask_choice(id, symbol),
                Type::Int | Type::Hex | Type::String => self.ask_text(id, symbol)?,
                _ => self.ask_tristate(id, symbol)?,
            }
            self.indent += 2;
            self.steps.push(Step::Outdent);
        }
        self.steps.extend(node.children.iter().rev().map(|&child| Step::Ask(child)));
        Ok(())
    }

    fn ask_text(&mut self, id: NodeId, symbol: SymbolId) -> Result<(), Stop> {
        let tree = self.config.tree().clone();
        let (node, name) = (tree.node(id), &tree.symbol(symbol).name);
        loop {
            let margin = self.indent;
            let value = self.config.text(symbol);
            write!(self.terminal.output, "{:margin$}{} ({name}) [{value}] ", "", prompt(node))?;
            let Some(answer) = self.read(symbol, &value)? else { return Ok(()) };
            let is_taken = match answer.line.as_str() {
                "?\n" => {
                    self.print_help(id)?;
                    false
                }
                "\n" => self.config.set(symbol, &value).is_ok(),
                line => {
                    // The last character goes, newline or not, as in Linux.
                    let end = line.char_indices().next_back().map_or(0, |(at, _)| at);
                    self.config.set(symbol, &line[..end]).is_ok()
                }
            };
            if is_taken {
                return Ok(());
            }
            if answer.is_last {
                return Err(Stop::NoAnswer(name.to_string()));
            }
        }
    }

    fn ask_tristate(&mut self, id: NodeId, symbol: SymbolId) -> Result<(), Stop> {
        let tree = self.config.tree().clone();
        let (node, name) = (tree.node(id), &tree.symbol(symbol).name);
        loop {
            let margin = self.indent;
            let value = self.config.tristate(symbol);
            let capital = value.as_str().to_ascii_uppercase();
            write!(self.terminal.output, "{:margin$}{} ({name}) [{capital}", "", prompt(node))?;
            let mut others = self.config.allowed(symbol);
            others.sort_unstable();
            for other in others.into_iter().filter(|&other| other != value) {
                write!(self.terminal.output, "/{}", other.as_str())?;
            }
            write!(self.terminal.output, "/?] ")?;
            let Some(answer) = self.read(symbol, value.as_str())? else { return Ok(()) };
            let text = answer.word();
            let wanted = match text {
                "" => Some(value.as_str()),
                "n" | "N" | "no" | "No" => Some("n"),
                "m" | "M" => Some("m"),
                "y" | "Y" | "yes" | "Yes" => Some("y"),
                _ => None,
            };
            match wanted {
                Some(value) if self.config.set(symbol, value).is_ok() => return Ok(()),
                _ if answer.is_end() => return Err(Stop::NoAnswer(name.to_string())),
                None if !text.starts_with('?') => {}
                _ => self.print_help(id)?,
            }
        }
    }

    fn ask_choice(&mut self, id: NodeId, choice: SymbolId) -> Result<(), Stop> {
        let tree = self.config.tree().clone();
        let node = tree.node(id);
        let mut is_new = false;
        loop {
            let margin = self.indent;
            writeln!(self.terminal.output, "{:margin$}{}", "", prompt(node))?;
            let picked = self.config.picked(choice);
            let mut members = Vec::new();
            let mut default = 0;
            for &child in node.children.iter().filter(|&&child| self.config.is_shown(child)) {
                let title = prompt(tree.node(child));
                let Some(member) = tree.node(child).symbol else {
                    writeln!(self.terminal.output, "{:margin$}* {title}", "")?;
                    continue;
                };
                members.push((child, member));
                let number = members.len();
                let is_picked = picked == Some(member);
                if is_picked {
                    default = number;
                }
                let mark = if is_picked { '>' } else { ' ' };
                let name = &tree.symbol(member).name;
                write!(self.terminal.output, "{:margin$}{mark} {number}. {title} ({name})", "")?;
                if self.is_new(member) {
                    is_new = true;
                    write!(self.terminal.output, " (NEW)")?;
                }
                writeln!(self.terminal.output)?;
            }
            write!(self.terminal.output, "{:margin$}choice", "")?;
            let fixed = match members.len() {
                0 => {
                    writeln!(self.terminal.output)?;
                    return Ok(());
                }
                1 => {
                    writeln!(self.terminal.output, "[1]: 1")?;
                    Some(1)
                }
                count => {
                    write!(self.terminal.output, "[1-{count}?]: ")?;
                    (self.purpose == Purpose::AskNew && !is_new).then_some(default)
                }
            };
            if let Some(number) = fixed {
                if members.len() > 1 {
                    writeln!(self.terminal.output, "{number}")?;
                }
                if let Some(&(_, member)) = number.checked_sub(1).and_then(|index| members.get(index)) {
                    let _ = self.config.set(member, "y"); // what is `y` already can be set to `y`
                }
                return Ok(());
            }
            let answer = self.terminal.answer("")?;
            let text = answer.word();
            let number = if text.is_empty() { default } else { leading_number(text) };
            match number.checked_sub(1).and_then(|index| members.get(index)) {
                _ if text.starts_with('?') => self.print_help(id)?,
                Some(&(child, _)) if text.ends_with('?') => self.print_help(child)?,
                Some(&(_, member)) if self.config.set(member, "y").is_ok() => return Ok(()),
                _ if answer.is_end() => return Err(Stop::NoAnswer(prompt(node).to_string())),
                _ => {}
            }
        }
    }

    /// The answer to a question about `symbol`, which has been printed; none if there is nothing to ask.
    fn read(&mut self, symbol: SymbolId, value: &str) -> Result<Option<Answer>, Stop> {
        let is_new = self.is_new(symbol);
        if is_new {
            write!(self.terminal.output, "(NEW) ")?;
        }
        if !self.config.is_changeable(symbol) || (self.purpose == Purpose::AskNew && !is_new) {
            writeln!(self.terminal.output, "{value}")?;
            return Ok(None);
        }
        Ok(Some(self.terminal.answer("\n")?))
    }

    fn print_help(&mut self, id: NodeId) -> io::Result<()> {
        let text = help::text(self.config, id, self.prefix);
        write!(self.terminal.output, "\n{text}\n")
    }

    fn is_new(&self, symbol: SymbolId) -> bool {
        !self.config.has_user_value(symbol)
    }
}

/// Whether an entry has the title of a menu above what is in it.
fn is_menu(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Menu | NodeKind::MenuConfig) && node.prompt.is_some()
}

fn prompt(node: &Node) -> &str {
    node.prompt.as_ref().map_or("", |prompt| &prompt.text)
}

/// The number that `text` begins with; 0 if none.
fn leading_number(text: &str) -> usize {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..digits].parse().unwrap_or(0)
}
