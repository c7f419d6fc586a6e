//! `kit size --update`: builds the example images, with the defaults and with everything else that can be chosen,
//! and writes down what each option adds.

use std::path::{Path, PathBuf};

use kit_menu::kconfig::{Config, Role, Tristate, Type};
use kit_menu::sizes::{Measured, OnPlatform, Sizes};
use kit_menu::{Setting, Wish};

use super::database;
use crate::build::{self, plan};
use crate::cli::Target;
use crate::progress::{Progress, thousands};
use crate::project::Kind;
use crate::tree::Tree;
use crate::{Failure, Result, configuration, shelf, stamp};

/// Where the applications are that a tree measures.
const APPS: [&str; 2] = ["examples", "tests/apps"];

/// Measures, and writes the database.
pub fn update() -> Result<u8> {
    let tree = Tree::find()?;
    let of_tree = shelf::load(&tree, &Default::default(), Path::new(""))?;
    let mut sizes = Sizes::default();
    for platform in plan::platform_names(&of_tree) {
        sizes.platforms.insert(platform.to_string(), on_platform(&tree, platform)?);
    }
    let path = database::store(&tree, &sizes)?;
    let count: usize = sizes.platforms.values().map(|platform| platform.options.len()).sum();
    println!("{}: {count} sizes", path.display());
    Ok(0)
}

/// One image that was built.
struct Image {
    app: PathBuf,
    is_native: bool,
    measured: Measured,
}

fn on_platform(tree: &Tree, platform: &str) -> Result<OnPlatform> {
    let apps = apps(tree)?;
    let images: Vec<Image> =
        apps.iter().map(|app| image(app, platform, Vec::new())).collect::<Result<_>>()?;
    let rest = |is_native: bool| {
        let of_kind = images.iter().filter(|image| image.is_native == is_native);
        of_kind.map(|image| database::rest(&image.measured)).min().unwrap_or(0)
    };
    // The application that reaches the most tells the most.
    let reached = |image: &&Image| image.measured.options.values().filter(|bytes| **bytes > 0).count();
    let Some(reference) = images.iter().max_by_key(reached) else {
        return Err(Failure::failed("there is no example to measure"));
    };
    let values = configuration::evaluate(&plan_of(&reference.app, platform)?)?.config;
    let mut measurements: Vec<Measured> = images.iter().map(|image| image.measured.clone()).collect();
    for wishes in alternatives(tree, &values)? {
        measurements.push(image(&reference.app, platform, wishes)?.measured);
    }
    let mut options = database::most(&measurements);
    for option in switches(&values) {
        let with = image(&reference.app, platform, vec![on(&option)])?.measured;
        options.insert(option, with.image.saturating_sub(reference.measured.image));
    }
    Ok(OnPlatform { ported: rest(false), native: rest(true), options })
}

/// The folders of the applications.
fn apps(tree: &Tree) -> Result<Vec<PathBuf>> {
    let mut apps = Vec::new();
    for folder in APPS.map(|name| tree.root.join(name)) {
        let entries = std::fs::read_dir(&folder).map_err(|error| Failure::file("read", &folder, error))?;
        let folders = entries.flatten().map(|entry| entry.path());
        apps.extend(folders.filter(|folder| folder.join("Cargo.toml").is_file()));
    }
    apps.sort();
    Ok(apps)
}

fn plan_of(app: &Path, platform: &str) -> Result<plan::Plan> {
    let target =
        Target { path: Some(app.to_path_buf()), platform: Some(platform.to_string()), ..Target::default() };
    plan::Plan::make(&target)
}

