//! Explanations as text.

use crate::kconfig::Type;

use super::condition::text;
use super::{Explanation, Link, Why};

impl Explanation {
    /// As text of several lines, each ended by a newline.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let prompt = self.definitions.iter().find_map(|definition| definition.prompt.as_deref());
        match (self.name.as_str(), prompt) {
            ("", prompt) => line(&mut out, prompt.unwrap_or("(without a name)")),
            (name, Some(prompt)) => line(&mut out, &format!("{name} — {prompt}")),
            (name, None) => line(&mut out, name),
        }
        if self.symbol.is_some() {
            let value = if self.value.is_empty() { "empty" } else { &self.value };
            entry(&mut out, "value", &format!("{value} ({})", self.why_text()));
        }
        if let Some(wanted) = &self.set_to {
            entry(&mut out, "set to", wanted);
        }
        if let Some(obstacle) = &self.obstacle {
            entry(&mut out, "but", obstacle);
        }
        if self.kind != Type::Unknown {
            entry(&mut out, "type", &self.type_text());
        }
        if !self.depends.is_empty() {
            entry(&mut out, "needs", &text(&self.depends));
        }
        links(&mut out, "members", &self.members);
        links(&mut out, "selects", &self.selects);
        links(&mut out, "implies", &self.implies);
        links(&mut out, "selected by", &self.selected_by);
        links(&mut out, "implied by", &self.implied_by);
        if let Some(bytes) = self.bytes {
            entry(&mut out, "size", &format!("{bytes} bytes"));
        }
        for definition in &self.definitions {
            entry(&mut out, "defined at", &format!("{} in {}", definition.place, definition.path));
        }
        if !self.help.is_empty() {
            out.push('\n');
            self.help.lines().for_each(|help| line(&mut out, help));
        }
        out
    }

    /// Why it has its value, in a few words: `default of net/Kconfig:12`, `selected by NET`.
    pub fn why_text(&self) -> String {
        let names =
            |links: &[Link]| list(&links.iter().map(|link| link.name.clone()).collect::<Vec<_>>(), "and");
        match &self.why {
            Why::NoValue => String::new(),
            Why::User(place) => {
                let set = match place {
                    None => "set by you".to_string(),
                    Some(place) => format!("set in {}:{}", place.path.display(), place.line),
                };
                if self.is_default { format!("{set}, as by default") } else { set }
            }
            Why::Default { place, .. } => format!("default of {}:{}", place.path.display(), place.line),
            Why::Selected(by) => format!("selected by {}", names(by)),
            Why::Implied(by) => format!("implied by {}", names(by)),
            Why::Choice { picked: Some(picked), by_user } => {
                let is_it = Some(picked.symbol) == self.symbol;
                match (is_it, by_user) {
                    (true, true) => "picked in its choice".to_string(),
                    (true, false) => "picked in its choice by default".to_string(),
                    (false, true) => format!("{} is picked", picked.name),
                    (false, false) => format!("{} is picked by default", picked.name),
                }
            }
            Why::Choice { picked: None, .. } => "nothing is picked".to_string(),
            Why::Nothing => "no default".to_string(),
        }
    }

    fn type_text(&self) -> String {
        let kind = match self.kind {
            Type::Unknown => "none",
            Type::Bool => "bool",
            Type::Tristate => "tristate",
            Type::Int => "int",
            Type::Hex => "hex",
            Type::String => "string",
        };
        match &self.range {
            Some((low, high)) => format!("{kind}, {low} to {high}"),
            None if self.allowed.len() > 1 => format!("{kind}, may be {}", list(&self.allowed, "or")),
            None => kind.to_string(),
        }
    }
}

/// Words as a person lists them: `A, B and C`.
pub(super) fn list(words: &[String], joint: &str) -> String {
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} {joint} {last}", rest.join(", ")),
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn entry(out: &mut String, title: &str, text: &str) {
    line(out, &format!("  {title:<12} {text}"));
}

fn links(out: &mut String, title: &str, links: &[Link]) {
    for (index, link) in links.iter().enumerate() {
        let mut said = format!("{} ({})", link.name, link.value);
        if !link.condition.is_empty() {
            said.push_str(&format!(" if {}", text(&link.condition)));
        }
        entry(out, if index == 0 { title } else { "" }, &said);
    }
}
