//! `kit menuconfig` on a real terminal: what a person does with it, what is in the file afterwards, and that the
//! terminal is given back in every case.
//!
//! The pictures of its screens, and what each key does, are tested without a terminal in `menu/tests/tui`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kit_tests::tmux::Pane;
use kit_tests::{kit, process, root, scratch};

/// The tree that the menu's own tests have.
const TREE: &str = "menu/tests/tui/Kconfig";

/// A fresh folder with this `.config`.
fn folder(name: &str, config: &str) -> PathBuf {
    let folder = scratch().join("menuconfig").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(".config"), config).unwrap();
    folder
}

/// What a shell runs: the menu on the sample tree, with the `.config` of the folder that it is in.
fn menuconfig() -> String {
    format!("{} menuconfig --kconfig {}", kit::path().display(), root().join(TREE).display())
}

fn open(width: u16, height: u16, folder: &Path) -> Pane {
    let pane = Pane::open(width, height, folder, &menuconfig());
    pane.wait_for("Sample image");
    pane
}

fn config(folder: &Path) -> String {
    fs::read_to_string(folder.join(".config")).unwrap()
}

/// What `conf` makes of a file: it must be one, and say the same again.
#[track_caller]
fn is_whole(folder: &Path) {
    let before = config(folder);
    let tree = root().join(TREE);
    let mut command = kit::command(["kconfig", "conf", "-s", "--olddefconfig", tree.to_str().unwrap()]);
    command.current_dir(folder);
    process::run(command, b"", Duration::from_secs(60)).expect_code(0);
    assert_eq!(config(folder), before, "a saved file is what olddefconfig makes of it");
}

#[test]
fn switch_save_and_quit() {
    let folder = folder("save", "");
    let pane = open(80, 24, &folder);
    pane.press(&["Down", "Space"]);
    pane.wait_for("[ ] Threads");
    pane.press(&["s"]);
    pane.wait_for("saved .config");
    pane.press(&["q"]);
    assert_eq!(pane.wait_for_end(), 0);
    assert!(config(&folder).contains("# CONFIG_THREADS is not set"), "{}", config(&folder));
    is_whole(&folder);
}

#[test]
fn search_and_edit_with_an_error_on_the_way() {
    let folder = folder("edit", "");
    let pane = open(80, 24, &folder);
    pane.press(&["/"]);
    pane.write("stack pa");
    pane.wait_for("STACK_PAGES=16");
    pane.press(&["Enter", "Enter"]);
    pane.wait_for("from 2 to 1024");
    pane.press(&["C-u"]);
    pane.write("5000");
    pane.wait_for("✗");
    pane.press(&["Enter"]);
    pane.write("\u{8}\u{8}");
    pane.wait_without("✗");
    pane.press(&["Enter", "s"]);
    pane.wait_for("saved");
    assert!(config(&folder).contains("CONFIG_STACK_PAGES=50\n"), "{}", config(&folder));
    is_whole(&folder);
}

#[test]
fn quitting_with_changes_asks() {
    let folder = folder("quit", "CONFIG_THREADS=y\n");
    let before = config(&folder);
    let pane = open(80, 24, &folder);
    pane.press(&["Down", "n", "q"]);
    pane.wait_for("Save the changes to .config");
    pane.press(&["Escape"]);
    pane.wait_without("Save the changes");
    pane.press(&["q"]);
    pane.wait_for("Save the changes to .config");
    pane.press(&["d"]);
    assert_eq!(pane.wait_for_end(), 0);
    assert_eq!(config(&folder), before, "discarded is not saved");
}

#[test]
fn the_screen_follows_the_size_of_the_terminal() {
    let pane = open(80, 24, &folder("resize", ""));
    let has_two_columns = |screen: &str| screen.lines().nth(1).is_some_and(|line| line.contains('│'));
    assert!(!has_two_columns(&pane.wait_for("Who hands out memory")));
    pane.resize(40, 10);
    let is_small = |screen: &str| {
        screen.lines().nth(8).is_some_and(|line| line.contains("picked by default"))
            && screen.lines().all(|line| line.chars().count() <= 40)
    };
    pane.wait("has the value in the line of the hints", is_small);
    pane.resize(300, 100);
    pane.wait("has two columns", has_two_columns);
    pane.resize(5, 2);
    pane.resize(120, 40);
    pane.wait("has two columns again", has_two_columns);
    pane.press(&["q"]);
    assert_eq!(pane.wait_for_end(), 0);
}

