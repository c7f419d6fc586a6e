//! What else is in the folder: README.md, documentation, tests.

use kit_menu::Package;
use kit_menu::kconfig::codes::{NO_DOCUMENTATION, NO_SUITE, README_IS_SILENT};

use super::report::Report;

/// The questions of a README, and the words that answer them.
const QUESTIONS: [(&str, &str); 4] = [
    ("choose", "when to choose it"),
    ("cost", "what it costs"),
    ("limit", "what its limits are"),
    ("source", "the source of its algorithm"),
];

/// Checks that README.md answers the four questions.
pub fn check_readme(report: &mut Report) {
    let Some(readme) = report.read("README.md") else {
        return report.absent(README_IS_SILENT, "README.md", "see libs/sched-coop/README.md of the kit tree");
    };
    let text = readme.text().to_lowercase();
    for (word, what) in QUESTIONS {
        if !text.contains(word) {
            let message = format!("README.md does not say {what}");
            report.complain(&readme, README_IS_SILENT, "", message, &format!("use the word `{word}`"));
        }
    }
}

/// Checks that the crate is documented, and that the compiler sees to it.
pub fn check_documentation(report: &mut Report) {
    let Some(source) = report.read("src/lib.rs") else {
        return report.absent(NO_DOCUMENTATION, "src/lib.rs", "a micro-library is a library");
    };
    if !source.text().trim_start().starts_with("//!") {
        let message = "the file does not begin with documentation".to_string();
        let help = "begin with `//!` lines: what, why this way, neighbours";
        report.complain(&source, NO_DOCUMENTATION, "", message, help);
    }
    let demands = ["deny(missing_docs)", "forbid(missing_docs)"];
    if !demands.iter().any(|demand| source.text().contains(demand)) {
        let message = "nothing demands documentation of public items".to_string();
        report.complain(&source, NO_DOCUMENTATION, "#![", message, "add #![deny(missing_docs)]");
    }
}

/// Checks that the suite of the slot is run.
pub fn check_suite(report: &mut Report, package: &Package) {
    let is_platform = package.metadata.platform.is_some();
    if package.metadata.provides.is_empty() || is_platform {
        // It fills no slot, or is the ground under several: nobody else has written its tests.
        if !is_platform && !report.folder.join("tests").is_dir() {
            report.absent(NO_SUITE, "tests", "it fills no slot, so it has tests of its own");
        }
        return;
    }
    let help = "see libs/sched-coop/tests/conformance.rs of the kit tree";
    let Some(suite) = report.read("tests/conformance.rs") else {
        return report.absent(NO_SUITE, "tests/conformance.rs", help);
    };
    if !suite.text().contains("conformance::") {
        let message = "this does not call the suite of the slot".to_string();
        report.complain(&suite, NO_SUITE, "", message, help);
    }
}
