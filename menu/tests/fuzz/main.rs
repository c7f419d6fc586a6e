//! No input panics, hangs or overflows the stack, and what is written is read again as it was.
//!
//! The cases are the same in every run. `PROPTEST_CASES=10000` makes as many new ones of each kind.

mod deep;
#[path = "../support/recipe.rs"]
mod recipe;
mod round_trip;
mod soup;

use std::io;
use std::path::Path;
use std::sync::Arc;

use kit_menu::kconfig::file::{self, Header};
use kit_menu::kconfig::{Config, Context, Failure, Loaded, MemoryFiles, Output, Shell, load};
use proptest::test_runner::{Config as ProptestConfig, RngSeed};

/// Answers every command with itself.
struct Echo;

impl Shell for Echo {
    fn run(&mut self, command: &str) -> io::Result<Output> {
        Ok(Output { stdout: command.as_bytes().to_vec(), code: 0 })
    }
}

/// Loads the first of some files.
pub fn load_files(files: &[(&str, &[u8])]) -> Result<Loaded, Failure> {
    let mut context = Context {
        srctree: None,
        environment: [("ARCH".to_string(), "x86".to_string())].into(),
        files: Box::new(MemoryFiles(files.iter().map(|(path, text)| (path.into(), text.to_vec())).collect())),
        shell: Box::new(Echo),
    };
    load(Path::new(files[0].0), &mut context)
}

/// The configuration of a file that is in order.
pub fn config_of(text: &str) -> Config {
    match load_files(&[("Kconfig", text.as_bytes())]) {
        Ok(loaded) => Config::new(Arc::new(loaded.tree)),
        Err(failure) => {
            let messages = failure.diagnostics.iter().map(|message| message.render(&failure.sources));
            panic!("{text}\n{}", messages.collect::<String>())
        }
    }
}

/// Does with a tree whatever can be done, or tells all of what is wrong with it.
pub fn exercise(loaded: Result<Loaded, Failure>) {
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(failure) => {
            assert!(!failure.diagnostics.is_empty(), "a failure has a reason");
            failure
                .diagnostics
                .iter()
                .for_each(|message| assert!(!message.render(&failure.sources).is_empty()));
            return;
        }
    };
    let tree = Arc::new(loaded.tree);
    loaded.diagnostics.iter().for_each(|message| assert!(!message.render(tree.sources()).is_empty()));
    for node in tree.walk() {
        tree.raw_help(node);
        tree.expression(tree.node(node).depends);
    }
    let mut config = Config::new(tree.clone());
    for (id, symbol) in tree.symbols() {
        config.range(id);
        config.default_text(id);
        config.origin(id);
        if config.preset(id, "y").is_err() {
            let _ = config.set(id, "0x7");
        }
        assert!(tree.find(&symbol.name).is_none_or(|found| tree.symbol(found).name == symbol.name));
    }
    assert!(tree.walk().filter(|node| config.is_shown(*node)).count() <= tree.walk().count());
    config.warnings();
    file::minimal::minimal(&config, &Header::default());
    file::dot_config(&config, &Header::default());
}

/// So many cases, the same in each run, unless `PROPTEST_CASES` says otherwise.
pub fn budget(cases: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig { cases, rng_seed: RngSeed::Fixed(6), ..config },
    }
}
