//! From a shelf and a menu, both of this test alone, to what an image is made of and what it will weigh.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kit_menu::composition::{compose, fill};
use kit_menu::kconfig::{Config, MemoryFiles};
use kit_menu::own_tree::{self, App};
use kit_menu::shelf::{Metadata, Platform, Provides};
use kit_menu::sizes::{Estimator, Measured, OnPlatform, Sizes};
use kit_menu::{Package, Setting, Shelf, Wish, wishes};

const ROOT: &str = "/kit";

const MENU: &str = r#"
choice
	prompt "Platform"
config PLATFORM_KVM
	bool "kvm"
	select HAS_VIRTIO
config PLATFORM_LINUX
	bool "linux"
endchoice

choice
	prompt "Heap"
	default ALLOC_BUDDY
source "libs/alloc-*/Kconfig"
endchoice

config FRAMES_RUNS
	def_bool y

choice
	prompt "Network"
	default NET_SMOLTCP
source "libs/net-*/Kconfig"
config NET_NONE
	bool "none"
endchoice

choice
	prompt "Card"
	default NETDEV_VIRTIO
source "libs/netdev-*/Kconfig"
config NETDEV_NONE
	bool "none"
endchoice
osource "libs/netdev-*/Kconfig.wrapper"

config NETDEV
	string
	default "none" if NETDEV_NONE
	default "present"

config HAS_VIRTIO
	bool

config SPEED
	bool "Speed"
"#;

const LEAVES: [(&str, &str); 7] = [
    ("/kit/libs/netdev-pcap", "config NETDEV_PCAP\n\tbool \"pcap\"\n"),
    ("/elsewhere/netdev-fault", "config NETDEV_FAULT\n\tbool \"fault\"\n"),
    ("/kit/libs/alloc-buddy", "config ALLOC_BUDDY\n\tbool \"buddy\"\n"),
    (
        "/kit/libs/net-smoltcp",
        "config NET_SMOLTCP\n\tbool \"smoltcp\"\n\tdepends on NETDEV != \"none\"\n\nconfig NET_SOCKETS\n\tint \"Sockets\"\n\tdepends on NET_SMOLTCP\n\trange 4 100\n\tdefault 8\n",
    ),
    (
        "/kit/libs/netdev-virtio",
        "config NETDEV_VIRTIO\n\tbool \"virtio\"\n\tdepends on HAS_VIRTIO\n\nconfig NETDEV_BYTES\n\tint \"Bytes\"\n\tdepends on NETDEV_VIRTIO\n\trange 0 10000000000\n\tdefault 1\n",
    ),
    (
        "/elsewhere/mine",
        "config ALLOC_MINE\n\tbool \"mine\"\n\nconfig MINE_LOW\n\tint \"Low\"\n\tdepends on ALLOC_MINE\n\trange -5 5\n\tdefault 0\n",
    ),
    ("/kit/menu", MENU),
];

fn slot(name: &str, alias: &str, optional: bool, image: bool) -> Package {
    let metadata = Metadata {
        slot: Some(name.into()),
        alias: Some(alias.into()),
        r#static: Some(alias.to_uppercase()),
        image: image.then(|| "Image".into()),
        optional,
        ..Metadata::default()
    };
    package(&format!("kit-iface-{name}"), &format!("/kit/libs/iface/{name}"), metadata)
}

fn package(name: &str, folder: &str, metadata: Metadata) -> Package {
    Package {
        name: name.into(),
        folder: folder.into(),
        dependency: String::new(),
        metadata,
        uses: Vec::new(),
    }
}

fn fills(slot: &str, option: &str, r#type: &str) -> Provides {
    Provides {
        slot: slot.into(),
        option: option.into(),
        r#type: r#type.into(),
        init: Some("new()".into()),
        ..Provides::default()
    }
}

fn wraps(folder: &str, slot: &str, option: &str, place: u32) -> Package {
    let mut package = library(folder, slot, option, "Around<Inner>");
    package.metadata.provides[0].wraps = Some(place);
    package
}

