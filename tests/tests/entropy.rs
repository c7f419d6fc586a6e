//! An image without random bytes: programs that ask for none are in it, programs that ask are refused by name.

use std::fs;
use std::path::PathBuf;

use kit_tests::image::{Machine, boot};
use kit_tests::native::comparable;
use kit_tests::{kit, on_machines, scratch, variant};

const NONE: &str = "[config]\nENTROPY_NONE = true\nNET_NONE = true\n";

fn hello() -> String {
    variant::of("examples/hello", "entropy-none", NONE)
}

/// An app of one file in an image without random bytes.
fn app(name: &str, source: &str) -> String {
    let folder = scratch().join("entropy").join(name);
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n");
    write(folder.join("src/main.rs"), source);
    write(folder.join("Cargo.toml"), &manifest);
    write(folder.join("kit.toml"), NONE);
    folder.to_str().expect("the build directory is text").to_string()
}

fn write(path: PathBuf, text: &str) {
    fs::create_dir_all(path.parent().expect("a file is in a folder"))
        .expect("the scratch folder is writable");
    fs::write(path, text).expect("the scratch folder is writable");
}

on_machines!([Linux, Microvm] fn a_program_that_asks_for_none_runs_without(machine) {
    let hello = boot(&hello(), machine).arguments(["3"]);
    let image = hello.run().expect_code(3);
    assert_eq!(comparable(&image.stdout), comparable(&hello.run_natively().expect_code(3).stdout));
});

#[test]
fn it_is_smaller() {
    let with =
        variant::of("examples/hello", "entropy-rdrand", "[config]\nENTROPY_RDRAND = true\nNET_NONE = true\n");
    let (with, without) = (kit::build(&with, "kvm").size, kit::build(&hello(), "kvm").size);
    println!("hello: {with} bytes with RDRAND, {without} without");
    assert!(without < with, "{without} bytes without, {with} with");
}

#[test]
fn a_program_that_asks_is_refused_by_name() {
    let source = "fn main() {\n    let map = std::collections::HashMap::from([(std::env::args().count(), 1)]);\n    \
                  println!(\"{map:?}\");\n}\n";
    let app = app("asks", source);
    for command in ["build", "check"] {
        let finished = kit::run([command, &app, "--platform", "kvm"]);
        let said = finished.transcript();
        assert_eq!(finished.code(), 1, "{said}");
        let line = said.lines().rfind(|line| line.trim_start().starts_with("getrandom "));
        let line = line.unwrap_or_else(|| panic!("nothing about getrandom: {said}"));
        assert!(line.contains("nothing: the slot entropy is empty; set "), "{line}");
        assert!(line.contains("ENTROPY_RDRAND"), "{line}");
        assert!(line.contains("asked for by asks (asks::main"), "{line}");
    }
}

/// What no analysis sees is told when it runs.
#[test]
fn a_call_by_number_is_answered_enosys() {
    let source = "unsafe extern \"C\" {\n    fn syscall(number: i64, ...) -> i64;\n}\n\nfn main() {\n    \
                  let mut bytes = [0_u8; 8];\n    \
                  let answer = unsafe { syscall(318, bytes.as_mut_ptr(), 8_usize, 0_usize) };\n    \
                  assert_eq!(answer, -1);\n    \
                  assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(38));\n    \
                  assert_eq!(bytes, [0; 8]);\n}\n";
    boot(&app("number", source), Machine::Linux).run().expect_code(0);
}
