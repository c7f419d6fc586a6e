//! `kit size`: the bytes of an image by micro-library and by crate, from the linker's map.

pub mod database;
mod diff;
mod measure;
mod parts;

pub use parts::dependencies;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::build::exports::{self, Exports};
use crate::build::{self, plan::Plan};
use crate::cli::Target;
use crate::names::crate_of;
use crate::progress::thousands;
use crate::{Failure, Result};

/// Arguments of `kit size`.
#[derive(Args)]
pub struct SizeArgs {
    /// The app.
    #[command(flatten)]
    pub target: Target,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
    /// Compare two images: folders of apps, or files that `kit size --json` printed
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with_all = ["path", "update"])]
    pub diff: Option<Vec<PathBuf>>,
    /// Measure the example images anew and write the database that the menu shows (takes minutes)
    #[arg(long, conflicts_with_all = ["json", "path", "bin", "platform"])]
    pub update: bool,
}

/// Text, constants, and data of one part of an image, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bytes {
    text: u64,
    constants: u64,
    data: u64,
    zeroes: u64,
}

impl Bytes {
    fn in_file(&self) -> u64 {
        self.text + self.constants + self.data
    }

    fn add(&mut self, section: &str, bytes: u64) {
        let kinds =
            [(".text", 0), (".data.rel.ro", 2), (".data", 2), (".tdata", 2), (".bss", 3), (".tbss", 3)];
        match kinds.iter().find(|(beginning, _)| section.starts_with(beginning)) {
            Some((_, 0)) => self.text += bytes,
            Some((_, 2)) => self.data += bytes,
            Some((_, 3)) => self.zeroes += bytes,
            _ => self.constants += bytes,
        }
    }
}

/// Whose bytes.
type Owner = (bool, String);

/// `kit size`.
pub fn command(arguments: &SizeArgs) -> Result<u8> {
    if arguments.update {
        return measure::update();
    }
    if let Some([one, other]) = arguments.diff.as_deref() {
        return diff::command(arguments, one, other);
    }
    let (built, owners) = of_app(&arguments.target)?;
    if arguments.json {
        let rows = owners.iter().map(|((is_os, name), bytes)| {
            serde_json::json!({ "name": name, "os": is_os, "text": bytes.text, "constants": bytes.constants,
                "data": bytes.data, "zeroes": bytes.zeroes })
        });
        println!(
            "{}",
            serde_json::json!({ "image": built.image, "size": built.size, "parts": rows.collect::<Vec<_>>() })
        );
        return Ok(0);
    }
    println!("{:>12} {:>10} {:>10} {:>10}  bytes of", "text", "constants", "data", "zeroes");
    for (is_os, title) in [(true, "the OS"), (false, "the app")] {
        let mut rows: Vec<_> = owners.iter().filter(|((of_os, _), _)| *of_os == is_os).collect();
        rows.sort_by_key(|(_, bytes)| std::cmp::Reverse(bytes.in_file()));
        let mut sum = Bytes::default();
        for ((_, name), bytes) in rows {
            print(name, bytes);
            sum.text += bytes.text;
            sum.constants += bytes.constants;
            sum.data += bytes.data;
            sum.zeroes += bytes.zeroes;
        }
        print(&format!("= {title}"), &sum);
        println!();
    }
    println!("{} bytes in {}", thousands(built.size), built.image.display());
    Ok(0)
}

/// Builds an app, and adds up its image.
fn of_app(target: &Target) -> Result<(build::Built, BTreeMap<Owner, Bytes>)> {
    let plan = Plan::make(target)?;
    let built = build::run(&plan, target, true)?;
    let owners = of_last_image(&plan)?;
    Ok((built, owners))
}

/// Adds up the image that was built last.
fn of_last_image(plan: &Plan) -> Result<BTreeMap<Owner, Bytes>> {
    let path = plan.output.join("kit.map");
    let map = std::fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, error))?;
    let of_c = c_names(plan)?;
    Ok(attribute(&map, &plan.project.package, &of_c))
}

