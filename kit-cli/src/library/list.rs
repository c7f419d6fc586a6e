//! `kit lib list` and `kit lib search`.

use clap::Args;

use super::view::{AppArgs, Entry, State, View};
use crate::progress::thousands;
use crate::{Failure, Result};

/// Arguments of `kit lib list`.
#[derive(Args)]
pub struct ListArgs {
    /// Only those that fill this slot
    pub slot: Option<String>,
    /// Which app.
    #[command(flatten)]
    pub app: AppArgs,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
    /// Print a table in Markdown
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}

/// Arguments of `kit lib search`.
#[derive(Args)]
pub struct SearchArgs {
    /// All of them must occur, in any order and case
    #[arg(required = true)]
    pub words: Vec<String>,
    /// Which app.
    #[command(flatten)]
    pub app: AppArgs,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// `kit lib list`.
pub fn command(arguments: &ListArgs) -> Result<u8> {
    let view = View::open(&arguments.app)?;
    let mut entries = view.entries();
    if let Some(slot) = &arguments.slot {
        let known: Vec<&str> = view.shelf.slots().map(|slot| slot.name).collect();
        if !known.contains(&slot.as_str()) {
            let near = kit_menu::did_you_mean(slot, known.iter().copied());
            let near = near.map_or(String::new(), |near| format!(", did you mean `{near}`?"));
            let known = known.join(", ");
            return Err(Failure::usage(format!("there is no slot `{slot}`{near}\n  = slots: {known}")));
        }
        entries.retain(|entry| entry.slot.as_ref() == Some(slot));
    }
    match arguments.markdown {
        true => print!("{}", markdown(&view, &entries)),
        false => print(&view, &entries, arguments.json),
    }
    Ok(0)
}

/// A row for each micro-library below `libs`, for the page in that folder: the slot, the option with a link to its folder, what the menu calls it, bytes.
fn markdown(view: &View, entries: &[Entry]) -> String {
    let platforms: Vec<&String> = view.estimator.sizes.platforms.keys().collect();
    let titles: String = platforms.iter().map(|name| format!(" bytes on {name} |")).collect();
    let mut text = format!("| slot | option | what it is | needs |{titles}\n|---|---|---|---|");
    text.push_str(&format!("{}\n", "---:|".repeat(platforms.len())));
    let mut last = None;
    let libs = view.tree.root.join("libs");
    for entry in entries.iter().filter(|entry| entry.folder.starts_with(&libs)) {
        let slot = entry.slot.as_deref().unwrap_or("\u{2013}");
        let shown = if last == Some(slot) { "" } else { slot };
        last = Some(slot);
        let folder = entry.folder.file_name().unwrap_or_default().to_string_lossy();
        let (option, prompt) = (&entry.option, &entry.prompt);
        let needs = view.needs(option).map_or(String::new(), |needs| format!("`{needs}`"));
        text.push_str(&format!("| {shown} | [`{option}`]({folder}) | {prompt} | {needs} |"));
        for platform in &platforms {
            let bytes = view.estimator.sizes.of(platform, option);
            text.push_str(&format!(" {} |", bytes.map_or(String::new(), thousands)));
        }
        text.push('\n');
    }
    text
}

/// `kit lib search`.
pub fn search(arguments: &SearchArgs) -> Result<u8> {
    let view = View::open(&arguments.app)?;
    let words: Vec<String> = arguments.words.iter().map(|word| word.to_lowercase()).collect();
    let matches = |entry: &Entry| {
        let slot = entry.slot.as_deref().unwrap_or_default();
        let texts = [&entry.option, &entry.prompt, &entry.help, &entry.package, &entry.slot_prompt];
        let text = format!("{slot} {}", texts.map(String::as_str).join(" "));
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let entries: Vec<Entry> = view.entries().into_iter().filter(matches).collect();
    if entries.is_empty() && !arguments.json {
        return Err(Failure::failed(format!(
            "no micro-library has {}; `kit lib list` shows all",
            arguments.words.join(" and ")
        )));
    }
    print(&view, &entries, arguments.json);
    Ok(u8::from(entries.is_empty()))
}

fn print(view: &View, entries: &[Entry], as_json: bool) {
    if as_json {
        let object =
            serde_json::json!({ "app": view.app, "platform": view.platform, "micro_libraries": entries });
        println!("{object}");
        return;
    }
    match &view.app {
        Some(app) => println!("of {app} on {}; * is in the image", view.platform),
        None => println!("by default on {}; * is in an image that uses its slot", view.platform),
    }
    let width = entries.iter().map(|entry| entry.option.len()).max().unwrap_or(0);
    let mut slot = None;
    for entry in entries {
        let shown = entry.slot.as_deref().unwrap_or("-");
        let shown = if slot == Some(shown) { "" } else { shown };
        slot = Some(entry.slot.as_deref().unwrap_or("-"));
        let mark = if entry.state == State::InImage { '*' } else { ' ' };
        let bytes = entry.bytes.map_or(String::new(), thousands);
        let prompt = &entry.prompt;
        let option = &entry.option;
        println!("{shown:<9}{mark} {option:<width$} {bytes:>9}  {prompt}{}", reason(&entry.state));
    }
}

fn reason(state: &State) -> String {
    match state {
        State::Impossible(reason) => format!(" ({reason})"),
        _ => String::new(),
    }
}
