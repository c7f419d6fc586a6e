//! The file that an image records, where one of its micro-libraries says that it `records`.

use std::path::{Path, PathBuf};

use kit_menu::{Provider, Resolution, Setting, Wish};

use crate::build::Built;
use crate::build::plan::Plan;
use crate::{Failure, Result};

/// The ending that `--pcap` is about.
pub const PCAP: &str = "pcap";

/// The ending of what an image records.
pub fn of(resolution: &Resolution) -> Option<String> {
    let mut layers = resolution.filled.iter().flat_map(|filled| filled.layers());
    layers.find_map(|layer| layer.provides.records.clone())
}

/// Puts what records files of this ending into the image. It is built beside the image without, which stays.
pub fn choose(plan: &mut Plan, ending: &str) -> Result<()> {
    let records = |provider: &Provider| provider.provides.records.as_deref() == Some(ending);
    let Some(option) = plan.shelf.providers().find(records).map(|found| found.provides.option.clone()) else {
        return Err(Failure::failed(format!("there is no micro-library that records .{ending} files")));
    };
    let wish = Wish { option, value: Setting::Bool(true) };
    if !plan.wishes.config.contains(&wish) {
        plan.wishes.config.retain(|other| other.option != wish.option);
        plan.wishes.config.push(wish);
        let mut name = plan.output.file_name().unwrap_or_default().to_os_string();
        name.push(format!("-{ending}"));
        plan.output.set_file_name(name);
    }
    Ok(())
}

/// Where the recording goes: what was `wanted`, else beside the image.
pub fn file(plan: &Plan, built: &Built, wanted: Option<&Path>, is_dry: bool) -> Result<Option<PathBuf>> {
    let Some(ending) = &built.facts.records else {
        return match wanted {
            None => Ok(None),
            Some(_) => Err(Failure::failed(format!(
                "no network card of {} could be recorded: it has no network, or the host's own; `kit config list` \
                 shows the network stacks of kit's own",
                plan.project.name
            ))),
        };
    };
    let file = match wanted {
        Some(file) => file.to_path_buf(),
        None => plan.output.join(format!("{}.{ending}", plan.project.name)),
    };
    // The image may run elsewhere; and what cannot be written is said before it starts.
    let file = std::path::absolute(&file).map_err(|error| Failure::file("write", &file, error))?;
    if !is_dry {
        std::fs::File::create(&file).map_err(|error| Failure::file("write", &file, error))?;
    }
    Ok(Some(file))
}