/// Builds one image, with these wishes in place of those of its `kit.toml`.
fn image(app: &Path, platform: &str, wishes: Vec<Wish>) -> Result<Image> {
    let mut plan = plan_of(app, platform)?;
    if !wishes.is_empty() {
        // A folder of its own, so that the app's image stays what its author built.
        let name = format!("{:016x}", stamp::hash(format!("{wishes:?}").as_bytes()));
        plan.output = plan.project.kit_folder().join("size").join(format!("{platform}-{name}"));
        plan.wishes.config = wishes;
    }
    let names: Vec<&str> = plan.wishes.config.iter().map(|wish| wish.option.as_str()).collect();
    let progress = Progress::new(false);
    progress.line(&format!("kit: {} for {platform} {}", plan.project.name, names.join(" ")));
    let target = Target::default();
    let built = build::run(&plan, &target, true)?;
    let Some(measured) = database::of_last_image(&plan) else {
        return Err(Failure::failed(format!("{} cannot be measured", built.image.display())));
    };
    progress.line(&format!("     {} bytes", thousands(built.size)));
    let is_native = matches!(plan.project.kind, Kind::Native { .. });
    Ok(Image { app: app.to_path_buf(), is_native, measured })
}

fn on(option: &str) -> Wish {
    Wish { option: option.to_string(), value: Setting::Bool(true) }
}

/// Sets of wishes that, together, pick every member of every choice that is not picked by default.
fn alternatives(tree: &Tree, values: &Config) -> Result<Vec<Vec<Wish>>> {
    let of_tree = shelf::load(tree, &Default::default(), Path::new(""))?;
    let kconfig = values.tree();
    let mut sets: Vec<Vec<Wish>> = Vec::new();
    for (_, choice) in kconfig.symbols().filter(|(_, symbol)| symbol.role == Role::Choice) {
        let others = choice.members.iter().filter(|member| {
            values.visibility(**member) != Tristate::No && values.tristate(**member) == Tristate::No
        });
        let names = others.map(|member| &*kconfig.symbol(*member).name);
        // What is nothing has no size, and the platform is given.
        let libraries = names.filter(|name| {
            of_tree.package_of(name).is_some() && configuration::place_of(&of_tree, name).is_none()
        });
        for (index, name) in libraries.enumerate() {
            if sets.len() <= index {
                sets.push(Vec::new());
            }
            sets[index].push(on(name));
        }
    }
    Ok(sets)
}

/// The options of the image as a whole that can be turned on.
fn switches(values: &Config) -> Vec<String> {
    let tree = values.tree();
    let is_switch = |symbol: &kit_menu::kconfig::Symbol, id| {
        symbol.role == Role::Plain
            && symbol.kind == Type::Bool
            && symbol.choice.is_none()
            && values.visibility(id) != Tristate::No
            && values.tristate(id) == Tristate::No
    };
    let all = tree.symbols().filter(|(id, symbol)| is_switch(symbol, *id));
    all.map(|(_, symbol)| symbol.name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kit_menu::own_tree::{self, App};

    use super::*;

    #[test]
    fn everything_that_can_be_chosen_is_measured() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf();
        let tree = Tree { root };
        let shelf = shelf::load(&tree, &Default::default(), Path::new("")).unwrap();
        let loaded = own_tree::read(&tree.root, &shelf, App::Ported).unwrap();
        let mut values = Config::new(Arc::new(loaded.tree));
        configuration::choose_platform(&mut values, &shelf, "kvm");
        let sets = alternatives(&tree, &values).unwrap();
        let picked: Vec<&str> = sets.iter().flatten().map(|wish| wish.option.as_str()).collect();
        assert!(picked.contains(&"ALLOC_BUDDY") && picked.contains(&"SCHED_COOP"), "{picked:?}");
        assert!(!picked.contains(&"NET_NONE") && !picked.contains(&"PLATFORM_LINUX"), "{picked:?}");
        assert!(!picked.contains(&"ALLOC_TLSF"), "the default is measured anyway: {picked:?}");
        let switches = switches(&values);
        assert!(switches.contains(&"PANIC_TEXT".to_string()), "{switches:?}");
        assert!(!switches.contains(&"APP_PORTED".to_string()), "{switches:?}");
    }
}
