//! `libs/README.md` shows the shelf as it is.
//!
//! `KIT_BLESS=1 cargo test -p kit-cli --test shelf_page` writes the table anew.

use std::fs;
use std::path::Path;
use std::process::Command;

const BEGIN: &str = "<!-- kit lib list --markdown -->\n";
const END: &str = "<!-- end -->";

#[test]
fn the_table_is_the_shelf() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut kit = Command::new(env!("CARGO_BIN_EXE_kit"));
    kit.current_dir(root)
        .args(["lib", "list", "--markdown"])
        .env("KIT_ROOT", root)
        .env_remove("CARGO_TARGET_DIR");
    let output = kit.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    let page = root.join("libs/README.md");
    let text = fs::read_to_string(&page).unwrap();
    let (head, rest) = text.split_once(BEGIN).expect("the page has a place for the table");
    let (shown, tail) = rest.split_once(END).expect("the place has an end");
    if std::env::var_os("KIT_BLESS").is_some() {
        fs::write(&page, format!("{head}{BEGIN}{table}{END}{tail}")).unwrap();
        return;
    }
    assert!(shown == table, "libs/README.md shows another shelf; KIT_BLESS=1 writes it anew:\n{table}");
}
