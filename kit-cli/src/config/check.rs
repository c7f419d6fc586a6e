//! `kit config check`.

use clap::Args;
use kit_menu::kconfig::Severity;
use kit_menu::session::Problem;
use serde_json::json;

use super::{Place, json as shape};
use crate::Result;

/// Arguments of `kit config check`.
#[derive(Args)]
pub struct CheckArgs {
    /// Print `{"problems": […]}`, each with severity, message, place, repairs
    #[arg(long)]
    pub json: bool,
}

/// `kit config check`: each problem with its place and the ways out. Exit code 1 if there is one.
pub fn command(place: &Place, arguments: &CheckArgs) -> Result<u8> {
    let session = place.open()?;
    let problems = session.problems();
    if arguments.json {
        let list: Vec<_> = problems.iter().map(shape::problem).collect();
        shape::print(&json!({ "problems": list }));
    } else if problems.is_empty() {
        println!("{}: no problems", session.store_name());
    } else {
        problems.iter().for_each(|problem| print!("{}", text(problem)));
    }
    Ok(u8::from(!problems.is_empty()))
}

/// A problem as lines: what, where, and what to do.
pub fn text(problem: &Problem) -> String {
    let severity = match problem.severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut text = match &problem.place {
        Some(place) => format!("{place}: {severity}: {}\n", problem.message),
        None => format!("{severity}: {}\n", problem.message),
    };
    for repair in &problem.repairs {
        text.push_str(&format!("  = {}\n", repair.label));
    }
    text
}
