//! `kit graph`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Graph, formats, svg};
use crate::library::view::{AppArgs, View};
use crate::stamp::write_if_changed;
use crate::{Failure, Result};

/// Arguments of `kit graph`.
#[derive(Args)]
pub struct GraphArgs {
    /// Folder of the app's crate [default: the crate around the present folder; without one, the defaults]
    pub path: Option<PathBuf>,
    /// Platform of the image [default: `[image] platform` of kit.toml, else kvm]
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    pub format: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How a graph is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A picture that stands alone
    Svg,
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// `{"nodes": […], "edges": […]}`
    Json,
}

/// `kit graph`.
pub fn command(arguments: &GraphArgs) -> Result<u8> {
    let app = AppArgs { app: arguments.path.clone(), platform: arguments.platform.clone() };
    let graph = Graph::of(&View::open(&app)?)?;
    let text = match arguments.format {
        Format::Svg => svg::draw(&graph),
        Format::Dot => formats::dot(&graph),
        Format::Mermaid => formats::mermaid(&graph),
        Format::Json => format!("{}\n", serde_json::json!(graph)),
    };
    match &arguments.output {
        None => print!("{text}"),
        Some(path) => {
            write_if_changed(path, text.as_bytes()).map_err(|failure| Failure::failed(failure.message))?;
        }
    }
    Ok(0)
}
