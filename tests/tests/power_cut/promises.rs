//! What `records` has acknowledged, compared with what the next boot finds.

use std::collections::BTreeMap;

/// Everything that was said so far.
#[derive(Default)]
pub struct Promises {
    /// Numbers that only grow, of records in a log and of the state: acknowledged, and begun.
    numbers: BTreeMap<String, (u64, u64)>,
    /// Lengths of files, `None` for no file: all that may be true.
    files: BTreeMap<String, Vec<Option<u64>>>,
    /// How many acknowledgements there were.
    pub acknowledged: u64,
}

impl Promises {
    /// Takes the lines of a boot.
    pub fn hear(&mut self, lines: &[String]) -> Result<(), String> {
        let words: Vec<[&str; 3]> =
            lines.iter().filter_map(|line| line.split(' ').collect::<Vec<_>>().try_into().ok()).collect();
        for [_, name, value] in words.iter().filter(|[verb, ..]| *verb == "found") {
            self.found(name, value)?;
        }
        if lines.iter().any(|line| line == "ready") {
            self.all_found(&words)?;
        }
        for [verb, name, value] in words {
            match verb {
                "begin" => self.begin(name, value),
                "done" => self.done(name, value),
                _ => {}
            }
        }
        Ok(())
    }

    fn found(&mut self, name: &str, value: &str) -> Result<(), String> {
        let length = value.parse().map_err(|_| format!("found {name} {value}"))?;
        if is_file(name) {
            let may_be = self.files.get(name).map_or(&[None][..], |may_be| may_be);
            // What was being written may have any length up to the new one.
            let is_being_written = may_be.len() > 1;
            let longest = may_be.iter().flatten().max().copied();
            if !(may_be.contains(&Some(length)) || is_being_written && Some(length) <= longest) {
                return Err(format!("{name}: {may_be:?} was promised, and it has {length} bytes"));
            }
            self.files.insert(name.to_string(), vec![Some(length)]);
            return Ok(());
        }
        let (safe, begun) = self.numbers.get(name).copied().unwrap_or_default();
        if !(safe..=begun).contains(&length) {
            return Err(format!("{name}: {safe} was acknowledged, {begun} begun, and {length} is there"));
        }
        self.numbers.insert(name.to_string(), (length, length));
        Ok(())
    }

    /// Files that the boot did not find must be ones that may not be there.
    fn all_found(&mut self, words: &[[&str; 3]]) -> Result<(), String> {
        for (name, may_be) in &mut self.files {
            let is_found = words.iter().any(|[verb, found, _]| *verb == "found" && found == name);
            if !is_found {
                if !may_be.contains(&None) {
                    return Err(format!("{name}: {may_be:?} was promised, and it is not there"));
                }
                *may_be = vec![None];
            }
        }
        Ok(())
    }

    fn begin(&mut self, name: &str, value: &str) {
        if is_file(name) {
            self.files.entry(name.to_string()).or_insert_with(|| vec![None]).push(value.parse().ok());
        } else {
            self.numbers.entry(name.to_string()).or_default().1 = value.parse().expect("a number");
        }
    }

    fn done(&mut self, name: &str, value: &str) {
        self.acknowledged += 1;
        if is_file(name) {
            self.files.insert(name.to_string(), vec![value.parse().ok()]);
        } else {
            let number = value.parse().expect("a number");
            self.numbers.insert(name.to_string(), (number, number));
        }
    }
}

fn is_file(name: &str) -> bool {
    name.starts_with('f')
}
