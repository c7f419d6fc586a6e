//! Takes the picture of the menu that the README shows: `cargo run -p kit-tests --bin picture`.
//!
//! It is what a terminal shows: `kit menuconfig` of an example in a pane of tmux, keys pressed, the screen drawn.

use std::fs;

use kit_tests::tmux::Pane;
use kit_tests::{kit, root, svg};

const SIZE: (u16, u16) = (100, 24);

fn main() {
    // The size that the foot predicts is that of a real image.
    kit::build("examples/web", "kvm");
    let folder = root().join("examples/web");
    let pane = Pane::open(SIZE.0, SIZE.1, &folder, &format!("{} menuconfig", kit::path().display()));
    pane.wait_for("micro-libraries");
    // The network stack, with what this platform does not have, and why.
    pane.press(&["/"]);
    pane.write("net_smoltcp");
    pane.wait_for(" found");
    pane.press(&["Enter"]);
    pane.wait_for("IPv4 address");
    pane.press(&["z"]);
    pane.wait_for("needs HAS_HOST_KERNEL");
    // A movement takes the last message away.
    pane.press(&["Up", "Down"]);
    pane.wait_for("search");
    let path = root().join("menu/menuconfig.svg");
    fs::write(&path, svg::of_screen(&pane.coloured(), SIZE.0.into())).expect("menu/ can be written");
    println!("{}", path.display());
}
