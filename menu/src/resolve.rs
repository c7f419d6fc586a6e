//! From wishes to a choice: one provider for each slot, one value for each option, or the reasons against it.
//!
//! The rules: a wish beats a default; a slot has one provider; a provider needs the slots that its type names; a
//! slot that may be empty and that nothing names is left empty. What is refused is refused before cargo runs.

use std::collections::BTreeMap;

use crate::options::{Definition, Kind, Setting};
use crate::shelf::{Package, Provider, Shelf, Slot};
use crate::{ConfigError, did_you_mean, options};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The platform of the image.
    pub platform: String,
    /// `[config]`, in its order.
    pub wishes: Vec<Wish>,
}

/// One line of `[config]`.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The option.
    pub option: String,
    /// Its value.
    pub value: Setting,
}

/// The answer.
pub struct Resolution<'a> {
    /// The filled slots, each after those that it names.
    pub filled: Vec<Filled<'a>>,
    /// The empty slots, with the reason why.
    pub empty: BTreeMap<&'a str, String>,
    /// Every option that this image has, with its value.
    pub symbols: Vec<Symbol<'a>>,
}

/// A slot with its choice.
#[derive(Clone, Copy)]
pub struct Filled<'a> {
    /// The slot.
    pub slot: Slot<'a>,
    /// What fills it.
    pub provider: Provider<'a>,
}

/// An option with its value.
pub struct Symbol<'a> {
    /// The crate whose option it is.
    pub package: &'a Package,
    /// What its Kconfig says.
    pub definition: Definition,
    /// The value.
    pub value: Setting,
    /// Whether it chooses a provider, as opposed to being a value for one.
    pub is_choice: bool,
}

impl Resolution<'_> {
    /// The value of an option that this image has.
    pub fn value(&self, option: &str) -> Option<&Setting> {
        self.symbols.iter().find(|symbol| symbol.definition.name == option).map(|symbol| &symbol.value)
    }

    /// Whether an option is set to `true`.
    pub fn is_set(&self, option: &str) -> bool {
        self.value(option) == Some(&Setting::Bool(true))
    }
}

/// Chooses.
pub fn resolve<'a>(shelf: &'a Shelf, request: &Request) -> Result<Resolution<'a>, ConfigError> {
    let known = definitions(shelf)?;
    check_wishes(&known, request)?;
    let mut chooser = Chooser { shelf, request, chosen: Vec::new(), empty: BTreeMap::new() };
    for slot in shelf.slots() {
        chooser.fill(slot)?;
    }
    chooser.settle()?;
    let symbols = symbols(known, &chooser)?;
    Ok(Resolution { filled: in_order(chooser.chosen), empty: chooser.empty, symbols })
}

/// Every option of the shelf. A provider whose folder has no `Kconfig` for its option still has the option.
fn definitions(shelf: &Shelf) -> Result<Vec<(&Package, Definition)>, ConfigError> {
    let mut all = Vec::new();
    for package in &shelf.packages {
        let mut own = options::read(&package.folder).map_err(ConfigError::new)?;
        for provides in &package.metadata.provides {
            if !own.iter().any(|definition| definition.name == provides.option) {
                own.push(Definition {
                    name: provides.option.clone(),
                    kind: Kind::Bool,
                    prompt: package.name.clone(),
                    default: Setting::Bool(false),
                    range: None,
                });
            }
        }
        all.extend(own.into_iter().map(|definition| (package, definition)));
    }
    Ok(all)
}

fn check_wishes(known: &[(&Package, Definition)], request: &Request) -> Result<(), ConfigError> {
    for wish in &request.wishes {
        let name = &wish.option;
        let Some((_, definition)) = known.iter().find(|(_, definition)| definition.name == *name) else {
            let error = ConfigError::of(name, format!("there is no option `{name}`"));
            return Err(
                match did_you_mean(name, known.iter().map(|(_, definition)| definition.name.as_str())) {
                    Some(near) => error.because(format!("did you mean `{near}`?")),
                    None => error,
                },
            );
        };
        definition.accepts(&wish.value).map_err(|message| ConfigError::of(name, message))?;
    }
    Ok(())
}

struct Chooser<'a, 'r> {
    shelf: &'a Shelf,
    request: &'r Request,
    chosen: Vec<Filled<'a>>,
    empty: BTreeMap<&'a str, String>,
}

