//! `kit lib info`: all about one micro-library.

use clap::Args;
use kit_menu::composition;
use kit_menu::kconfig::{Role, SymbolId, Type};
use serde::Serialize;

use super::view::{AppArgs, Entry, State, View};
use crate::Result;
use crate::progress::thousands;

/// Arguments of `kit lib info`.
#[derive(Args)]
pub struct InfoArgs {
    /// Its option, its crate or its folder
    pub library: String,
    /// Which app.
    #[command(flatten)]
    pub app: AppArgs,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// What there is besides the entry.
#[derive(Serialize)]
struct Info {
    #[serde(flatten)]
    entry: Entry,
    /// What must hold for it to be chosen.
    depends_on: Option<String>,
    selects: Vec<String>,
    /// Bytes that were measured, by platform.
    sizes: Vec<(String, u64)>,
    options: Vec<Value>,
    readme: Option<std::path::PathBuf>,
}

/// An option of the micro-library that is a value.
#[derive(Serialize)]
struct Value {
    option: String,
    prompt: String,
    value: String,
    default: String,
    range: Option<(String, String)>,
}

/// `kit lib info`.
pub fn command(arguments: &InfoArgs) -> Result<u8> {
    let view = View::open(&arguments.app)?;
    let info = gather(&view, view.find(&arguments.library)?);
    if arguments.json {
        println!("{}", serde_json::json!(info));
    } else {
        print(&view, &info);
    }
    Ok(0)
}

fn gather(view: &View, entry: Entry) -> Info {
    let tree = view.config.tree();
    let symbol = tree.find(&entry.option).map(|id| tree.symbol(id));
    let selects = symbol.into_iter().flat_map(|symbol| &symbol.selects);
    let selects = selects.map(|select| tree.symbol(select.target).name.to_string()).collect();
    let platforms = view.estimator.sizes.platforms.iter();
    let of_platform = |(name, sizes): (&String, &kit_menu::sizes::OnPlatform)| {
        Some((name.clone(), *sizes.options.get(&entry.option)?))
    };
    let readme = entry.folder.join("README.md");
    Info {
        depends_on: view.needs(&entry.option),
        selects,
        sizes: platforms.filter_map(of_platform).collect(),
        options: values(view, &entry),
        readme: readme.is_file().then_some(readme),
        entry,
    }
}

/// The options of its Kconfig that are values.
fn values(view: &View, entry: &Entry) -> Vec<Value> {
    let tree = view.config.tree();
    let Some(package) = view.shelf.package_of(&entry.option) else { return Vec::new() };
    let leaf = composition::leaf_of(package, &view.tree.root);
    let is_value = |id: SymbolId| {
        let symbol = tree.symbol(id);
        let nodes = symbol.nodes.iter().map(|node| tree.node(*node));
        symbol.role == Role::Plain
            && symbol.kind != Type::Unknown
            && *symbol.name != *entry.option
            && nodes.clone().any(|node| node.prompt.is_some())
            && nodes.clone().any(|node| tree.sources().path(node.span.file) == leaf)
    };
    let ids = tree.symbols().map(|(id, _)| id).filter(|id| is_value(*id));
    let value = |id| {
        let symbol = tree.symbol(id);
        let range = symbol.ranges.first();
        let end = |end: SymbolId| tree.symbol(end).name.to_string();
        Value {
            option: symbol.name.to_string(),
            prompt: view.texts(id).0.unwrap_or_default(),
            value: view.config.text(id).to_string(),
            default: symbol.defaults.first().map_or(String::new(), |first| tree.expression(first.value)),
            range: range.map(|range| (end(range.low), end(range.high))),
        }
    };
    ids.map(value).collect()
}

fn print(view: &View, info: &Info) {
    let Entry { option, slot, slot_prompt, prompt, help, package, folder, state, bytes } = &info.entry;
    println!("{option}: {prompt}\n");
    print!("{help}");
    let line = |name: &str, text: String| println!("{name:<12} {text}");
    println!();
    line(
        "slot",
        match slot {
            Some(slot) if slot_prompt.is_empty() => slot.clone(),
            Some(slot) => format!("{slot} ({slot_prompt})"),
            None => "none: it comes by itself".to_string(),
        },
    );
    let image = view.app.as_deref().unwrap_or("an image by default");
    let in_image = match state {
        State::InImage => format!("in {image} on {}", view.platform),
        State::Off => format!("not in {image} on {}; `kit add {option}` chooses it", view.platform),
        State::Impossible(reason) => format!("not in {image} on {}: {reason}", view.platform),
    };
    line("image", in_image);
    let sizes = info.sizes.iter().map(|(platform, bytes)| format!("{} on {platform}", thousands(*bytes)));
    let sizes: Vec<String> = sizes.collect();
    let here = bytes.filter(|_| view.estimator.measured.is_some());
    let here = here.map_or(String::new(), |bytes| format!("; {} in {image}", thousands(bytes)));
    line(
        "bytes",
        match sizes.is_empty() {
            true => format!("not measured yet: `kit size --update`{here}"),
            false => format!("{}{here}", sizes.join(", ")),
        },
    );
    if let Some(depends) = &info.depends_on {
        line("depends on", depends.clone());
    }
    if !info.selects.is_empty() {
        line("selects", info.selects.join(", "));
    }
    line("crate", format!("{package} in {}", folder.display()));
    if let Some(readme) = &info.readme {
        line("more", readme.display().to_string());
    }
    for value in &info.options {
        let Value { option, prompt, value, default, range } = value;
        let range = range.as_ref().map_or(String::new(), |(low, high)| format!(", {low} to {high}"));
        println!("  {option} = {value}  {prompt} (default {default}{range})");
    }
}