#[test]
fn a_kill_leaves_a_usable_file() {
    let folder = folder("kill", "CONFIG_THREADS=y\n");
    let pane = open(80, 24, &folder);
    let old = config(&folder);
    pane.press(&["Down", "n"]);
    pane.wait_for("[ ] Threads");
    signal("-KILL", pane.process());
    assert_eq!(pane.wait_for_end(), 128 + 9);
    assert_eq!(config(&folder), old, "nothing was saved");

    // While it saves again and again, at some moment.
    let pane = open(80, 24, &folder);
    pane.press(&["Down"]);
    pane.press(&["Space", "s"].repeat(300));
    pane.wait("begins to save", |_| config(&folder) != old);
    signal("-KILL", pane.process());
    assert_eq!(pane.wait_for_end(), 128 + 9);
    is_whole(&folder);
    // It opens again.
    open(80, 24, &folder).wait_for("Threads");
}

#[test]
fn a_mouse_selects_switches_and_scrolls() {
    let pane = open(80, 24, &folder("mouse", ""));
    // What a terminal sends (xterm's SGR mode): button, column and line from 1, pressed or released.
    let click = |column: u16, line: usize| {
        pane.write(&format!("\x1b[<0;{column};{line}M"));
        pane.write(&format!("\x1b[<0;{column};{line}m"));
    };
    let line =
        |text: &str| pane.text().lines().position(|line| line.contains(text)).expect("it is shown") + 1;
    click(10, line("Threads"));
    pane.wait_for("THREADS bool");
    click(3, line("Random numbers"));
    pane.wait_for("[*] Random numbers");
    pane.resize(80, 8);
    let is_small = |screen: &str| screen.lines().nth(6).is_some_and(|line| line.contains("RANDOM: n"));
    pane.wait("has the message below the list", is_small);
    pane.write("\x1b[<65;10;3M");
    pane.wait_for("Stack of a thread");
}

#[test]
fn the_terminal_is_given_back_however_it_ends() {
    let folder = folder("ends", "");
    for (name, code, end) in [
        ("q", 0, (|pane| pane.press(&["q"])) as fn(&Pane)),
        ("Ctrl-C", 0, |pane| pane.press(&["C-c"])),
        ("SIGTERM", 128 + 15, |pane| signal("-TERM", pane.process())),
        ("SIGINT", 128 + 2, |pane| signal("-INT", pane.process())),
    ] {
        let command = format!("{}; echo \"ended with $?\"; stty -a; exec cat", menuconfig());
        let pane = Pane::open(80, 24, &folder, &command);
        pane.wait_for("Sample image");
        end(&pane);
        let screen = pane.wait_for(&format!("ended with {code}"));
        assert!(!screen.contains("Sample image"), "{name} leaves the menu on the screen\n{screen}");
        let screen = pane.wait_for("icanon");
        for mode in ["icanon", "echo", "isig"] {
            assert!(!screen.contains(&format!("-{mode} ")), "{name} leaves -{mode}\n{screen}");
        }
        // Neither the mouse nor a paste sends sequences to what runs next.
        let flags = pane.ask("#{mouse_any_flag} #{cursor_flag} #{alternate_on}");
        assert_eq!(flags, "0 1 0", "{name}");
    }
}