impl<'a> Chooser<'a, '_> {
    fn wish(&self, option: &str) -> Option<bool> {
        self.request.wishes.iter().find(|wish| wish.option == option).and_then(|wish| match wish.value {
            Setting::Bool(value) => Some(value),
            _ => None,
        })
    }

    /// Chooses the provider of one slot by wish, then by default, then for want of another.
    fn fill(&mut self, slot: Slot<'a>) -> Result<(), ConfigError> {
        let platform = self.request.platform.as_str();
        let all: Vec<_> = self.shelf.providers().filter(|one| one.provides.slot == slot.name).collect();
        let wished: Vec<_> =
            all.iter().filter(|one| self.wish(&one.provides.option) == Some(true)).copied().collect();
        if let Some(wrong) = wished.iter().find(|one| !one.works_on(platform)) {
            let option = &wrong.provides.option;
            return Err(ConfigError::of(
                option,
                format!(
                    "{option} works on platform {}, and this image is for {platform}",
                    wrong.provides.platforms.join(", ")
                ),
            )
            .because("choose the platform by --platform or [image] platform, or remove the option"));
        }
        if let [first, second, ..] = wished[..] {
            let (first, second) = (&first.provides.option, &second.provides.option);
            return Err(ConfigError::of(
                second,
                format!("{first} and {second} both fill the slot {}, which takes one", slot.name),
            )
            .because("remove one of them"));
        }
        let mut possible = all
            .iter()
            .copied()
            .filter(|one| one.works_on(platform) && self.wish(&one.provides.option) != Some(false));
        let is_default = |one: &Provider| one.provides.default_on.iter().any(|name| name == platform);
        let default = possible.clone().find(is_default);
        let only = || match (possible.next(), possible.next()) {
            (Some(one), None) if !slot.package.metadata.optional => Some(one),
            _ => None,
        };
        match wished.first().copied().or(default).or_else(only) {
            Some(provider) => self.chosen.push(Filled { slot, provider }),
            None if slot.package.metadata.optional => {
                self.empty.insert(slot.name, self.why_empty(&all));
            }
            None => {
                let names =
                    all.iter().filter(|one| one.works_on(platform)).map(|one| one.provides.option.as_str());
                let names: Vec<_> = names.collect();
                let off = all.iter().find(|one| self.wish(&one.provides.option) == Some(false));
                let message = format!("nothing fills the slot {} on platform {platform}", slot.name);
                let error = match off {
                    Some(one) => ConfigError::of(&one.provides.option, message)
                        .because(format!("{} = false in [config]", one.provides.option)),
                    None => ConfigError::new(message),
                };
                return Err(match names.is_empty() {
                    true => error.because("no micro-library for it works there"),
                    false => error.because(format!("set one of these to true: {}", names.join(", "))),
                });
            }
        }
        Ok(())
    }

    fn why_empty(&self, all: &[Provider]) -> String {
        let off = all.iter().find(|one| self.wish(&one.provides.option) == Some(false));
        match off {
            Some(one) => format!("{} = false in [config]", one.provides.option),
            None => format!("nothing fills it on platform {} unless chosen", self.request.platform),
        }
    }

    /// Lets go of what lacks a slot that it needs, or that nobody needs, until nothing changes.
    fn settle(&mut self) -> Result<(), ConfigError> {
        while let Some(index) = self.first_unsettled()? {
            let Filled { slot, provider } = self.chosen.remove(index);
            let reason = match self.missing(&provider) {
                Some(need) => {
                    format!("{} needs the slot {}, which is empty", provider.provides.option, need.name)
                }
                None => "nothing in this image uses it".to_string(),
            };
            self.empty.insert(slot.name, reason);
        }
        Ok(())
    }

    fn first_unsettled(&self) -> Result<Option<usize>, ConfigError> {
        for (index, Filled { slot, provider }) in self.chosen.iter().enumerate() {
            let option = &provider.provides.option;
            let is_wished = self.wish(option) == Some(true);
            if let Some(need) = self.missing(provider) {
                if slot.package.metadata.optional && !is_wished {
                    return Ok(Some(index));
                }
                let why = self.empty.get(need.name).map_or("", String::as_str);
                return Err(ConfigError::of(
                    option,
                    format!("{option} needs the slot {}, and nothing fills it on this image", need.name),
                )
                .because(format!("{}: {why}", need.name)));
            }
            let metadata = &slot.package.metadata;
            let is_reached = metadata.image.is_some()
                || metadata.bind.is_some()
                || provider.provides.bind.is_some()
                || self.chosen.iter().any(|other| other.provider.names(slot));
            if metadata.optional && !is_reached && !is_wished {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// The first slot that `provider` names and that is empty.
    fn missing(&self, provider: &Provider) -> Option<Slot<'a>> {
        let is_filled = |slot: &Slot| self.chosen.iter().any(|filled| filled.slot.name == slot.name);
        self.shelf.slots().find(|slot| provider.names(slot) && !is_filled(slot))
    }
}

/// The options of the chosen, with their values; refuses a value for what was not chosen.
fn symbols<'a>(
    known: Vec<(&'a Package, Definition)>,
    chooser: &Chooser<'a, '_>,
) -> Result<Vec<Symbol<'a>>, ConfigError> {
    let is_chosen = |package: &Package, option: Option<&str>| {
        chooser.chosen.iter().any(|filled| {
            filled.provider.package.name == package.name
                && option.is_none_or(|option| filled.provider.provides.option == option)
        })
    };
    let mut symbols = Vec::new();
    for (package, definition) in known {
        let name = definition.name.clone();
        let wish = chooser.request.wishes.iter().find(|wish| wish.option == name);
        let provides = package.metadata.provides.iter().find(|provides| provides.option == name);
        let is_used = package.metadata.provides.is_empty() || is_chosen(package, None);
        let (value, is_choice) = match (provides, wish) {
            (Some(_), _) => (Setting::Bool(is_chosen(package, Some(&name))), true),
            (None, _) if !is_used && wish.is_none() => continue,
            (None, _) if !is_used => {
                let owner: Vec<_> =
                    package.metadata.provides.iter().map(|provides| provides.option.as_str()).collect();
                return Err(ConfigError::of(
                    &name,
                    format!("{name} belongs to {}, which is not in this image", package.name),
                )
                .because(format!("set {} = true as well, or remove {name}", owner.join(" or "))));
            }
            (None, Some(wish)) => (wish.value.clone(), false),
            (None, None) => (definition.default.clone(), false),
        };
        symbols.push(Symbol { package, definition, value, is_choice });
    }
    symbols.dedup_by(|second, first| second.definition.name == first.definition.name);
    Ok(symbols)
}

