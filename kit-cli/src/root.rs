//! The root: the generated crate that composes an image, from the resolution and `templates/root-*.hbs`.

use std::collections::BTreeMap;
use std::path::Path;

use handlebars::Handlebars;
use kit_menu::composition::{self, Filled, Mounted};
use kit_menu::shelf::{Composed, Mounts, Provider, Provides, Slot, identifiers};
use kit_menu::{Package, Resolution, Setting, Shelf};
use serde::Serialize;

use crate::build::exports::Exports;
use crate::project::Kind;
use crate::stamp::{self, write_if_changed};
use crate::tree::Tree;
use crate::{Failure, Result};

/// What a root is made from.
pub struct Composition<'a> {
    /// The tree with the templates.
    pub tree: &'a Tree,
    /// All that there is.
    pub shelf: &'a Shelf,
    /// What was chosen.
    pub resolution: &'a Resolution<'a>,
    /// The platform.
    pub platform: &'a str,
    /// The architecture.
    pub arch: &'a str,
    /// Name of the image.
    pub app: &'a str,
    /// Kind of the app.
    pub kind: &'a Kind,
    /// A native app's crate and folder.
    pub native: Option<(&'a str, &'a Path)>,
    /// What the shim exports.
    pub exports: &'a Exports,
}

/// The text of a root crate.
pub struct Root {
    /// `Cargo.toml`.
    pub manifest: String,
    /// `root.rs`.
    pub source: String,
    /// The name of the crate.
    pub crate_name: String,
}

#[derive(Serialize)]
struct Parts<'a> {
    app: &'a str,
    platform: &'a str,
    arch: &'a str,
    library: &'a str,
    constants: Vec<Constant<'a>>,
    types: Vec<String>,
    statics: Vec<String>,
    binds: Vec<&'a str>,
    traits: Vec<ImageTrait<'a>>,
    groups: Vec<&'a str>,
    panic_text: bool,
    waits: bool,
}

#[derive(Serialize)]
struct Constant<'a> {
    name: &'a str,
    r#type: &'static str,
    value: String,
    folder: String,
}

#[derive(Serialize)]
struct ImageTrait<'a> {
    name: &'a str,
    slots: Vec<Member<'a>>,
}

#[derive(Serialize)]
struct Member<'a> {
    name: &'a str,
    alias: &'a str,
    r#static: Option<&'a str>,
}

#[derive(Serialize)]
struct Manifest<'a> {
    platform: &'a str,
    #[serde(rename = "crate")]
    crate_name: &'a str,
    native: bool,
    dependencies: Vec<Dependency>,
    opt_level: &'static str,
}

#[derive(Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Dependency {
    name: String,
    dependency: String,
}

impl Root {
    /// Writes the text.
    pub fn compose(composition: &Composition) -> Result<Self> {
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        engine.register_escape_fn(handlebars::no_escape);
        let parts = composition.tree.template("root-parts.rs.hbs")?;
        engine.register_partial("parts", parts).map_err(|error| Failure::failed(error.to_string()))?;
        let template = match composition.kind {
            Kind::Ported { .. } => "root-ported.rs.hbs",
            Kind::Native { .. } => "root-native.rs.hbs",
        };
        let render = |template: &str, data: serde_json::Value| {
            let text = composition.tree.template(template)?;
            engine
                .render_template(&text, &data)
                .map_err(|error| Failure::failed(format!("templates/{template}: {error}")))
        };
        let source = render(template, to_json(&parts_of(composition)))?;
        let opt_level = if composition.resolution.is_set("OPTIMIZE_SPEED") { "3" } else { "\"s\"" };
        let dependencies = dependencies(composition, &source);
        // Images with the same choice have the same root, which is compiled once.
        let choice = format!("{source}{opt_level}{dependencies:?}");
        let crate_name = format!("kit-root-{}-{:016x}", composition.platform, stamp::hash(choice.as_bytes()));
        let is_native = composition.native.is_some();
        let manifest = Manifest {
            platform: composition.platform,
            crate_name: &crate_name,
            native: is_native,
            dependencies,
            opt_level,
        };
        let manifest = render("root-Cargo.toml.hbs", to_json(&manifest))?;
        Ok(Self { manifest, source, crate_name })
    }

    /// Writes the crate into `folder`. It starts with the versions that the tree's own lock file names.
    pub fn write(&self, folder: &Path, tree: &Tree) -> Result<()> {
        write_if_changed(&folder.join("root.rs"), self.source.as_bytes())?;
        write_if_changed(&folder.join("Cargo.toml"), self.manifest.as_bytes())?;
        let (theirs, ours) = (tree.root.join("Cargo.lock"), folder.join("Cargo.lock"));
        let marker = folder.join("Cargo.lock.from");
        let Ok(lock) = std::fs::read(&theirs) else { return Ok(()) };
        let state = format!("{:016x} {:016x}", stamp::hash(&lock), stamp::hash(self.manifest.as_bytes()));
        if !ours.exists() || std::fs::read_to_string(&marker).ok().as_deref() != Some(state.as_str()) {
            write_if_changed(&ours, &lock)?;
            write_if_changed(&marker, state.as_bytes())?;
        }
        Ok(())
    }
}

