//! The generated root, byte for byte: from the real templates and a small shelf that changes only with this test.
//!
//! `KIT_BLESS=1 cargo test -p kit-cli --test golden_root` writes the files anew; read the difference before you
//! commit it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kit_cli::build::exports::Exports;
use kit_cli::project::Kind;
use kit_cli::root::{Composition, Root};
use kit_cli::tree::Tree;
use kit_menu::composition::Mount;
use kit_menu::kconfig::{Config, MemoryFiles};
use kit_menu::own_tree::{self, App};
use kit_menu::shelf::{Composed, Metadata, Mounts, Platform, Provides, Source};
use kit_menu::{Package, Setting, Shelf, Wish, composition, wishes};

fn tree() -> Tree {
    Tree { root: Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf() }
}

fn package(name: &str, folder: &str, metadata: Metadata) -> Package {
    let folder = tree().root.join(folder);
    let dependency = format!("{{ path = {:?} }}", format!("/kit/{}", tree().relative(&folder).display()));
    Package { name: name.into(), folder, dependency, metadata, uses: Vec::new() }
}

fn slot(name: &str, alias: &str, is_static: bool, bind: &str, image: &str) -> Package {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_string());
    let metadata = Metadata {
        slot: Some(name.into()),
        alias: Some(alias.into()),
        r#static: is_static.then(|| alias.to_uppercase()),
        bind: text(bind),
        image: text(image),
        optional: name.starts_with("net"),
        ..Metadata::default()
    };
    package(&format!("kit-iface-{name}"), &format!("libs/iface/{name}"), metadata)
}

fn fills(slot: &str, option: &str, r#type: &str, init: &str) -> Provides {
    Provides {
        slot: slot.into(),
        option: option.into(),
        r#type: r#type.into(),
        init: (!init.is_empty()).then(|| init.to_string()),
        ..Provides::default()
    }
}

/// A slot whose members are mounted.
fn of_files() -> Package {
    let composed = |r#type: &str, init: &str| Composed { r#type: r#type.into(), init: init.into() };
    let mounts = Mounts {
        root: "FS_RAM".into(),
        mount: composed("kit_util_mounts::Mount<Below, Above>", "new(&BELOW, AT, &ABOVE)"),
        is_fixed: "!Inner::FIXED".into(),
        read_only: composed("kit_util_mounts::ReadOnly<Inner>", "new(&INNER)"),
    };
    let mut package = slot("fs", "Fs", true, "", "WithFs");
    package.metadata.mounts = Some(mounts);
    package.metadata.optional = true;
    package
}

fn on_a_disk() -> Provides {
    Provides {
        source: Some(Source::Disk),
        ..fills("fs", "FS_LOG", "kit_fs_log::LogFs<Nic>", "new(&NIC, SOURCE)")
    }
}

