//! `kit kconfig conf` beside the program that it stands in for: Linux 6.12's `scripts/kconfig/conf`, built from Debian's
//! package of the source. Byte for byte, in every mode: on the kernel's own tests, on random trees, on the kernel.

use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use kit_tests::process::{self, Finished};
use kit_tests::{kit, root, turns};

/// Random trees of one test run; each is run in all modes. More, by hand: CONTRIBUTING.md.
const TREES: u32 = 25;
/// The seed of the first tree. It is fixed, so a failure is a change of ours.
const SEED: u32 = 7000;

/// The C program's tree: prepared once, whichever test is the first.
fn reference() -> &'static str {
    static TREE: OnceLock<String> = OnceLock::new();
    TREE.get_or_init(|| {
        let _turn = turns::build();
        let script = Command::new(root().join("tests/kconfig/reference.sh"));
        process::run(script, b"", Duration::from_secs(500)).expect_code(0).stdout.trim().to_string()
    })
}

/// Runs a script of `tests/kconfig` to its end.
fn script(name: &str, arguments: &[&str], limit: Duration) -> Finished {
    reference();
    let mut command = Command::new(root().join("tests/kconfig").join(name));
    command.current_dir(root()).args(arguments);
    process::run(command, b"", limit)
}

/// The words of the command that is compared.
fn ours() -> String {
    format!("{} kconfig conf", kit::path().display())
}

#[test]
fn passes_the_kernels_own_tests() {
    let conf = kit::path().to_str().expect("a path of the tree is text");
    script("linux_tests.sh", &[conf, "kconfig", "conf"], Duration::from_secs(120)).expect_code(0);
}

#[test]
fn agrees_with_the_kernels_program_on_random_trees() {
    let (seed, count) = (SEED.to_string(), TREES.to_string());
    let arguments = ["--ours", &ours(), "--seed", &seed, "--count", &count, "--extensions"];
    script("differential.py", &arguments, Duration::from_secs(300)).expect_code(0);
}

#[test]
fn agrees_with_the_kernels_program_on_the_kernel() {
    let arguments = ["--ours", &ours(), "--tree", reference(), "--arch", "x86"];
    script("differential.py", &arguments, Duration::from_secs(500)).expect_code(0);
}
