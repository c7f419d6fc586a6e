//! `kit why`: who pulls a micro-library, or a crate below one, into an image.

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;

use crate::build::plan::Plan;
use crate::graph::{Edge, Graph, shortest_way};
use crate::library::view::{AppArgs, Entry, State, View};
use crate::progress::thousands;
use crate::{Failure, Result, size};

/// Arguments of `kit why`.
#[derive(Args)]
pub struct WhyArgs {
    /// Its option, its crate or its folder; or a published crate that the OS part of the image has
    pub library: String,
    /// Which app.
    #[command(flatten)]
    pub app: AppArgs,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// The answer for a micro-library.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    entry: Entry,
    /// What decided: a line of `kit.toml`, the default of a choice, or the platform.
    decided_by: Option<String>,
    /// From the app to it.
    way: Vec<String>,
    /// Which needs which through what slot, along the way.
    steps: Vec<Edge>,
    /// Everything that needs it directly.
    needed_by: Vec<String>,
}

/// `kit why`.
pub fn command(arguments: &WhyArgs) -> Result<u8> {
    let view = View::open(&arguments.app)?;
    let entry = match view.find(&arguments.library) {
        Ok(entry) => entry,
        Err(unknown) => return published(arguments, &view, unknown),
    };
    let graph = Graph::of(&view)?;
    let answer = answer(arguments, &graph, entry)?;
    match arguments.json {
        true => println!("{}", serde_json::json!(answer)),
        false => print(&view, &graph, &answer),
    }
    Ok(0)
}

fn answer(arguments: &WhyArgs, graph: &Graph, entry: Entry) -> Result<Answer> {
    let package = entry.package.clone();
    let way: Vec<String> =
        graph.way_to(&package).unwrap_or_default().iter().map(|node| node.name.clone()).collect();
    let step =
        |pair: &[String]| graph.edges.iter().find(|edge| edge.from == pair[0] && edge.to == pair[1]).cloned();
    let needed_by: BTreeSet<String> =
        graph.edges.iter().filter(|edge| edge.to == package).map(|edge| edge.from.clone()).collect();
    Ok(Answer {
        decided_by: decided_by(arguments, &entry)?,
        steps: way.windows(2).filter_map(step).collect(),
        way: if entry.state == State::InImage { way } else { Vec::new() },
        needed_by: needed_by.into_iter().collect(),
        entry,
    })
}

/// What put the option on.
fn decided_by(arguments: &WhyArgs, entry: &Entry) -> Result<Option<String>> {
    if entry.state != State::InImage {
        return Ok(None);
    }
    let by_default = match (entry.slot_prompt.is_empty(), &entry.slot) {
        (false, _) => format!("the default of \u{201c}{}\u{201d}", entry.slot_prompt),
        (true, Some(slot)) => format!("the slot {slot}: there is no choice"),
        (true, None) => "it comes with every image of this kind".to_string(),
    };
    // Without an app there is no kit.toml that could say so.
    let wishes = Plan::make(&arguments.app.target()).ok();
    let place = wishes.and_then(|plan| {
        let is_wished = plan.wishes.config.iter().any(|wish| wish.option == entry.option);
        let place = plan.project.kit_toml.place_of_option(&entry.option, &plan.platform.name);
        is_wished.then_some(place).flatten().map(|(line, _)| format!("kit.toml:{line}"))
    });
    Ok(Some(place.unwrap_or(by_default)))
}

fn print(view: &View, graph: &Graph, answer: &Answer) {
    let Entry { option, folder, state, bytes, .. } = &answer.entry;
    let image = format!("{} on {}", view.app.as_deref().unwrap_or("an image by default"), view.platform);
    let place = view.tree.relative(folder);
    match state {
        State::InImage => {
            let bytes = bytes.map_or(String::new(), |bytes| format!(", {} bytes", thousands(bytes)));
            println!("{option} ({}) is in {image}{bytes}", place.display());
        }
        State::Off => {
            println!(
                "{option} ({}) is not in {image}: nothing chooses it; `kit add {option}` does",
                place.display()
            );
            return;
        }
        State::Impossible(reason) => {
            println!("{option} ({}) is not in {image}: {reason}", place.display());
            return;
        }
    }
    let line = |name: &str, text: &str| println!("  {name:<11}{text}");
    line("chosen by", answer.decided_by.as_deref().unwrap_or_default());
    let label = |name: &String| graph.node(name).map_or(name.clone(), |node| node.label().to_string());
    line("way", &answer.way.iter().map(label).collect::<Vec<_>>().join(" \u{2192} "));
    for step in &answer.steps {
        line("", &format!("{} needs {} for {}", label(&step.from), label(&step.to), step.slots.join(", ")));
    }
    line("needed by", &answer.needed_by.iter().map(label).collect::<Vec<_>>().join(", "));
    if *bytes == Some(0) {
        line("but", "nothing of the program reaches it, so the linker left all of it out");
    }
}

/// A crate that no slot knows: the ways from the micro-libraries of the last image down to it.
fn published(arguments: &WhyArgs, view: &View, unknown: Failure) -> Result<u8> {
    let Ok(plan) = Plan::make(&arguments.app.target()) else { return Err(unknown) };
    let Ok(dependencies) = size::dependencies(&plan) else { return Err(unknown) };
    let name = &arguments.library;
    if !dependencies.contains_key(name) {
        return Err(unknown);
    }
    let graph = Graph::of(view)?;
    let tops = graph.nodes.iter().filter(|node| dependencies.contains_key(&node.name));
    let next = |name: &str| dependencies.get(name).into_iter().flatten().map(String::as_str).collect();
    let ways: Vec<Vec<&str>> = tops.filter_map(|node| shortest_way(&node.name, name, next)).collect();
    if arguments.json {
        println!("{}", serde_json::json!({ "crate": name, "ways": ways }));
        return Ok(0);
    }
    println!("{name} is a crate in the OS of {}:", plan.project.name);
    for way in &ways {
        println!("  {}", way.join(" \u{2192} "));
    }
    Ok(0)
}