#[test]
fn control_z_returns_to_the_shell_and_fg_to_the_menu() {
    let folder = folder("suspend", "");
    let pane = Pane::open(80, 24, &folder, "PS1='shell> ' bash --norc --noprofile -i");
    pane.wait_for("shell>");
    pane.write(&format!("{}\n", menuconfig()));
    pane.wait_for("Sample image");
    pane.press(&["Down", "n", "C-z"]);
    pane.wait_for("Stopped");
    pane.write("echo in the $((20 + 22)) shell\n");
    pane.wait_for("in the 42 shell");
    pane.write("fg\n");
    let screen = pane.wait_for("Sample image");
    assert!(screen.contains("[ ] Threads") && !screen.contains("shell>"), "{screen}");
    pane.press(&["q", "d"]);
    pane.wait_for("shell>");
}

#[test]
fn where_no_shell_waits_control_z_does_nothing() {
    let pane = open(80, 24, &folder("no-shell", ""));
    pane.press(&["C-z"]);
    pane.wait_for("no shell to return to");
    pane.press(&["q"]);
    assert_eq!(pane.wait_for_end(), 0);
}

#[test]
fn it_opens_on_a_configuration_with_errors_and_repairs_it() {
    let folder = folder("errors", "CONFIG_THREDAS=y\nCONFIG_STACK_PAGES=5000\nnonsense\n");
    let pane = open(100, 30, &folder);
    pane.press(&["w"]);
    pane.wait_for("THREDAS");
    pane.press(&["1"]);
    pane.wait_without("nothing defines THREDAS");
    pane.press(&["Escape", "s", "q"]);
    assert_eq!(pane.wait_for_end(), 0);
    is_whole(&folder);
}

#[test]
fn without_a_terminal_it_names_the_other_way() {
    let command = kit::command(["menuconfig", "--kconfig", TREE]);
    let output = process::run(command, b"", Duration::from_secs(60)).expect_code(2);
    assert_eq!(output.stdout, "");
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.transcript());
    assert!(output.stderr.contains("kit config set"), "{}", output.transcript());
}

#[test]
fn colours_are_those_that_are_wanted() {
    let folder = folder("colours", "");
    let pane = open(80, 24, &folder);
    assert!(pane.coloured().contains("\x1b[38;5;"), "256 colours");
    let pane = Pane::open(80, 24, &folder, &format!("NO_COLOR=1 {}", menuconfig()));
    pane.wait_for("Sample image");
    // What sets the terminal's own colours is no colour.
    let screen = pane.coloured().replace("\x1b[39m", "").replace("\x1b[49m", "");
    for colour in ["[3", "[4", "[9", "[10"] {
        assert!(!screen.contains(&format!("\x1b{colour}")), "NO_COLOR, but {screen:?}");
    }
    let pane = Pane::open(80, 24, &folder, &format!("LC_ALL=C {}", menuconfig()));
    pane.wait_for("Sample image");
    assert!(pane.text().is_ascii(), "no UTF-8, but {}", pane.text());
}

#[test]
fn an_app_has_the_menu_of_kit() {
    let app = scratch().join("menuconfig/app");
    let _ = fs::remove_dir_all(&app);
    fs::create_dir_all(app.join("src")).unwrap();
    let manifest = "[package]\nname = \"menu-app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(app.join("Cargo.toml"), manifest).unwrap();
    fs::write(app.join("src/main.rs"), "fn main() {}\n").unwrap();
    fs::write(app.join("kit.toml"), "# mine\n[config]\nOPTIMIZE_SPEED = true # quick\n").unwrap();
    let pane = Pane::open(100, 30, &app, &format!("{} menuconfig", kit::path().display()));
    pane.wait_for("micro-libraries");
    pane.press(&["/"]);
    pane.write("ALLOC_TLSF");
    pane.wait_for("ALLOC_TLSF");
    pane.press(&["Enter", "y", "s"]);
    pane.wait_for("saved");
    pane.press(&["q"]);
    assert_eq!(pane.wait_for_end(), 0);
    let written = fs::read_to_string(app.join("kit.toml")).unwrap();
    for line in ["# mine", "OPTIMIZE_SPEED = true # quick", "ALLOC_TLSF = true"] {
        assert!(written.contains(line), "{line:?} is not in\n{written}");
    }
}

fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([name, &process.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "kill {name} {process}");
}
