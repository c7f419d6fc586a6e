//! `kit config get`.

use clap::Args;

use super::{Place, json, names};
use crate::Result;

/// Arguments of `kit config get`.
#[derive(Args)]
pub struct GetArgs {
    /// Names of options
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
    /// Print `{"options": […]}`, each with name, type, value, set, prompt, menu
    #[arg(long)]
    pub json: bool,
}

/// `kit config get`: the value of one option, or a line `NAME=VALUE` for each of several.
pub fn command(place: &Place, arguments: &GetArgs) -> Result<u8> {
    let session = place.read()?;
    let found: Vec<_> =
        arguments.names.iter().map(|name| names::find(session.tree(), name)).collect::<Result<_>>()?;
    if arguments.json {
        let options: Vec<_> = found.iter().map(|symbol| json::option(&session, *symbol)).collect();
        json::print(&serde_json::json!({ "options": options }));
        return Ok(0);
    }
    for symbol in &found {
        let value = session.config().value(*symbol);
        match found.len() {
            1 => println!("{value}"),
            _ => println!("{}={value}", session.tree().symbol(*symbol).name),
        }
    }
    Ok(0)
}
