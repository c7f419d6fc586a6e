//! What each option has of an image: its micro-library, and the crates that only this one brings along.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use kit_menu::Package;
use serde::Deserialize;

use super::{Bytes, of_last_image};
use crate::build::plan::Plan;
use crate::{Failure, Result};

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// The bytes in the image's file of each option that was on when `plan` was last built, by the options' names.
pub fn of_image(plan: &Plan, on: &[String]) -> Result<BTreeMap<String, u64>> {
    let owners = of_last_image(plan)?;
    let libraries: Vec<(&String, &Package)> =
        on.iter().filter_map(|option| Some((option, plan.shelf.package_of(option)?))).collect();
    let dependencies = dependencies(plan)?;
    let owner_of = owners_of_crates(&libraries, &dependencies);
    let mut parts: BTreeMap<String, u64> =
        libraries.iter().map(|(option, _)| (option.to_string(), 0)).collect();
    for ((_, krate), bytes) in owners.iter().filter(|((is_os, _), _)| *is_os) {
        let owner = owner_of.get(krate.as_str());
        if let Some(bytes_of) = owner.and_then(|option| parts.get_mut(*option)) {
            *bytes_of += Bytes::in_file(bytes);
        }
    }
    Ok(parts)
}

/// The option to which a crate belongs: the only one from whose crate it can be reached.
fn owners_of_crates<'a>(
    libraries: &[(&'a String, &'a Package)],
    dependencies: &'a HashMap<String, Vec<String>>,
) -> HashMap<&'a str, &'a String> {
    let mut reached: HashMap<&str, BTreeSet<&String>> = HashMap::new();
    for (option, package) in libraries {
        let mut stack = vec![package.name.as_str()];
        let mut seen = BTreeSet::new();
        while let Some(name) = stack.pop() {
            if seen.insert(name) {
                reached.entry(name).or_default().insert(option);
                stack.extend(dependencies.get(name).into_iter().flatten().map(String::as_str));
            }
        }
    }
    let only =
        |options: BTreeSet<&'a String>| (options.len() == 1).then(|| options.first().copied()).flatten();
    let mut owners: HashMap<&str, &String> =
        reached.into_iter().filter_map(|(name, options)| Some((name, only(options)?))).collect();
    // A platform's crate is its own, also where several of its options are on.
    owners.extend(libraries.iter().map(|(option, package)| (package.name.as_str(), *option)));
    owners
}

/// Which crate names which, as cargo resolved the root.
pub fn dependencies(plan: &Plan) -> Result<HashMap<String, Vec<String>>> {
    let path = lock_file(plan)?;
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, error))?;
    let lock: Lock = toml::from_str(&text).map_err(|error| Failure::file("read", &path, error))?;
    // A dependency is a name, with a version where there are several.
    let name = |text: String| text.split(' ').next().unwrap_or_default().to_string();
    let entry = |locked: Locked| (locked.name, locked.dependencies.into_iter().map(name).collect());
    Ok(lock.package.into_iter().map(entry).collect())
}

fn lock_file(plan: &Plan) -> Result<PathBuf> {
    let path = plan.output.join("root/Cargo.toml");
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, error))?;
    let manifest: toml::Table = toml::from_str(&text).map_err(|error| Failure::file("read", &path, error))?;
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    Ok(plan.os_folder()?.join("roots").join(name.unwrap_or_default()).join("Cargo.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_two_bring_along_is_nobodys() {
        let graph: HashMap<String, Vec<String>> = [
            ("kit-net", vec!["smoltcp", "kit-util-sync"]),
            ("kit-heap", vec!["rlsf", "kit-util-sync"]),
            ("smoltcp", vec!["managed"]),
        ]
        .map(|(name, all)| (name.to_string(), all.into_iter().map(str::to_string).collect()))
        .into();
        let (net, heap) = ("NET".to_string(), "HEAP".to_string());
        let package = |name: &str| Package { name: name.into(), ..Package::default() };
        let (of_net, of_heap) = (package("kit-net"), package("kit-heap"));
        let owners = owners_of_crates(&[(&net, &of_net), (&heap, &of_heap)], &graph);
        assert_eq!(owners["managed"], &net);
        assert_eq!(owners["rlsf"], &heap);
        assert!(!owners.contains_key("kit-util-sync"));
    }
}