fn wraps(option: &str, r#type: &str, place: u32) -> Provides {
    Provides { wraps: Some(place), ..fills("netdev", option, r#type, "new(&INNER)") }
}

fn library(name: &str, provides: Provides) -> Package {
    // A folder that does not exist: its Kconfig is the test's.
    package(
        &format!("kit-{name}"),
        &format!("libs/fixture-{name}"),
        Metadata { provides: vec![provides], ..Metadata::default() },
    )
}

fn shelf() -> Shelf {
    let platform = Platform {
        name: "kvm".into(),
        arch: "x86_64".into(),
        entry: "kit_start32".into(),
        script: "kvm.ld.hbs".into(),
        run: Some("qemu".into()),
    };
    let of_kvm = Metadata {
        platform: Some(platform),
        provides: vec![
            fills("arch", "PLATFORM_KVM", "kit_arch_x86_64::X86_64", ""),
            fills("platform", "PLATFORM_KVM", "kit_platform_kvm::Kvm", "new()"),
        ],
        ..Metadata::default()
    };
    let packages = vec![
        package("kit-arch-x86_64", "fixture/archs/x86_64", Metadata::default()),
        slot("alloc", "Heap", true, "kit_iface_alloc::use_heap!(HEAP);", ""),
        slot("arch", "Arch", false, "", "Image"),
        slot("frames", "Frames", true, "", "Image"),
        of_files(),
        slot("net", "Net", true, "", "WithNet"),
        slot("netdev", "Nic", true, "", ""),
        slot("platform", "Platform", true, "kit_iface_platform::use_fatal!(PLATFORM);", "Image"),
        slot("sched", "Sched", false, "", "Image"),
        library(
            "alloc-buddy",
            fills("alloc", "ALLOC_BUDDY", "kit_alloc_buddy::Buddy<Frames>", "new(&FRAMES)"),
        ),
        library("fs-log", on_a_disk()),
        library(
            "fs-ram",
            Provides {
                init_mounted: Some("empty()".into()),
                ..fills("fs", "FS_RAM", "kit_fs_ram::RamFs", "new()")
            },
        ),
        library("frames-runs", fills("frames", "FRAMES_RUNS", "kit_frames_runs::Runs", "new()")),
        package("kit-menu", "menu", Metadata::default()),
        library("net-smoltcp", fills("net", "NET_SMOLTCP", "kit_net_smoltcp::Stack<Nic>", "new(&NIC)")),
        library(
            "netdev-virtio",
            fills("netdev", "NETDEV_VIRTIO", "kit_netdev_virtio::VirtioNet<Platform>", "new(&PLATFORM)"),
        ),
        library("netdev-fault", wraps("NETDEV_FAULT", "kit_netdev_fault::Fault<Inner>", 20)),
        library("netdev-pcap", wraps("NETDEV_PCAP", "kit_netdev_pcap::Pcap<Inner, Platform>", 10)),
        package("kit-platform-kvm", "fixture/platforms/kvm", of_kvm),
        package("kit-posix-shim", "fixture/libs/posix-shim", Metadata::default()),
        library("sched-coop", fills("sched", "SCHED_COOP", "kit_sched_coop::Coop", "")),
        package("kit-util-native", "libs/util/native", Metadata::default()),
        package("kit-util-threads", "libs/util/threads", Metadata::default()),
    ];
    Shelf { packages }
}

const MENU: &str = r#"
choice
	prompt "Platform"
config PLATFORM_KVM
	bool "kvm"
endchoice

config FS_RAM
	def_bool y
config FS_LOG
	bool "Log"
	default y
config ALLOC_BUDDY
	def_bool y
config FRAMES_RUNS
	def_bool y
config SCHED_COOP
	def_bool y

choice
	prompt "Network"
config NET_SMOLTCP
	bool "smoltcp"
config NET_NONE
	bool "none"
endchoice

choice
	prompt "Card"
config NETDEV_VIRTIO
	bool "virtio"
config NETDEV_NONE
	bool "none"
endchoice

config NETDEV_FAULT
	bool "faults"
config NETDEV_PCAP
	bool "pcap"

source "fixture/libs/*/Kconfig"

config OPTIMIZE_SPEED
	bool "Speed"
config BACKTRACE_TEXT
	bool "Backtraces"
config PANIC_TEXT
	bool "Panics"
"#;

const SHIM: &str = r#"
config MAIN_STACK_KIB
	int "Stack"
	depends on "$(KIT_APP)" = "ported"
	range 64 1048576
	default 8192
"#;

fn config(tree: &Tree, shelf: &Shelf, app: App) -> Config {
    let file = |path: &str, text: &str| (tree.root.join(path), text.as_bytes().to_vec());
    let files = MemoryFiles(BTreeMap::from([
        file("menu/Kconfig", MENU),
        file("fixture/libs/posix-shim/Kconfig", SHIM),
    ]));
    let loaded = own_tree::read_from(files, &tree.root, shelf, app);
    let loaded = loaded.unwrap_or_else(|failure| panic!("{:?}", failure.diagnostics));
    Config::new(Arc::new(loaded.tree))
}

fn compose(kind: &Kind, values: &[(&str, Setting)], mounts: &[Mount]) -> Root {
    let (tree, shelf) = (tree(), shelf());
    let wish = |(option, value): &(&str, Setting)| Wish { option: option.to_string(), value: value.clone() };
    let app = if matches!(kind, Kind::Native { .. }) { App::Native } else { App::Ported };
    let mut config = config(&tree, &shelf, app);
    let problems = wishes::apply(&mut config, &values.iter().map(wish).collect::<Vec<_>>());
    assert!(problems.is_empty(), "{problems:?}");
    let resolution = composition::compose(&shelf, &config, mounts, &tree.root).unwrap();
    let exports: Exports = toml::from_str(
        "[groups.files]\nnames = [\"open\"]\n[groups.sockets]\nslot = \"net\"\nnames = [\"bind\"]\n",
    )
    .unwrap();
    let native = matches!(kind, Kind::Native { .. }).then_some(("my-app", Path::new("/home/me/my-app")));
    Root::compose(&Composition {
        tree: &tree,
        shelf: &shelf,
        resolution: &resolution,
        platform: "kvm",
        arch: "x86_64",
        app: "my-app",
        kind,
        native,
        exports: &exports,
    })
    .unwrap()
}

#[track_caller]
fn is_golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("KIT_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    for (number, (is, must_be)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(is, must_be, "{name}:{}", number + 1);
    }
    assert_eq!(text, golden, "{name} has another length");
}

#[test]
fn a_ported_app() {
    let root = compose(&Kind::Ported { bin: "my-app".into() }, &[], &[]);
    is_golden("ported.rs", &root.source);
    is_golden("ported.Cargo.toml", &root.manifest);
}

#[test]
fn wrappers_stand_around_what_fills_their_slot() {
    let root = compose(
        &Kind::Ported { bin: "my-app".into() },
        &[("NETDEV_FAULT", Setting::Bool(true)), ("NETDEV_PCAP", Setting::Bool(true))],
        &[],
    );
    let of_card: Vec<&str> = root.source.lines().filter(|line| line.contains("Nic")).collect();
    is_golden("wrappers.txt", &of_card.join("\n"));
}

#[test]
fn filesystems_are_mounted_on_each_other() {
    let mount = |at: &str, option: &str, source: Option<&str>, is_read_only| Mount {
        at: at.into(),
        option: option.into(),
        source: source.map(str::to_string),
        host: None,
        is_read_only,
    };
    let mounts = [
        mount("/", "FS_RAM", None, false),
        mount("/data/old", "FS_RAM", None, true),
        mount("/data", "FS_LOG", Some("kit_iface_block::Disk(0)"), false),
    ];
    let root = compose(&Kind::Ported { bin: "my-app".into() }, &[], &mounts);
    let of_files: Vec<&str> = root.source.lines().filter(|line| line.contains("Fs")).collect();
    is_golden("mounts.txt", &of_files.join("\n"));
}

#[test]
fn a_native_app() {
    let wishes = [
        ("NET_SMOLTCP", Setting::Bool(false)),
        ("OPTIMIZE_SPEED", Setting::Bool(true)),
        ("PANIC_TEXT", Setting::Bool(true)),
    ];
    let root = compose(&Kind::Native { library: "my_app".into() }, &wishes, &[]);
    is_golden("native.rs", &root.source);
    is_golden("native.Cargo.toml", &root.manifest);
}