/// Sorts so that each slot comes after those that its provider names.
fn in_order(mut chosen: Vec<Filled<'_>>) -> Vec<Filled<'_>> {
    let mut sorted: Vec<Filled> = Vec::with_capacity(chosen.len());
    while !chosen.is_empty() {
        let is_ready = |candidate: &Filled| {
            !chosen
                .iter()
                .any(|other| other.slot.name != candidate.slot.name && candidate.provider.names(&other.slot))
        };
        // The platform's own parts come first, because that is how one reads an image.
        let is_own = |candidate: &&Filled| candidate.provider.package.metadata.platform.is_some();
        let first = chosen.iter().position(|candidate| is_own(&candidate) && is_ready(candidate));
        // Metadata that goes in a circle cannot compile either; any order will do for the message.
        let next = first.or_else(|| chosen.iter().position(is_ready)).unwrap_or(0);
        sorted.push(chosen.remove(next));
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelf::{Metadata, Provides};

    fn slot(name: &str, alias: &str, optional: bool, image: bool) -> Package {
        let metadata = Metadata {
            slot: Some(name.into()),
            alias: Some(alias.into()),
            r#static: Some(alias.to_uppercase()),
            image: image.then(|| "Image".into()),
            optional,
            ..Metadata::default()
        };
        Package { name: format!("kit-iface-{name}"), metadata, ..Package::default() }
    }

    fn provider(name: &str, slot: &str, r#type: &str, platforms: &[&str], default: bool) -> Package {
        let names: Vec<String> = platforms.iter().map(|name| name.to_string()).collect();
        let option = name.to_uppercase().replace('-', "_");
        let provides = Provides {
            slot: slot.into(),
            option,
            r#type: r#type.into(),
            init: Some("new()".into()),
            default_on: if default { names.clone() } else { Vec::new() },
            platforms: names,
            ..Provides::default()
        };
        let metadata = Metadata { provides: vec![provides], ..Metadata::default() };
        Package { name: format!("kit-{name}"), metadata, ..Package::default() }
    }

    fn shelf() -> Shelf {
        Shelf {
            packages: vec![
                slot("alloc", "Heap", false, true),
                slot("frames", "Frames", false, true),
                slot("net", "Net", true, true),
                slot("netdev", "Nic", true, false),
                provider("alloc-buddy", "alloc", "Buddy<Frames>", &["kvm", "linux"], true),
                provider("alloc-tlsf", "alloc", "Tlsf<Frames>", &["kvm", "linux"], false),
                provider("frames-runs", "frames", "Runs", &["kvm", "linux"], true),
                provider("net-smoltcp", "net", "Stack<Nic>", &["kvm"], true),
                provider("netdev-virtio", "netdev", "VirtioNet", &["kvm"], true),
            ],
        }
    }

    fn ask(platform: &str, wishes: &[(&str, bool)]) -> Result<Vec<String>, String> {
        let wish =
            |&(option, value): &(&str, bool)| Wish { option: option.into(), value: Setting::Bool(value) };
        let request = Request { platform: platform.into(), wishes: wishes.iter().map(wish).collect() };
        let shelf = shelf();
        let resolution = resolve(&shelf, &request).map_err(|error| error.to_string())?;
        Ok(resolution.filled.iter().map(|filled| filled.provider.provides.option.clone()).collect())
    }

    #[test]
    fn defaults_come_in_the_order_of_their_needs() {
        assert_eq!(ask("kvm", &[]).unwrap(), ["FRAMES_RUNS", "ALLOC_BUDDY", "NETDEV_VIRTIO", "NET_SMOLTCP"]);
        assert_eq!(ask("linux", &[]).unwrap(), ["FRAMES_RUNS", "ALLOC_BUDDY"]);
    }

    #[test]
    fn a_wish_beats_the_default() {
        assert_eq!(ask("linux", &[("ALLOC_TLSF", true)]).unwrap(), ["FRAMES_RUNS", "ALLOC_TLSF"]);
        assert_eq!(ask("linux", &[("ALLOC_BUDDY", false)]).unwrap(), ["FRAMES_RUNS", "ALLOC_TLSF"]);
    }

    #[test]
    fn what_nobody_needs_is_left_out() {
        assert_eq!(ask("kvm", &[("NET_SMOLTCP", false)]).unwrap(), ["FRAMES_RUNS", "ALLOC_BUDDY"]);
        assert_eq!(ask("kvm", &[("NETDEV_VIRTIO", false)]).unwrap(), ["FRAMES_RUNS", "ALLOC_BUDDY"]);
    }

    #[test]
    fn refusals_say_why() {
        assert_eq!(
            ask("kvm", &[("ALLOC_BUDDDY", true)]).unwrap_err(),
            "there is no option `ALLOC_BUDDDY`\n  did you mean `ALLOC_BUDDY`?"
        );
        assert_eq!(
            ask("kvm", &[("ALLOC_BUDDY", true), ("ALLOC_TLSF", true)]).unwrap_err(),
            "ALLOC_BUDDY and ALLOC_TLSF both fill the slot alloc, which takes one\n  remove one of them"
        );
        assert_eq!(
            ask("linux", &[("NET_SMOLTCP", true)]).unwrap_err(),
            "NET_SMOLTCP works on platform kvm, and this image is for linux\n  choose the platform by \
             --platform or [image] platform, or remove the option"
        );
        assert_eq!(
            ask("kvm", &[("NET_SMOLTCP", true), ("NETDEV_VIRTIO", false)]).unwrap_err(),
            "NET_SMOLTCP needs the slot netdev, and nothing fills it on this image\n  netdev: NETDEV_VIRTIO \
             = false in [config]"
        );
        assert_eq!(
            ask("kvm", &[("FRAMES_RUNS", false)]).unwrap_err(),
            "nothing fills the slot frames on platform kvm\n  FRAMES_RUNS = false in [config]\n  set one of \
             these to true: FRAMES_RUNS"
        );
    }
}