fn library(folder: &str, slot: &str, option: &str, r#type: &str) -> Package {
    let name = folder.rsplit('/').next().unwrap();
    let metadata = Metadata { provides: vec![fills(slot, option, r#type)], ..Metadata::default() };
    package(name, folder, metadata)
}

fn platform(name: &str) -> Package {
    let option = format!("PLATFORM_{}", name.to_uppercase());
    let platform = Platform { name: name.into(), ..Platform::default() };
    let metadata = Metadata {
        platform: Some(platform),
        provides: vec![fills("platform", &option, "Machine")],
        ..Metadata::default()
    };
    package(&format!("kit-platform-{name}"), &format!("/kit/platforms/{name}"), metadata)
}

fn shelf() -> Shelf {
    let packages = vec![
        library("/kit/libs/alloc-buddy", "alloc", "ALLOC_BUDDY", "Buddy<Frames>"),
        slot("alloc", "Heap", false, true),
        slot("frames", "Frames", false, true),
        slot("net", "Net", true, true),
        slot("netdev", "Nic", true, false),
        slot("platform", "Platform", false, true),
        library("/kit/libs/frames-runs", "frames", "FRAMES_RUNS", "Runs"),
        package("kit-menu", "/kit/menu", Metadata::default()),
        library("/elsewhere/mine", "alloc", "ALLOC_MINE", "Mine<Frames>"),
        library("/kit/libs/net-smoltcp", "net", "NET_SMOLTCP", "Stack<Nic>"),
        library("/kit/libs/netdev-virtio", "netdev", "NETDEV_VIRTIO", "VirtioNet"),
        wraps("/kit/libs/netdev-pcap", "netdev", "NETDEV_PCAP", 20),
        wraps("/elsewhere/netdev-fault", "netdev", "NETDEV_FAULT", 10),
        platform("kvm"),
        platform("linux"),
    ];
    Shelf { packages }
}

fn config_of(shelf: &Shelf, menu: &str) -> Config {
    let mut files: BTreeMap<PathBuf, Vec<u8>> = LEAVES
        .iter()
        .map(|(folder, text)| {
            let wraps = folder.ends_with("pcap") || folder.ends_with("fault");
            let leaf = if wraps { "Kconfig.wrapper" } else { "Kconfig" };
            (Path::new(folder).join(leaf), text.as_bytes().to_vec())
        })
        .collect();
    files.insert("/kit/menu/Kconfig".into(), menu.as_bytes().to_vec());
    let loaded = own_tree::read_from(MemoryFiles(files), Path::new(ROOT), shelf, App::Ported);
    let loaded = loaded.unwrap_or_else(|failure| {
        panic!("{}", failure.diagnostics.iter().map(|one| one.render(&failure.sources)).collect::<String>())
    });
    Config::new(Arc::new(loaded.tree))
}

/// A configuration in which these are set, and all took.
fn with(shelf: &Shelf, values: &[(&str, bool)]) -> Config {
    let mut config = config_of(shelf, MENU);
    let wish =
        |(option, value): &(&str, bool)| Wish { option: option.to_string(), value: Setting::Bool(*value) };
    let problems = wishes::apply(&mut config, &values.iter().map(wish).collect::<Vec<_>>());
    assert_eq!(problems, []);
    config
}

fn filled(values: &[(&str, bool)]) -> Vec<String> {
    let shelf = shelf();
    let filled = fill(&shelf, &with(&shelf, values), &[]).unwrap();
    filled.iter().map(|one| one.provider.provides.option.clone()).collect()
}

#[test]
fn the_platform_comes_first_and_each_slot_after_those_that_it_names() {
    let all = ["PLATFORM_KVM", "FRAMES_RUNS", "ALLOC_BUDDY", "NETDEV_VIRTIO", "NET_SMOLTCP"];
    assert_eq!(filled(&[]), all);
    assert_eq!(filled(&[("PLATFORM_LINUX", true)]), ["PLATFORM_LINUX", "FRAMES_RUNS", "ALLOC_BUDDY"]);
}

#[test]
fn what_nothing_uses_is_left_out_though_it_is_on() {
    let values = [("NET_NONE", true), ("NETDEV_VIRTIO", true)];
    assert_eq!(filled(&values), ["PLATFORM_KVM", "FRAMES_RUNS", "ALLOC_BUDDY"]);
}

#[test]
fn wrappers_are_in_the_image_with_what_they_wrap_and_never_alone() {
    let shelf = shelf();
    let layers = |values: &[(&str, bool)]| {
        let filled = fill(&shelf, &with(&shelf, values), &[]).unwrap();
        let layers = filled.iter().flat_map(|one| one.layers()).map(|layer| layer.provides.option.clone());
        layers.filter(|option| option.starts_with("NETDEV")).collect::<Vec<_>>()
    };
    let both = [("NETDEV_PCAP", true), ("NETDEV_FAULT", true)];
    assert_eq!(layers(&both), ["NETDEV_VIRTIO", "NETDEV_FAULT", "NETDEV_PCAP"]);
    assert_eq!(layers(&[("NETDEV_PCAP", true)]), ["NETDEV_VIRTIO", "NETDEV_PCAP"]);
    assert_eq!(layers(&[("NETDEV_PCAP", true), ("NET_NONE", true)]), Vec::<String>::new());
}

#[test]
fn a_leaf_from_elsewhere_is_a_member_like_any_other() {
    assert_eq!(filled(&[("ALLOC_MINE", true)])[2], "ALLOC_MINE");
    let shelf = shelf();
    let config = with(&shelf, &[("ALLOC_MINE", true)]);
    assert_eq!(config.value(config.tree().find("ALLOC_BUDDY").unwrap()), "n");
}

#[test]
fn constants_are_the_values_of_what_is_in_the_image() {
    let shelf = shelf();
    let constants = |values: &[(&str, bool)]| -> Vec<(String, &str, String)> {
        let resolution = compose(&shelf, &with(&shelf, values), &[], Path::new(ROOT)).unwrap();
        let constants = resolution.constants.iter();
        constants.map(|one| (one.name.clone(), one.rust_type, one.value.to_string())).collect()
    };
    let of = |name: &str, kind, value: &str| (name.to_string(), kind, value.to_string());
    let speed = of("SPEED", "bool", "false");
    let (sockets, bytes) = (of("NET_SOCKETS", "u32", "8"), of("NETDEV_BYTES", "u64", "1"));
    assert_eq!(constants(&[]), [speed.clone(), sockets.clone(), bytes.clone()]);
    // Not the card's, which is on and not in the image.
    assert_eq!(constants(&[("NET_NONE", true)]), vec![speed.clone()]);
    let low = of("MINE_LOW", "i64", "0");
    assert_eq!(constants(&[("ALLOC_MINE", true)]), [speed, low, sockets, bytes]);
}

#[test]
fn what_kconfig_forgot_to_say_is_said() {
    let shelf = shelf();
    let refusal = |menu: &str| fill(&shelf, &config_of(&shelf, menu), &[]).err().unwrap().to_string();
    let two = MENU
        .replace("choice\n\tprompt \"Heap\"\n\tdefault ALLOC_BUDDY\n", "config ALLOC_MINE\n\tdefault y\n");
    let two = two.replace(
        "source \"libs/alloc-*/Kconfig\"\nendchoice",
        "source \"libs/alloc-*/Kconfig\"\nconfig ALLOC_BUDDY\n\tdefault y",
    );
    assert_eq!(
        refusal(&two),
        "ALLOC_BUDDY and ALLOC_MINE both fill the slot alloc, which takes one\n  the Kconfig of alloc-buddy \
         and mine must be entries of one choice"
    );
    let none = MENU.replace("def_bool y", "def_bool n");
    assert_eq!(
        refusal(&none),
        "nothing fills the slot frames of this image\n  FRAMES_RUNS: `kit config why OPTION` tells why it is off"
    );
    let lacks = MENU.replace("\tselect HAS_VIRTIO\n", "").replace("default \"none\" if NETDEV_NONE\n\t", "");
    assert_eq!(
        refusal(&lacks),
        "NET_SMOLTCP needs the slot netdev, and nothing fills it on this image\n  the Kconfig of net-smoltcp \
         should say so by `depends on`"
    );
}

#[test]
fn wishes_for_one_choice_are_told_of_each_other() {
    let shelf = shelf();
    let mut config = config_of(&shelf, MENU);
    let wish = |option: &str| Wish { option: option.to_string(), value: Setting::Bool(true) };
    let problems = wishes::apply(&mut config, &[wish("ALLOC_BUDDY"), wish("ALLOC_MINE")]);
    let messages: Vec<_> = problems.iter().map(|problem| problem.to_string()).collect();
    assert_eq!(
        messages,
        ["ALLOC_BUDDY=y did not take: ALLOC_MINE was set later in the same choice\n  remove one of them"]
    );
}

fn estimator(measured: Option<Measured>) -> Estimator {
    let options = [
        ("ALLOC_BUDDY", 100),
        ("ALLOC_MINE", 150),
        ("NET_SMOLTCP", 9000),
        ("NETDEV_VIRTIO", 700),
        ("SPEED", 50),
    ];
    let options = options.map(|(name, bytes)| (name.to_string(), bytes)).into();
    let on_kvm = OnPlatform { ported: 20_000, native: 3_000, options };
    Estimator {
        root: ROOT.into(),
        shelf: shelf(),
        sizes: Sizes { platforms: BTreeMap::from([("kvm".to_string(), on_kvm)]) },
        mounts: Vec::new(),
        is_native: false,
        measured,
    }
}

#[test]
fn an_app_that_was_never_built_weighs_what_the_database_says() {
    let shelf = shelf();
    let estimator = estimator(None);
    let predict = |values: &[(&str, bool)]| estimator.predict(&with(&shelf, values));
    assert_eq!(predict(&[]).image, Some(20_000 + 100 + 9000 + 700));
    assert_eq!(predict(&[]).micro_libraries, ["ALLOC_BUDDY", "FRAMES_RUNS", "NETDEV_VIRTIO", "NET_SMOLTCP"]);
    assert_eq!(predict(&[("NET_NONE", true)]).image, Some(20_100));
    assert_eq!(predict(&[("ALLOC_MINE", true), ("SPEED", true)]).image, Some(20_000 + 150 + 9700 + 50));
    assert_eq!(predict(&[("PLATFORM_LINUX", true)]).image, None);
}

#[test]
fn an_app_that_was_built_is_known_better() {
    let shelf = shelf();
    let of_image = [("ALLOC_BUDDY", 80), ("NET_SMOLTCP", 0), ("NETDEV_VIRTIO", 0), ("FRAMES_RUNS", 20)];
    let options = of_image.map(|(name, bytes)| (name.to_string(), bytes)).into();
    let measured = Measured { platform: "kvm".into(), image: 50_000, options };
    let estimator = estimator(Some(measured));
    let predict = |values: &[(&str, bool)]| estimator.predict(&with(&shelf, values)).image;
    assert_eq!(predict(&[]), Some(50_000));
    assert_eq!(predict(&[("ALLOC_MINE", true)]), Some(50_000 - 80 + 150));
    // It calls no sockets, so that no stack adds anything.
    assert_eq!(predict(&[("NET_NONE", true)]), Some(50_000));
    let config = with(&shelf, &[]);
    assert_eq!(estimator.bytes_of(&config, "NET_SMOLTCP"), Some(0));
    assert_eq!(estimator.bytes_of(&config, "ALLOC_MINE"), Some(150));
    assert_eq!(estimator.bytes_of(&config, "NET_NONE"), None);
}
