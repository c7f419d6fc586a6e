//! The file that an image records, where one of its micro-libraries says that it `records`.

use std::fs::File;
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
        plan.build_beside(ending);
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
        File::create(&file).map_err(|error| Failure::file("write", &file, error))?;
    }
    Ok(Some(file))
}

/// Cuts a recording behind its last whole block: a guest that is stopped may be in the middle of one, and a reader
/// complains of that after it has shown the others.
pub fn trim(file: &Path) {
    let Ok(bytes) = std::fs::read(file) else { return };
    let whole = whole_blocks(&bytes);
    if whole < bytes.len()
        && let Ok(file) = File::options().write(true).open(file)
    {
        // Readers cope with what is left if this fails.
        let _ = file.set_len(whole as u64);
    }
}

/// Bytes of the whole blocks of a pcapng file: each begins with its type and, in the guest's byte order, its length.
fn whole_blocks(bytes: &[u8]) -> usize {
    let mut whole = 0;
    while let Some(&[a, b, c, d]) = bytes.get(whole + 4..whole + 8) {
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length < 12 || bytes.len() - whole < length {
            break;
        }
        whole += length;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_block_is_cut_off() {
        let block = |length: u32| [&6u32.to_le_bytes()[..], &length.to_le_bytes()].concat();
        let two = [block(12), vec![0; 4], block(16), vec![0; 8]].concat();
        assert_eq!(whole_blocks(&two), 28);
        assert_eq!(whole_blocks(&two[..27]), 12);
        assert_eq!(whole_blocks(&two[..14]), 12);
        assert_eq!(whole_blocks(&two[..5]), 0);
        assert_eq!(whole_blocks(&[0; 40]), 0);
    }
}
