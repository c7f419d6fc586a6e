//! Kit's own tree: what every reader of the menu relies on, and what a wrong `[config]` is answered.

use std::path::Path;
use std::sync::Arc;

use kit_cli::tree::Tree;
use kit_cli::{configuration, shelf};
use kit_menu::kconfig::{Config, Role, Tristate, Type};
use kit_menu::own_tree::{self, App};
use kit_menu::{Setting, Shelf, Wish, composition, wishes};

fn tree() -> Tree {
    Tree { root: Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf() }
}

fn of_tree() -> Shelf {
    shelf::load(&tree(), &Default::default(), Path::new("")).unwrap()
}

fn config(shelf: &Shelf, platform: &str, app: App) -> Config {
    let loaded = own_tree::read(&tree().root, shelf, app);
    let loaded = loaded.unwrap_or_else(|failure| panic!("{}", configuration::errors_of(&failure)));
    let text: String = loaded.diagnostics.iter().map(|one| one.render(loaded.tree.sources())).collect();
    assert_eq!(text, "", "kit's own tree has no warnings");
    let mut config = Config::new(Arc::new(loaded.tree));
    configuration::choose_platform(&mut config, shelf, platform);
    config
}

/// The options that fill slots with these wishes; or what is said against them, a line each.
fn ask(platform: &str, values: &[(&str, Setting)]) -> Result<Vec<String>, Vec<String>> {
    let shelf = of_tree();
    let mut config = config(&shelf, platform, App::Ported);
    let wish = |(option, value): &(&str, Setting)| Wish { option: option.to_string(), value: value.clone() };
    let problems = wishes::apply(&mut config, &values.iter().map(wish).collect::<Vec<_>>());
    if !problems.is_empty() {
        return Err(problems.iter().map(|problem| problem.to_string()).collect());
    }
    let filled = composition::fill(&shelf, &config, &[]).map_err(|problem| vec![problem.to_string()])?;
    let mut options: Vec<String> = filled.iter().map(|one| one.provider.provides.option.clone()).collect();
    options.retain(|option| !option.starts_with("PLATFORM_"));
    options.sort();
    Ok(options)
}

const YES: Setting = Setting::Bool(true);
const NO: Setting = Setting::Bool(false);

#[test]
fn the_defaults_of_each_platform() {
    assert_eq!(
        ask("kvm", &[]).unwrap(),
        [
            "ALLOC_TLSF",
            "ARCH_X86_64",
            "CONSOLE_SERIAL",
            "ENTROPY_RDRAND",
            "FRAMES_RUNS",
            "FS_RAM",
            "NETDEV_VIRTIO",
            "NET_SMOLTCP",
            "SCHED_RR",
            "TRACE_NONE"
        ]
    );
    assert_eq!(
        ask("linux", &[]).unwrap(),
        ["ALLOC_TLSF", "ENTROPY_HOST", "FRAMES_RUNS", "FS_RAM", "NET_HOSTSOCKETS", "SCHED_RR", "TRACE_NONE"]
    );
}

#[test]
fn each_platform_resolves_with_each_member_of_each_choice() {
    let shelf = of_tree();
    for (_, platform) in shelf.platforms() {
        for app in [App::Ported, App::Native] {
            let config = config(&shelf, &platform.name, app);
            let menu = config.tree();
            let members: Vec<_> = menu.symbols().filter(|(_, symbol)| symbol.choice.is_some()).collect();
            for (id, symbol) in members {
                if config.visibility(id) == Tristate::No
                    || configuration::place_of(&shelf, &symbol.name).is_some()
                {
                    continue;
                }
                let mut changed = config.clone();
                changed.set(id, "y").unwrap();
                let outcome = composition::compose(&shelf, &changed, &[], &tree().root);
                assert!(outcome.is_ok(), "{} on {}: {:?}", symbol.name, platform.name, outcome.err());
            }
        }
    }
}

#[test]
fn every_leaf_is_reached() {
    let shelf = of_tree();
    let config = config(&shelf, "kvm", App::Ported);
    let sources = config.tree().sources();
    let read: Vec<_> = sources.files().map(|file| sources.path(file).to_path_buf()).collect();
    let mut count = 0;
    for package in &shelf.packages {
        let leaf = composition::leaf_of(package, &tree().root);
        if tree().root.join(&leaf).exists() {
            count += 1;
            assert!(read.contains(&leaf), "nothing sources {}", leaf.display());
        }
        for provides in &package.metadata.provides {
            assert!(config.tree().find(&provides.option).is_some(), "{} is not in the menu", provides.option);
        }
    }
    assert!(count > 20, "the leaves have moved");
}

