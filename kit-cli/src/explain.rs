//! `kit explain`: more about the code of a message.

use clap::Args;
use kit_menu::kconfig::codes::{self, Explanation};
use kit_menu::kconfig::{Code, Severity};
use serde_json::{Value, json};

use crate::{Failure, Result};

/// Arguments of `kit explain`.
#[derive(Args)]
pub struct ExplainArgs {
    /// A code, such as KIT0101 [default: list all codes]
    pub code: Option<String>,
    /// Print `{"codes": […]}`, each with code, severity, title, text
    #[arg(long)]
    pub json: bool,
}

/// `kit explain`.
pub fn command(arguments: &ExplainArgs) -> Result<u8> {
    let wanted = arguments.code.as_deref().map(find).transpose()?;
    let found: Vec<_> = match wanted {
        Some(explanation) => vec![explanation],
        None => codes::all().collect(),
    };
    match (arguments.json, wanted) {
        (true, _) => println!("{}", json!({ "codes": found.into_iter().map(object).collect::<Vec<_>>() })),
        (false, Some(explanation)) => {
            let Explanation { code, severity, title, text } = explanation;
            println!("{code} ({}): {title}\n\n{text}", word(*severity));
        }
        (false, None) => {
            for Explanation { code, severity, title, .. } in found {
                println!("{code}  {:<7}  {title}", word(*severity));
            }
        }
    }
    Ok(0)
}

fn find(text: &str) -> Result<&'static Explanation> {
    Code::parse(text)
        .and_then(Code::explanation)
        .ok_or_else(|| Failure::usage(format!("there is no code `{text}`; `kit explain` lists all")))
}

fn object(explanation: &Explanation) -> Value {
    json!({
        "code": explanation.code.to_string(),
        "severity": word(explanation.severity),
        "title": explanation.title,
        "text": explanation.text,
    })
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
