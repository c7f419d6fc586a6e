//! From the top file to a [`Tree`].

use std::path::Path;

use super::context::Context;
use super::diagnostic::Diagnostic;
use super::finalise::finalise;
use super::parser::parse;
use super::span::Sources;
use super::tree::Tree;

/// A tree, and what there was to say about it.
#[derive(Debug)]
pub struct Loaded {
    /// The tree.
    pub tree: Tree,
    /// Warnings and what `$(info,…)` printed, in order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why there is no tree.
#[derive(Debug)]
pub struct Failure {
    /// The files as far as they were read.
    pub sources: Sources,
    /// At least one error.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads `top` and everything that it sources. May run commands, through `context.shell`.
pub fn load(top: &Path, context: &mut Context) -> Result<Loaded, Failure> {
    let parsed = parse(top, context);
    let (sources, mut report) = (parsed.world.sources, parsed.world.report);
    if report.has_errors() {
        return Err(Failure { sources, diagnostics: report.diagnostics });
    }
    match finalise(parsed.draft, sources, parsed.world.macros.environment, &mut report) {
        Ok(tree) => Ok(Loaded { tree, diagnostics: report.diagnostics }),
        Err(sources) => Err(Failure { sources, diagnostics: report.diagnostics }),
    }
}
