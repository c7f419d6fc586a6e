//! `[rootfs]` and `[[mount]]`: what they mean on the tree's own shelf, and what a wrong one is answered.

use std::path::Path;

use kit_cli::kit_toml::KitToml;
use kit_cli::shelf;
use kit_cli::tree::Tree;
use kit_menu::composition::Mount;

/// What `text` mounts on a platform, each as `place option source [ro]`; or the refusal.
fn mounts_on(platform: &str, text: &str) -> Result<Vec<String>, String> {
    let tree = Tree { root: Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf() };
    let shelf = shelf::load(&tree, &Default::default(), Path::new("")).unwrap();
    let file = KitToml::parse("kit.toml".into(), text.into()).map_err(|failure| failure.message)?;
    let resolve = || file.wishes(platform, &["kvm", "linux"])?.mounts.resolve(&file, &shelf);
    let mounts = resolve().map_err(|failure| {
        assert_eq!(failure.code, 2);
        failure.message
    })?;
    let line = |mount: Mount| {
        let source = mount.source.map_or(String::new(), |source| format!(" {source}"));
        format!("{} {}{source}{}", mount.at, mount.option, if mount.is_read_only { " ro" } else { "" })
    };
    Ok(mounts.into_iter().map(line).collect())
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    assert_eq!(mounts_on("kvm", text).unwrap_err(), expected);
}

const DATA: &str = "[[mount]]\nat = \"/data/\"\ntype = \"ram\"\noptions = [\"ro\"]\n";

#[test]
fn without_a_word_about_files_the_image_has_the_default_root() {
    assert_eq!(mounts_on("kvm", ""), Ok(vec![]));
    assert_eq!(mounts_on("kvm", DATA).unwrap(), ["/ FS_RAM", "/data FS_RAM ro"]);
    let none = "[rootfs]\ntype = \"none\"\n";
    assert_eq!(mounts_on("kvm", none).unwrap(), ["/ FS_NONE"]);
}

#[test]
fn a_platform_replaces_what_is_at_the_same_place() {
    let text = format!(
        "{DATA}[[mount]]\nat = \"/dev\"\ntype = \"dev\"\n[target.linux.rootfs]\ntype = \"none\"\n\
         [[target.linux.mount]]\nat = \"/data\"\ntype = \"ram\"\n[[target.linux.mount]]\nat = \"/dev\"\n\
         type = \"none\"\n"
    );
    assert_eq!(mounts_on("kvm", &text).unwrap(), ["/ FS_RAM", "/data FS_RAM ro", "/dev FS_DEV"]);
    assert_eq!(mounts_on("linux", &text).unwrap(), ["/ FS_NONE", "/data FS_RAM"]);
}

#[test]
fn a_wrong_type_is_shown_with_what_there_is() {
    let message = mounts_on("kvm", "[rootfs]\ntype = \"rma\"\n").unwrap_err();
    let (first, hint) = message.rsplit_once("\n  = ").unwrap();
    assert_eq!(
        first,
        "kit.toml:2:8: there is no filesystem `rma`, did you mean `ram`?\n  |\n2 | type = \"rma\"\n  |        ^^^^^"
    );
    assert!(hint.starts_with("types: ") && hint.contains("dev") && hint.contains("ram"), "{hint}");
    assert!(hint.ends_with("; `kit lib list` tells what they are"), "{hint}");
}

#[test]
fn a_wrong_place_is_shown() {
    let at = |at: &str| format!("[[mount]]\nat = {at:?}\ntype = \"ram\"\n");
    refused(
        &at("data"),
        "kit.toml:2:6: a mount point is an absolute path without `.` and `..`\n  |\n2 | at = \"data\"\n  |      \
         ^^^^^^\n  = such as `/data`",
    );
    for wrong in ["", "/a//b", "/a/../b", "/./a"] {
        assert!(mounts_on("kvm", &at(wrong)).is_err(), "{wrong}");
    }
    assert!(mounts_on("kvm", &at("/")).unwrap_err().contains("what is at `/` is [rootfs]"));
    refused(
        &(at("/a") + &at("/a/")),
        "kit.toml:5:6: something else is mounted at \"/a\" already\n  |\n5 | at = \"/a/\"\n  |      ^^^^^\n  = \
         remove one",
    );
    let message = mounts_on("kvm", "[[mount]]\ntype = \"ram\"\n").unwrap_err();
    assert!(message.contains("this [[mount]] does not say where"), "{message}");
    let message = mounts_on("kvm", "[rootfs]\nat = \"/\"\ntype = \"ram\"\n").unwrap_err();
    assert!(message.contains("`at` has no place in [rootfs]"), "{message}");
}

#[test]
fn a_source_or_an_option_that_means_nothing_is_shown() {
    refused(
        "[rootfs]\ntype = \"ram\"\nsource = \"disk0\"\n",
        "kit.toml:3:10: a filesystem `ram` has no source\n  |\n3 | source = \"disk0\"\n  |          ^^^^^^^\n  = \
         remove it",
    );
    refused(
        "[rootfs]\ntype = \"ram\"\noptions = [\"or\"]\n",
        "kit.toml:3:12: there is no mount option `or`, did you mean `ro`?\n  |\n3 | options = [\"or\"]\n  |            \
         ^^^^\n  = known: `ro` (it is only read), `rw` (the default)",
    );
    assert!(mounts_on("kvm", "[rootfs]\nsource = \"x\"\n").unwrap_err().contains("missing field `type`"));
}