#[test]
fn every_option_has_help_and_every_number_a_range_and_a_default_in_it() {
    let shelf = of_tree();
    let config = config(&shelf, "kvm", App::Ported);
    let menu = config.tree();
    for (id, symbol) in menu.symbols().filter(|(_, symbol)| symbol.role == Role::Plain) {
        let Some(node) = symbol.nodes.iter().find(|node| menu.node(**node).prompt.is_some()) else {
            continue;
        };
        let help = menu.help(*node).unwrap_or_default().to_lowercase();
        for word in ["choose", "cost", "need"] {
            assert!(help.contains(word), "the help of {} does not say {word:?}", symbol.name);
        }
        if symbol.kind == Type::Int {
            assert!(!symbol.ranges.is_empty(), "{} has no range", symbol.name);
            // What is not offered, because another member of its choice is picked, has no value either.
            let Some((low, high)) = config.range(id) else { continue };
            let number = |text: &str| text.parse::<i64>().unwrap();
            let default = number(&config.text(id));
            assert!((number(&low)..=number(&high)).contains(&default), "{}", symbol.name);
        }
    }
}

#[test]
fn a_wish_beats_the_default() {
    let with = |platform, wishes: &[(&str, Setting)], option: &str| {
        ask(platform, wishes).unwrap().iter().any(|filled| filled == option)
    };
    assert!(with("linux", &[("ALLOC_BUDDY", YES)], "ALLOC_BUDDY"));
    assert!(with("linux", &[("ALLOC_TLSF", NO)], "ALLOC_BUDDY"));
    assert!(with("linux", &[("ENTROPY_RDRAND", YES)], "ENTROPY_RDRAND"));
    assert!(with("kvm", &[("ENTROPY_VIRTIO", YES)], "ENTROPY_VIRTIO"));
}

#[test]
fn what_nobody_needs_is_left_out() {
    let net = |platform, wishes: &[(&str, Setting)]| {
        let filled = ask(platform, wishes).unwrap();
        filled.into_iter().filter(|option| option.starts_with("NET")).collect::<Vec<_>>()
    };
    assert_eq!(net("kvm", &[("NET_SMOLTCP", NO)]), ["NETDEV_VIRTIO", "NET_UDP_MINI"]);
    assert_eq!(net("kvm", &[("NET_NONE", YES)]), [""; 0]);
    assert_eq!(net("kvm", &[("NETDEV_VIRTIO", NO)]), [""; 0]);
    assert_eq!(net("linux", &[("NET_NONE", YES)]), [""; 0]);
    assert_eq!(net("linux", &[]), ["NET_HOSTSOCKETS"]);
    assert_eq!(net("linux", &[("NET_HOSTSOCKETS", NO)]), ["NETDEV_TAP", "NET_SMOLTCP"]);
}

#[test]
fn a_refusal_says_why_and_what_to_do() {
    let refusal = |platform, wishes: &[(&str, Setting)]| ask(platform, wishes).unwrap_err().join("\n");
    assert_eq!(
        refusal("kvm", &[("ALLOC_BUDDDY", YES)]),
        "there is no option `ALLOC_BUDDDY`\n  did you mean `ALLOC_BUDDY`?"
    );
    assert_eq!(refusal("kvm", &[("NET_SOCKETS", YES)]), "NET_SOCKETS must be a whole number, not true");
    assert_eq!(refusal("kvm", &[("NET_IP", Setting::Int(3))]), "NET_IP must be text in quotes, not 3");
    assert_eq!(
        refusal("kvm", &[("NET_SOCKETS", Setting::Int(2))]),
        "NET_SOCKETS must be 4 to 1000000, not 2"
    );
    assert_eq!(
        refusal("kvm", &[("NETDEV_NONE", YES), ("NET_SMOLTCP", YES)]),
        "NET_SMOLTCP=y did not take: needs NETDEV != none (is none) \u{2014} set NETDEV_VIRTIO=y"
    );
    // The way out leads over another platform.
    assert_eq!(
        refusal("linux", &[("ENTROPY_VIRTIO", YES)]),
        "ENTROPY_VIRTIO=y did not take: needs HAS_VIRTIO (is n) \u{2014} set PLATFORM_KVM=y"
    );
}
