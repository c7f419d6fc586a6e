//! Sessions over trees that are written in a test.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::kconfig::file::Header;
use crate::kconfig::{Config, Context, HostShell, MemoryFiles, NodeId, SymbolId, load};

use super::store::{Contents, Leftover, Store, StoreError};
use super::{Session, dot_config, user_set};

/// A `.config` in memory. Clones are the same file.
#[derive(Clone, Default)]
pub(crate) struct Memory(pub(crate) Arc<Mutex<String>>);

impl Memory {
    pub(crate) fn new(text: &str) -> Self {
        Self(Arc::new(Mutex::new(text.to_string())))
    }

    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

/// What a person has set, and nothing else, as lines of a `.config`.
impl Store for Memory {
    fn name(&self) -> String {
        "memory".to_string()
    }

    fn load(&mut self, config: &mut Config) -> Result<Contents, StoreError> {
        let text = self.text();
        if text == "unreadable" {
            return Err(StoreError { message: "cannot read memory: unreadable\nno more".to_string() });
        }
        Ok(dot_config::contents(config, &text, Path::new("memory"), &Header::default()))
    }

    fn save(&mut self, config: &Config, leftovers: &[Leftover]) -> Result<(), StoreError> {
        let mut text = String::new();
        for (symbol, value) in user_set(config) {
            let definition = config.tree().symbol(symbol);
            let quote = if definition.kind == crate::kconfig::Type::String { "\"" } else { "" };
            text.push_str(&format!("CONFIG_{}={quote}{value}{quote}\n", definition.name));
        }
        for leftover in leftovers {
            text.push_str(&format!("CONFIG_{}={}\n", leftover.assignment.name, leftover.assignment.value));
        }
        *self.0.lock().unwrap() = text;
        Ok(())
    }

    fn keeps_leftovers(&self) -> bool {
        true
    }

    fn at(&self, path: &Path) -> Box<dyn Store> {
        Box::new(Self::new(&format!("CONFIG_NET=y\n# {}\n", path.display())))
    }
}

/// A session over the tree that `kconfig` describes and the `.config` lines of `stored`.
pub(crate) fn session_in(kconfig: &str, store: &Memory) -> Session {
    session_of(kconfig, Box::new(store.clone()))
}

pub(crate) fn session_of(kconfig: &str, store: Box<dyn Store>) -> Session {
    let files = MemoryFiles([("Kconfig".into(), kconfig.as_bytes().to_vec())].into());
    let mut context = Context {
        srctree: None,
        environment: Default::default(),
        files: Box::new(files),
        shell: Box::new(HostShell),
    };
    let loaded = load(Path::new("Kconfig"), &mut context);
    let loaded = loaded.unwrap_or_else(|failure| {
        let texts: Vec<_> = failure.diagnostics.iter().map(|one| one.render(&failure.sources)).collect();
        panic!("{}", texts.join("\n"));
    });
    Session::open(loaded, store)
}

pub(crate) fn session(kconfig: &str, stored: &str) -> Session {
    session_in(kconfig, &Memory::new(stored))
}

impl Session {
    pub(crate) fn named(&self, name: &str) -> SymbolId {
        self.tree().find(name).unwrap_or_else(|| panic!("there is no {name}"))
    }

    pub(crate) fn entry(&self, name: &str) -> NodeId {
        self.tree().symbol(self.named(name)).nodes[0]
    }

    pub(crate) fn value_of(&self, name: &str) -> String {
        self.config().value(self.named(name)).to_string()
    }

    pub(crate) fn set_named(&mut self, name: &str, value: &str) -> Result<super::Outcome, super::Refusal> {
        self.set(self.named(name), value)
    }

    pub(crate) fn describe_all(&self, outcome: &super::Outcome) -> Vec<String> {
        outcome.changes.iter().map(|change| self.describe(change)).collect()
    }
}

/// A small system with everything that a menu has.
pub(crate) const SYSTEM: &str = r#"mainmenu "System"

config MODULES
	bool "Modules"
	modules

menu "Networking"

menuconfig NET
	bool "Networking"
	help
	  Talks to other machines over Ethernet.

if NET

choice
	prompt "Stack"
	default STACK_SMALL

config STACK_SMALL
	bool "Small stack"

config STACK_FULL
	bool "Full stack"

endchoice

config FULL_WINDOW
	int "Window of the full stack"
	depends on STACK_FULL
	default 16

config SOCKETS
	int "Sockets"
	range 1 64
	default 8

config ADDRESS
	string "Address"
	default "10.0.0.2"

endif

endmenu

config DRIVER
	tristate "Driver"
	depends on NET && !OFFLINE

config FAST
	bool "Fast path"
	depends on DRIVER
	select CACHE
	imply TRACE

config CACHE
	bool "Cache"

config TRACE
	bool "Trace"

config OFFLINE
	bool "Offline"

config BASE
	hex "Base"
	default 0x10

config HIDDEN
	bool
	default y if NET

comment "Networking is off"
	depends on !NET
"#;
