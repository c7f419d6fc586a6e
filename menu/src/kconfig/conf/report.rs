//! Messages on standard error, in the words of Linux's `conf` where its tests expect them.

use std::collections::BTreeMap;
use std::io;

use super::super::codes::{self, Code};
use super::super::diagnostic::{Diagnostic, Severity};
use super::super::span::{Sources, Span};
use super::terminal::Terminal;

/// How many messages with the same code are shown in full: a `.config` of another project has a thousand unknown
/// names.
const MOST: usize = 20;

/// Prints messages in order: what `$(info,…)` says on standard output, all else on standard error.
pub(super) fn report(
    terminal: &mut Terminal<'_>,
    diagnostics: &[Diagnostic],
    sources: &Sources,
) -> io::Result<()> {
    // Linux's tests expect one loop right after the other, so these come first, all of them, in its words.
    for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.code == codes::RECURSIVE_DEPENDENCY) {
        terminal.errors.write_all(recursive_dependency(diagnostic).as_bytes())?;
    }
    let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        if diagnostic.severity == Severity::Info {
            writeln!(terminal.output, "{}", diagnostic.message)?;
            continue;
        }
        let can_be_many = diagnostic.severity == Severity::Warning && diagnostic.code != codes::WARNING_IF;
        let count = counts.entry(diagnostic.code).or_default();
        *count += usize::from(can_be_many);
        if *count <= MOST {
            terminal.errors.write_all(one(diagnostic, sources).as_bytes())?;
        }
    }
    for (code, count) in counts.into_iter().filter(|&(_, count)| count > MOST) {
        writeln!(terminal.errors, "warning[{code}]: {} more like these", count - MOST)?;
    }
    Ok(())
}

fn recursive_dependency(diagnostic: &Diagnostic) -> String {
    let mut text = "error: recursive dependency detected!\n".to_string();
    for note in &diagnostic.notes {
        text.extend(["\t", &note.message, "\n"]);
    }
    text.push_str("For a resolution refer to Documentation/kbuild/kconfig-language.rst\n");
    text.push_str("subsection \"Kconfig recursive dependency limitations\"\n\n");
    text
}

fn one(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let message = &diagnostic.message;
    let at = |span: Option<Span>| {
        span.map(|span| sources.position(span)).map(|at| format!("{}:{}", at.path.display(), at.line))
    };
    let place = at(diagnostic.span).unwrap_or_default();
    match diagnostic.code {
        // The author's own words, or what has no more to show.
        codes::WARNING_IF | codes::ERROR_IF | codes::RECURSIVE_VARIABLE => format!("{place}: {message}\n"),
        codes::RECURSIVE_INCLUSION => {
            let name = message.split('`').nth(1).unwrap_or_default();
            let mut text =
                format!("Recursive inclusion detected.\nInclusion path:\n  current file : {name}\n");
            let links = std::iter::once(diagnostic.span).chain(diagnostic.notes.iter().map(|note| note.span));
            for link in links.filter_map(at) {
                text.extend(["  included from: ", &link, "\n"]);
            }
            text + &diagnostic.render(sources)
        }
        _ => diagnostic.render(sources),
    }
}
