//! `kit size --diff`: two images side by side, part by part.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{Bytes, Owner, SizeArgs, of_app};
use crate::cli::Target;
use crate::progress::thousands;
use crate::{Failure, Result};

/// An image: the bytes of its file, and those of each part.
struct Image {
    size: u64,
    parts: BTreeMap<Owner, u64>,
}

/// What `kit size --json` prints.
#[derive(Deserialize)]
struct Printed {
    size: u64,
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    name: String,
    os: bool,
    text: u64,
    constants: u64,
    data: u64,
}

/// `kit size --diff A B`.
pub fn command(arguments: &SizeArgs, one: &Path, other: &Path) -> Result<u8> {
    let (before, after) = (read(arguments, one)?, read(arguments, other)?);
    let rows = differences(&before, &after);
    if arguments.json {
        let rows = rows.iter().map(|((is_os, name), before, after)| {
            serde_json::json!({ "name": name, "os": is_os, "before": before, "after": after })
        });
        let (size, parts) = ([before.size, after.size], rows.collect::<Vec<_>>());
        println!("{}", serde_json::json!({ "before": size[0], "after": size[1], "parts": parts }));
        return Ok(0);
    }
    println!("{:>12} {:>12} {:>12}  bytes in the file, text, constants and data", "A", "B", "B - A");
    for ((is_os, name), before, after) in &rows {
        print(*before, *after, &format!("{name}{}", if *is_os { "" } else { " (app)" }));
    }
    match rows.is_empty() {
        true => println!("no part differs"),
        false => println!(),
    }
    print(before.size, after.size, "= the image's file");
    Ok(0)
}

fn read(arguments: &SizeArgs, path: &Path) -> Result<Image> {
    if path.is_file() {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, error))?;
        let printed: Printed = serde_json::from_str(&text).map_err(|error| {
            let path = path.display();
            Failure::usage(format!("{path} is not what `kit size --json` prints: {error}"))
        })?;
        let part = |part: Part| ((part.os, part.name), part.text + part.constants + part.data);
        return Ok(Image { size: printed.size, parts: printed.parts.into_iter().map(part).collect() });
    }
    let target = Target { path: Some(path.to_path_buf()), ..arguments.target.clone() };
    let (built, owners) = of_app(&target)?;
    let parts = owners.into_iter().map(|(owner, bytes)| (owner, Bytes::in_file(&bytes))).collect();
    Ok(Image { size: built.size, parts })
}

/// The parts that differ, the largest difference first.
fn differences(before: &Image, after: &Image) -> Vec<(Owner, u64, u64)> {
    let names: std::collections::BTreeSet<&Owner> = before.parts.keys().chain(after.parts.keys()).collect();
    let of = |image: &Image, name: &Owner| image.parts.get(name).copied().unwrap_or(0);
    let row = |name: &Owner| (name.clone(), of(before, name), of(after, name));
    let mut rows: Vec<_> = names.into_iter().map(row).filter(|(_, before, after)| before != after).collect();
    rows.sort_by_key(|(_, before, after)| std::cmp::Reverse(before.abs_diff(*after)));
    rows
}

fn print(before: u64, after: u64, name: &str) {
    let sign = if after < before { "-" } else { "+" };
    let difference = format!("{sign}{}", thousands(before.abs_diff(after)));
    println!("{:>12} {:>12} {difference:>12}  {name}", thousands(before), thousands(after));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_listed_by_how_much() {
        let image = |parts: &[(&str, u64)]| Image {
            size: 0,
            parts: parts.iter().map(|(name, bytes)| ((true, name.to_string()), *bytes)).collect(),
        };
        let before = image(&[("same", 5), ("gone", 7), ("grew", 1)]);
        let after = image(&[("same", 5), ("came", 9), ("grew", 2)]);
        let rows = differences(&before, &after);
        let names: Vec<_> =
            rows.iter().map(|((_, name), before, after)| (name.as_str(), *before, *after)).collect();
        assert_eq!(names, [("came", 0, 9), ("gone", 7, 0), ("grew", 1, 2)]);
    }
}
