//! Leaves out unwind tables that nothing reads: in the OS, only the unwinder itself is ever unwound through.
//!
//! A panic of the app is raised by a call into the OS, so the frames of the unwinder need their tables. All other
//! OS functions are called *by* the app or call nothing of it, and the OS itself aborts on panic. An entry of
//! `.eh_frame` whose function has no relocation is dead to the linker, which then drops it and its place in the
//! search table: a sixth of a small image.

use std::collections::HashMap;

use object::elf::R_X86_64_NONE;
use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSection, ObjectSymbol, RelocationTarget, SectionIndex};

/// Makes every entry dead but those of functions that belong to the unwinder. `bytes` is a relocatable object.
pub fn prune(bytes: &mut [u8]) -> object::Result<()> {
    let dead = dead_relocations(bytes)?;
    for place in dead {
        // `r_info`: symbol 0, type none. The rest of the entry may stand.
        bytes[place + 8..place + 16].copy_from_slice(&u64::from(R_X86_64_NONE.0).to_le_bytes());
    }
    Ok(())
}

/// Where in the file the relocations of the dead entries are; each is 24 bytes, `r_info` at 8.
fn dead_relocations(bytes: &[u8]) -> object::Result<Vec<usize>> {
    let file = ElfFile64::<LittleEndian>::parse(bytes)?;
    let (Some(frames), Some(table)) =
        (file.section_by_name(".eh_frame"), file.section_by_name(".rela.eh_frame"))
    else {
        return Ok(Vec::new());
    };
    let Some((table_start, _)) = table.file_range() else { return Ok(Vec::new()) };
    let starts = function_fields(frames.data()?);
    let mut of_unwinder: HashMap<SectionIndex, bool> = HashMap::new();
    for symbol in file.symbols() {
        if let (Some(section), Ok(name)) = (symbol.section_index(), symbol.name()) {
            *of_unwinder.entry(section).or_default() |= name.to_ascii_lowercase().contains("unwind");
        }
    }
    let mut dead = Vec::new();
    for (number, (offset, relocation)) in frames.relocations().enumerate() {
        let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
        let section = file.symbol_by_index(symbol)?.section_index();
        let is_live = section.is_none_or(|section| of_unwinder.get(&section).copied().unwrap_or(true));
        if !is_live && starts.binary_search(&offset).is_ok() {
            dead.push(table_start as usize + number * size_of::<object::elf::Rela64<LittleEndian>>());
        }
    }
    Ok(dead)
}

/// The offsets, ascending, at which the entries for functions (FDEs) name their function. DWARF 5, section 6.4.1,
/// in the form of the Linux Standard Base: length, distance to the common entry (0 in that one itself), function.
fn function_fields(frames: &[u8]) -> Vec<u64> {
    let word = |at: usize| {
        frames.get(at..at + 4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
    };
    let mut fields = Vec::new();
    let mut at = 0;
    while let (Some(length), Some(id)) = (word(at), word(at + 4)) {
        // A length of 0 ends the table of one input, a longer form is not used by compilers here.
        if length == u32::MAX {
            break;
        }
        if length != 0 && id != 0 {
            fields.push(at as u64 + 8);
        }
        at += 4 + length as usize;
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_from_common_entries() {
        let mut frames = Vec::new();
        for (length, id) in [(12u32, 0u32), (16, 20), (12, 0), (20, 16)] {
            frames.extend(length.to_le_bytes());
            frames.extend(id.to_le_bytes());
            frames.resize(frames.len() + length as usize - 4, 0);
        }
        frames.extend(0u32.to_le_bytes());
        assert_eq!(function_fields(&frames), [24, 60]);
    }
}