fn to_json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn parts_of<'a>(composition: &Composition<'a>) -> Parts<'a> {
    let resolution = composition.resolution;
    let (mut types, mut statics) = (Vec::new(), Vec::new());
    for filled in &resolution.filled {
        for layer in layers(filled, composition.tree) {
            let Layer { alias, comment, .. } = &layer;
            types.push(format!("{:<68} // {comment}", format!("type {alias} = {};", layer.r#type)));
            if let (Some(name), Some(init)) = (&layer.r#static, &layer.init) {
                statics.push(format!("static {name}: {alias} = {alias}::{init};"));
            }
        }
    }
    let binds = resolution.filled.iter().filter_map(|filled| {
        // The outermost layer is what the rest of the image meets.
        let own = filled.layers().filter_map(|layer| layer.provides.bind.as_deref()).last();
        own.or(filled.slot.package.metadata.bind.as_deref())
    });
    let is_empty = |slot: &Slot| !resolution.offers(slot.name, None);
    let without = composition.shelf.slots().filter(is_empty);
    let without = without.filter_map(|slot| slot.package.metadata.bind_empty.as_deref());
    let mut traits: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
    for filled in &resolution.filled {
        if let Some(name) = &filled.slot.package.metadata.image {
            let slot = &filled.slot;
            let r#static = slot.package.metadata.r#static.as_deref();
            traits.entry(name).or_default().push(Member { name: slot.name, alias: slot.alias, r#static });
        }
    }
    Parts {
        app: composition.app,
        platform: composition.platform,
        arch: composition.arch,
        library: match composition.kind {
            Kind::Native { library } => library,
            Kind::Ported { .. } => "",
        },
        constants: resolution.constants.iter().map(|one| constant(composition.tree, one)).collect(),
        types,
        statics,
        binds: binds.chain(without).collect(),
        traits: traits.into_iter().map(|(name, slots)| ImageTrait { name, slots }).collect(),
        groups: composition
            .exports
            .conditional_groups()
            .filter(|(_, condition)| resolution.offers(condition.slot, condition.feature))
            .map(|(name, _)| name)
            .collect(),
        waits: resolution.filled.iter().any(|filled| filled.slot.package.metadata.waits),
        panic_text: resolution.is_set("PANIC_TEXT"),
    }
}

/// One layer of a slot: what fills it, or something around layers below.
struct Layer {
    alias: String,
    r#static: Option<String>,
    r#type: String,
    init: Option<String>,
    comment: String,
}

/// Layers on their way: numbered, until the last gets the slot's own names.
struct Layers<'a> {
    slot: Slot<'a>,
    all: Vec<Layer>,
}

impl Layers<'_> {
    fn name(&self, number: usize) -> (String, Option<String>) {
        let r#static = self.slot.static_name().map(|name| format!("{name}{number}"));
        (format!("{}{number}", self.slot.alias), r#static)
    }

    /// Adds a layer, in whose Rust the words stand for the layers with these numbers. Answers with its number.
    fn push(&mut self, r#type: &str, init: Option<&str>, below: &[(&str, usize)], comment: String) -> usize {
        let fill_in = |text: &str| {
            below.iter().fold(text.to_string(), |text, (word, number)| {
                let (alias, r#static) = self.name(*number);
                let text = replace_identifier(&text, word, &alias);
                r#static.map_or(text.clone(), |name| replace_identifier(&text, &word.to_uppercase(), &name))
            })
        };
        let (r#type, init) = (fill_in(r#type), init.map(fill_in));
        let (alias, r#static) = self.name(self.all.len());
        self.all.push(Layer { alias, r#static, r#type, init, comment });
        self.all.len() - 1
    }

    fn push_composed(
        &mut self,
        composed: &Composed,
        below: &[(&str, usize)],
        at: &str,
        comment: &str,
    ) -> usize {
        let init = replace_identifier(&composed.init, "AT", &format!("{at:?}"));
        self.push(&composed.r#type, Some(&init), below, comment.to_string())
    }
}

/// The layers of a slot, the innermost first. The outermost has the slot's own names; those below are numbered.
fn layers(filled: &Filled, tree: &Tree) -> Vec<Layer> {
    let comment =
        |provider: &Provider| format!("{}  {}", provider.provides.option, place(tree, provider.package));
    let mut layers = Layers { slot: filled.slot, all: Vec::new() };
    let mut top = match &filled.slot.package.metadata.mounts {
        Some(mounts) => mount_all(&mut layers, filled, mounts, &comment),
        None => {
            let Provides { r#type, init, .. } = filled.provider.provides;
            layers.push(r#type, init.as_deref(), &[], comment(&filled.provider))
        }
    };
    for wrapper in &filled.wrappers {
        let Provides { r#type, init, .. } = wrapper.provides;
        top = layers.push(r#type, init.as_deref(), &[("Inner", top)], comment(wrapper));
    }
    if let Some(outermost) = layers.all.last_mut() {
        outermost.alias = filled.slot.alias.to_string();
        outermost.r#static = filled.slot.static_name().map(str::to_string);
    }
    layers.all
}

/// The members of a slot, then what makes one of them; the number of that.
fn mount_all(
    layers: &mut Layers,
    filled: &Filled,
    mounts: &Mounts,
    comment: &dyn Fn(&Provider) -> String,
) -> usize {
    let mut members = Vec::new();
    let all = all_of(filled, mounts);
    for Mounted { provider, mount } in &filled.mounted {
        let source = mount.source.as_deref().unwrap_or("SOURCE");
        let r#type = replace_identifier(&provider.provides.r#type, "SOURCE", source);
        let Provides { init, init_mounted, .. } = provider.provides;
        let init = init_mounted.as_ref().filter(|_| mount.at != "/").or(init.as_ref());
        let init = init.map(|init| replace_identifier(init, "SOURCE", source));
        let init = init.map(|init| replace_identifier(&init, "MOUNTS", &all));
        let mut member = layers.push(&r#type, init.as_deref(), &[], comment(provider));
        if mount.is_read_only {
            member = layers.push_composed(&mounts.read_only, &[("Inner", member)], &mount.at, "ro");
        }
        members.push((member, mount.at.as_str()));
    }
    let whole = members.into_iter().reduce(|(below, _), (above, at)| {
        let names = [("Below", below), ("Above", above)];
        (layers.push_composed(&mounts.mount, &names, at, at), at)
    });
    whole.map_or(0, |(number, _)| number)
}

/// All mounts, as Rust: place, type, and whether it is only read, which the type itself may say.
fn all_of(filled: &Filled, mounts: &Mounts) -> String {
    let prefix = format!("{}_", filled.slot.name.to_uppercase());
    let alias = filled.slot.alias;
    let mut number = 0;
    let one = |Mounted { provider, mount }: &Mounted| {
        let option = &provider.provides.option;
        let kind = option.strip_prefix(&prefix).unwrap_or(option).to_lowercase();
        // A layer for each, and one more for what is only read; the only layer has the name of the slot.
        let alias = match filled.mounted.len() + filled.wrappers.len() {
            1 => alias.to_string(),
            _ => format!("{alias}{number}"),
        };
        let is_fixed = match mount.is_read_only {
            true => "true".to_string(),
            false => replace_identifier(&mounts.is_fixed, "Inner", &alias),
        };
        number += 1 + usize::from(mount.is_read_only);
        format!("({:?}, {kind:?}, {is_fixed})", mount.at)
    };
    format!("&[{}]", filled.mounted.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// Puts `new` where `text` has the identifier `old`.
fn replace_identifier(text: &str, old: &str, new: &str) -> String {
    let boundary = |character: char| !(character.is_alphanumeric() || character == '_');
    let word = |piece: &str| match piece.strip_prefix(old) {
        Some(rest) if rest.is_empty() || rest.starts_with(boundary) => format!("{new}{rest}"),
        _ => piece.to_string(),
    };
    text.split_inclusive(boundary).map(word).collect()
}

fn constant<'a>(tree: &Tree, constant: &'a composition::Constant) -> Constant<'a> {
    let value = match &constant.value {
        Setting::Bool(value) => value.to_string(),
        Setting::Int(value) => value.to_string(),
        Setting::Text(value) => format!("{value:?}"),
    };
    let folder = place(tree, constant.package);
    Constant { name: &constant.name, r#type: constant.rust_type, value, folder }
}

fn place(tree: &Tree, package: &Package) -> String {
    tree.relative(&package.folder).display().to_string()
}

/// The crates that the source names, and the interfaces, which the macros of others name.
fn dependencies(composition: &Composition, source: &str) -> Vec<Dependency> {
    let code = source.lines().map(|line| line.split("//").next().unwrap_or(line));
    let named: Vec<String> = code.flat_map(identifiers).map(str::to_string).collect();
    let is_needed = |package: &&Package| {
        package.metadata.slot.is_some() || named.contains(&package.name.replace('-', "_"))
    };
    let packages = composition.shelf.packages.iter().filter(is_needed);
    let mut all: Vec<Dependency> = packages
        .map(|package| Dependency { name: package.name.clone(), dependency: package.dependency.clone() })
        .collect();
    if let (Some((package, folder)), Kind::Native { library }) = (composition.native, composition.kind) {
        let path = format!("{:?}", folder.to_string_lossy());
        let dependency = format!("{{ package = {package:?}, path = {path} }}");
        all.push(Dependency { name: library.clone(), dependency });
    }
    all.sort();
    all
}
