//! The generated root, byte for byte: from the real templates and a small shelf that changes only with this test.
//!
//! `KIT_BLESS=1 cargo test -p kit-cli --test golden_root` writes the files anew; read the difference before you
//! commit it.

use std::fs;
use std::path::{Path, PathBuf};

use kit_cli::build::exports::Exports;
use kit_cli::project::Kind;
use kit_cli::root::{Composition, Root};
use kit_cli::tree::Tree;
use kit_menu::shelf::{Metadata, Platform, Provides};
use kit_menu::{Package, Request, Setting, Shelf, Wish};

fn tree() -> Tree {
    Tree { root: Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf() }
}

fn package(name: &str, folder: &str, metadata: Metadata) -> Package {
    let folder = tree().root.join(folder);
    let dependency = format!("{{ path = {:?} }}", format!("/kit/{}", tree().relative(&folder).display()));
    Package { name: name.into(), folder, dependency, metadata }
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
        default_on: vec!["kvm".into()],
        ..Provides::default()
    }
}

fn library(name: &str, provides: Provides) -> Package {
    // A folder that does not exist has no Kconfig: its options are the test's.
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
        slot("net", "Net", true, "", "WithNet"),
        slot("netdev", "Nic", true, "", ""),
        slot("platform", "Platform", true, "kit_iface_platform::use_fatal!(PLATFORM);", "Image"),
        slot("sched", "Sched", false, "", "Image"),
        library(
            "alloc-buddy",
            fills("alloc", "ALLOC_BUDDY", "kit_alloc_buddy::Buddy<Frames>", "new(&FRAMES)"),
        ),
        library("frames-runs", fills("frames", "FRAMES_RUNS", "kit_frames_runs::Runs", "new()")),
        package("kit-menu", "menu", Metadata::default()),
        library("net-smoltcp", fills("net", "NET_SMOLTCP", "kit_net_smoltcp::Stack<Nic>", "new(&NIC)")),
        library(
            "netdev-virtio",
            fills("netdev", "NETDEV_VIRTIO", "kit_netdev_virtio::VirtioNet<Platform>", "new(&PLATFORM)"),
        ),
        package("kit-platform-kvm", "fixture/platforms/kvm", of_kvm),
        package("kit-posix-shim", "fixture/libs/posix-shim", Metadata::default()),
        library("sched-coop", fills("sched", "SCHED_COOP", "kit_sched_coop::Coop", "")),
        package("kit-util-native", "libs/util/native", Metadata::default()),
        package("kit-util-threads", "libs/util/threads", Metadata::default()),
    ];
    Shelf { packages }
}

fn compose(kind: &Kind, wishes: &[(&str, Setting)]) -> Root {
    let (tree, shelf) = (tree(), shelf());
    let wish = |(option, value): &(&str, Setting)| Wish { option: option.to_string(), value: value.clone() };
    let request = Request { platform: "kvm".into(), wishes: wishes.iter().map(wish).collect() };
    let resolution = kit_menu::resolve(&shelf, &request).unwrap();
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
    let root = compose(&Kind::Ported { bin: "my-app".into() }, &[]);
    is_golden("ported.rs", &root.source);
    is_golden("ported.Cargo.toml", &root.manifest);
}

#[test]
fn a_native_app() {
    let wishes = [
        ("NET_SMOLTCP", Setting::Bool(false)),
        ("OPTIMIZE_SPEED", Setting::Bool(true)),
        ("PANIC_TEXT", Setting::Bool(true)),
    ];
    let root = compose(&Kind::Native { library: "my_app".into() }, &wishes);
    is_golden("native.rs", &root.source);
    is_golden("native.Cargo.toml", &root.manifest);
}