/// Which crate of the OS provides a C name.
fn c_names(plan: &Plan) -> Result<impl Fn(&str) -> Option<String>> {
    let exports = Exports::load(&plan.tree)?;
    let shim = exports::shim(&plan.shelf, &plan.tree).map(|package| package.name.clone());
    Ok(move |name: &str| shim.clone().filter(|_| exports.find(name).is_some()))
}

fn print(name: &str, bytes: &Bytes) {
    let Bytes { text, constants, data, zeroes } = bytes;
    let [text, constants, data, zeroes] = [text, constants, data, zeroes].map(|number| thousands(*number));
    println!("{text:>12} {constants:>10} {data:>10} {zeroes:>10}  {name}");
}

/// Adds up a map of lld: lines `address address size align file:(section)`, numbers in hexadecimal. `of_c` knows
/// which crate of the OS provides a C name.
fn attribute(map: &str, app: &str, of_c: &dyn Fn(&str) -> Option<String>) -> BTreeMap<Owner, Bytes> {
    let mut owners: BTreeMap<Owner, Bytes> = BTreeMap::new();
    for line in map.lines() {
        let mut words = line.split_whitespace();
        let (Some(address), Some(_), Some(size), Some(_), Some(first)) =
            (words.next(), words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let Ok(size) = u64::from_str_radix(size, 16) else { continue };
        let place = std::iter::once(first).chain(words).collect::<Vec<_>>().join(" ");
        let Some((file, section)) = place.strip_suffix(')').and_then(|place| place.rsplit_once(":(")) else {
            continue;
        };
        // What is at address 0 is not loaded.
        if size == 0 || u64::from_str_radix(address, 16).unwrap_or(0) == 0 {
            continue;
        }
        owners.entry(owner(file, section, app, of_c)).or_default().add(section, size);
    }
    owners
}

fn owner(file: &str, section: &str, app: &str, of_c: &dyn Fn(&str) -> Option<String>) -> Owner {
    let base = file.rsplit('/').next().unwrap_or(file);
    let is_os = base.starts_with("os-") && base.ends_with(".o");
    let symbol = section.splitn(3, '.').nth(2).unwrap_or_default();
    if let Some(krate) = crate_of(symbol.trim_start_matches("unlikely.").trim_start_matches("rel.ro.")) {
        let is_ours = is_os || krate.starts_with("kit_");
        return (is_ours, shown(&krate));
    }
    if let (true, Some(krate)) = (is_os, of_c(symbol)) {
        return (is_os, krate);
    }
    let name = match base.split_once(".rlib(") {
        Some((library, _)) => {
            library.trim_start_matches("lib").rsplit_once('-').map_or(library, |(name, _)| name)
        }
        None if is_os && section.starts_with(".text") => "(assembly)",
        None if is_os => "(constants and data)",
        None if file.starts_with('<') => "(tables of the linker)",
        None => app,
    };
    (is_os, shown(name))
}

/// The name of a crate as its author writes it.
fn shown(krate: &str) -> String {
    match krate {
        "__rustc" => "(functions that rustc makes)".to_string(),
        root if root.starts_with("kit_root_") => "(the generated root)".to_string(),
        krate => krate.replace('_', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_added_up() {
        let map = "\
             VMA              LMA     Size Align Out     In      Symbol
          100000           100000       40    16 .text
          100000           100000       1a    16         /t/os-12.o:(.text._ZN9kit_sched3pop17h0123456789abcdefE)
          100020           100020       10    16         /t/libaxum-1f.rlib(axum.cgu.0.rcgu.o):(.text._ZN4axum3new17h0123456789abcdefE)
          100030           100030       10    16         /t/os-12.o:(.rodata..Lanon.1.2)
          100040           100040        8     4         /t/os-12.o:(.text.write)
               0                0       99     1         /t/os-12.o:(.comment)
";
        let owners = attribute(map, "app", &|name| (name == "write").then(|| "kit-shim".to_string()));
        assert_eq!(owners[&(true, "kit-sched".to_string())].text, 0x1a);
        assert_eq!(owners[&(false, "axum".to_string())].text, 0x10);
        assert_eq!(owners[&(true, "(constants and data)".to_string())].constants, 0x10);
        assert_eq!(owners[&(true, "kit-shim".to_string())].text, 8);
        assert_eq!(owners.len(), 4);
    }
}
