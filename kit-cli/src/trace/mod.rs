//! `kit trace`: runs an image that records what happens in it, and writes the recording as JSON that Perfetto and
//! Chrome's `about:tracing` show.
//!
//! The image keeps its last events in memory that it shares ([`crate::run::shared`]); [`ring`] reads them, [`chrome`]
//! writes them. Which micro-library records is known from its metadata (`takes = ["recording"]`).

pub mod chrome;
pub mod ring;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use kit_menu::{Setting, Wish};
use object::{Object, ObjectSegment};

use crate::build::plan::Plan;
use crate::progress::thousands;
use crate::run::control::Said;
use crate::run::shared::Shared;
use crate::run::{Guest, RunArgs};
use crate::{Failure, Result, run};

/// What a micro-library that keeps a recording says in its metadata; also the name of what it shares.
const TAKES: &str = "recording";
const SHARED_AS: &str = "trace";

/// Arguments of `kit trace`.
#[derive(Args)]
pub struct TraceArgs {
    /// The run that is recorded.
    #[command(flatten)]
    pub run: RunArgs,
    /// Where to write the recording [default: NAME.trace.json]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `kit trace`.
pub fn command(arguments: &TraceArgs) -> Result<u8> {
    run::start(&arguments.run, Some(arguments.output.as_deref()))
}

/// Chooses what records, in place of what the app chose for that slot. The image has a folder of its own, so that the
/// one without a recording stays as it is.
pub fn choose_recorder(plan: &mut Plan) -> Result<()> {
    let takes = |one: &kit_menu::Provider| one.provides.takes.iter().any(|what| what == TAKES);
    let Some(recorder) = plan.shelf.providers().find(takes) else {
        return Err(Failure::failed(format!(
            "no micro-library keeps a recording (`takes = [{TAKES:?}]` in its metadata)"
        )));
    };
    let option = recorder.provides.option.clone();
    let of_slot: Vec<&str> = plan
        .shelf
        .providers()
        .filter(|one| one.provides.slot == recorder.provides.slot && one.provides.wraps.is_none())
        .map(|one| one.provides.option.as_str())
        .collect();
    plan.wishes.config.retain(|wish| !of_slot.contains(&wish.option.as_str()));
    plan.wishes.config.push(Wish { option, value: Setting::Bool(true) });
    plan.build_beside("trace");
    Ok(())
}

/// Whether the image keeps a recording.
pub fn records(guest: &Guest) -> bool {
    guest.built.facts.takes.iter().any(|what| what == TAKES)
}

/// Writes the recording of a run that has ended.
pub fn write(guest: &Guest, said: &Said, shared: &Shared, file: &Path) -> Result<()> {
    let Some(share) = said.shares.iter().find(|share| share.name == SHARED_AS) else {
        return Err(Failure::failed("nothing was recorded: the image ended before its first thread"));
    };
    let memory = shared.read(share)?;
    let bytes = std::fs::read(&guest.built.symbols)
        .map_err(|error| Failure::file("read", &guest.built.symbols, error))?;
    let image =
        object::File::parse(&*bytes).map_err(|error| Failure::file("read", &guest.built.symbols, error))?;
    let text = |address: u64, length: u64| {
        let found = image.segments().find_map(|segment| segment.data_range(address, length).ok().flatten());
        found.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    let recording = ring::read(&memory, &text).ok_or_else(|| {
        Failure::failed("what the image recorded is in a format that this kit does not know")
    })?;
    let failed = |error: std::io::Error| Failure::file("write", file, error);
    let mut output = BufWriter::new(File::create(file).map_err(failed)?);
    chrome::write(&recording, &guest.name, &mut output).and_then(|()| output.flush()).map_err(failed)?;
    eprintln!("kit: {}", summary(&recording, file));
    Ok(())
}

fn summary(recording: &ring::Recording, file: &Path) -> String {
    let count = thousands(recording.events.len() as u64);
    let mut text = format!("{count} events in {}; ui.perfetto.dev shows them", file.display());
    if recording.lost > 0 {
        let lost = thousands(recording.lost);
        text.push_str(&format!(
            "\nkit: {lost} older events were overwritten: keep more by TRACE_RING_EVENTS"
        ));
    }
    text
}
