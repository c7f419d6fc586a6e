//! Codes of `kit lib check`, which reads a micro-library's folder.

super::codes! {
    NO_METADATA = 601, Error, "no metadata of kit",
        "The Cargo.toml of a micro-library has a [package.metadata.kit], which says what Rust must know: the slot that it fills, \
         the option that chooses it, its type, and how its static is made. When it can be chosen and where it is the default is \
         said by its Kconfig alone.\n\n    [[package.metadata.kit.provides]]\n    slot = \"sched\"\n    option = \"SCHED_MINE\"\n    \
         type = \"kit_sched_mine::Mine\"\n    init = \"new()\"";
    WRONG_METADATA = 602, Error, "metadata that cannot be",
        "The metadata names a slot that no crate of libs/iface defines, an option that does not begin with the name of its slot, or \
         a type that is not the crate's own. The option of a micro-library for the slot `sched` is SCHED_…, so that options of \
         different slots cannot meet, and its type begins with the name of its crate, so that the generated root names it.";
    NOT_IN_THE_MENU = 603, Error, "not an entry of its slot",
        "A micro-library's Kconfig defines its option as a bool with a prompt, and the tree finds it by the name of its folder, \
         libs/<slot>-<what>/Kconfig; a crate from an application's [libs] stands in the choice of the slot that its metadata names. \
         Without the entry nobody can choose it.\n\n    config SCHED_MINE\n        bool \"Mine\"\n        help\n          Choose it …";
    HELP_IS_SILENT = 604, Error, "help that does not help",
        "The help of each option says when to choose it, what it costs, and what it needs: three sentences with the words \"choose\", \
         \"costs\" and \"needs\", because those are the three questions of somebody before a menu. Bytes of code need not be in it: \
         they come from the size database that `kit size --update` writes.";
    NO_RANGE = 605, Error, "a number without a range",
        "An int or hex option has a `range`, so that a value that cannot work is refused before anything is built, the menu can show \
         what may be typed, and the constant in the generated root has a type that fits. Its prompt says the unit.\n\n    \
         config SCHED_SLICE_US\n        int \"Slice, in microseconds\"\n        range 100 1000000";
    NOT_PORTABLE = 606, Error, "Kconfig that other tools cannot read",
        "The Kconfig of a micro-library stays in the subset that the crate kconfig-parser reads, so that tools besides kit can show \
         it: ASCII text, config and menuconfig with a type, prompts, defaults, depends on, select, imply, help, ranges in decimal; if \
         and menu around them. Choices, sources and macros belong to the tree around the leaf.";
    READ_DIFFERENTLY = 607, Error, "Kconfig that tools read differently",
        "kit and the crate kconfig-parser both read this Kconfig, and they do not agree on an option's type or prompt, or on how many \
         defaults, selects or dependencies it has. That happens where a statement is repeated with the same value, or two options share \
         a name. Write each fact once, and the files mean the same to everybody.";
    README_IS_SILENT = 608, Error, "README.md leaves a question open",
        "The README.md of a micro-library answers four questions in the words that the reader looks for: when to choose it, what it \
         costs in bytes and time, what its limits are, and the source of its algorithm. They are what one compares before choosing, and \
         what one needs to know when it does not do what was hoped.";
    NO_DOCUMENTATION = 609, Error, "documentation is missing or not demanded",
        "src/lib.rs begins with `//!` lines that say what the crate does and why this way, and has `#![deny(missing_docs)]`, so that the \
         compiler asks for the rest: every public item says its units, its errors and who owns what afterwards. Without the attribute \
         the documentation is complete once and never again.";
    NO_SUITE = 610, Error, "the suite of its slot is not run",
        "Each slot has a conformance suite in libs/iface/<slot>, which knows everything that an implementation promises. \
         tests/conformance.rs of a micro-library calls it with its own type, and `cargo test` runs it on the host. A micro-library that \
         fills no slot has tests of its own.\n\n    kit_iface_sched::conformance::check(Mine::new);";
}
