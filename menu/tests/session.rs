//! What holds for sessions whatever a person does: undo, saving and refusals, over random steps.

use std::path::Path;
use std::sync::{Arc, Mutex};

use kit_menu::kconfig::file::Header;
use kit_menu::kconfig::{Config, Context, HostShell, MemoryFiles, NodeId, Role, SymbolId, Type, load};
use kit_menu::session::{Contents, Leftover, Session, Shown, Store, StoreError, dot_config, user_set};
use proptest::prelude::*;

const TREE: &str = r#"mainmenu "Random"

config MODULES
	bool "Modules"
	modules

config A
	bool "A"

config B
	tristate "B"
	depends on A
	default m if MODULES

menuconfig C
	tristate "C"
	select D if B
	imply E

if C

config N
	int "N"
	range 1 M
	default 5

config M
	int "M"
	range 2 100
	default 50

endif

config D
	tristate "D"

config E
	bool "E"
	depends on A

config S
	string "S"
	default "x y" if E

config H
	hex "H"
	depends on !E
	range 0x10 0xff

choice
	prompt "One of these"
	default Q if E

config P
	bool "P"

config Q
	bool "Q"
	depends on A

config R
	bool "R"
	depends on B

endchoice

config T
	bool "T"
	depends on R || P && N > 10
"#;

/// What a person has set, as lines of a `.config`.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<String>>);

impl Store for Memory {
    fn name(&self) -> String {
        "memory".to_string()
    }

    fn load(&mut self, config: &mut Config) -> Result<Contents, StoreError> {
        let text = self.0.lock().unwrap();
        Ok(dot_config::contents(config, &text, Path::new("memory"), &Header::default()))
    }

    fn save(&mut self, config: &Config, _leftovers: &[Leftover]) -> Result<(), StoreError> {
        let line = |(symbol, value): (SymbolId, Arc<str>)| {
            let definition = config.tree().symbol(symbol);
            let quote = if definition.kind == Type::String { "\"" } else { "" };
            format!("CONFIG_{}={quote}{value}{quote}\n", definition.name)
        };
        *self.0.lock().unwrap() = user_set(config).into_iter().map(line).collect();
        Ok(())
    }

    fn keeps_leftovers(&self) -> bool {
        false
    }

    fn at(&self, _path: &Path) -> Box<dyn Store> {
        Box::new(Self::default())
    }
}

fn open(store: &Memory) -> Session {
    let mut context = Context {
        srctree: None,
        environment: Default::default(),
        files: Box::new(MemoryFiles([("Kconfig".into(), TREE.into())].into())),
        shell: Box::new(HostShell),
    };
    let loaded = load(Path::new("Kconfig"), &mut context).expect("the tree is well formed");
    Session::open(loaded, Box::new(store.clone()))
}

/// A step of a person.
#[derive(Clone, Debug)]
enum Step {
    Set(usize, &'static str),
    Toggle(usize),
    Unset(usize),
    Reset(usize),
    AgreeToPlan(usize),
    Repair(usize),
    Undo,
    Redo,
    Save,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let value = prop::sample::select(vec!["y", "n", "m", "3", "12", "77", "0x20", "0xff", "text", ""]);
    let step = prop_oneof![
        4 => (any::<usize>(), value).prop_map(|(which, value)| Step::Set(which, value)),
        4 => any::<usize>().prop_map(Step::Toggle),
        2 => any::<usize>().prop_map(Step::Unset),
        1 => any::<usize>().prop_map(Step::Reset),
        3 => any::<usize>().prop_map(Step::AgreeToPlan),
        1 => any::<usize>().prop_map(Step::Repair),
        2 => Just(Step::Undo),
        2 => Just(Step::Redo),
        1 => Just(Step::Save),
    ];
    prop::collection::vec(step, 0..40)
}

fn options(session: &Session) -> Vec<SymbolId> {
    let symbols = session.tree().symbols();
    symbols
        .filter(|(_, symbol)| symbol.role == Role::Plain && !symbol.nodes.is_empty())
        .map(|(id, _)| id)
        .collect()
}

/// All that a person can see of the values, and all that a person has given.
fn state(session: &Session) -> Vec<(String, String, Option<String>)> {
    let config = session.config();
    let of = |symbol: SymbolId| {
        let name = session.tree().symbol(symbol).name.to_string();
        let given = config.user_value(symbol).map(|value| value.to_string());
        (name, config.value(symbol).to_string(), given)
    };
    options(session).into_iter().map(of).collect()
}

fn values(session: &Session) -> Vec<(String, String)> {
    state(session).into_iter().map(|(name, value, _)| (name, value)).collect()
}

/// Does a step.
fn take(session: &mut Session, step: &Step) {
    let all = options(session);
    match step {
        Step::Set(which, value) => drop(session.set(all[which % all.len()], value)),
        Step::Toggle(which) => drop(session.toggle(all[which % all.len()])),
        Step::Unset(which) => drop(session.unset(all[which % all.len()])),
        Step::Reset(which) => {
            let nodes: Vec<NodeId> = session.tree().walk().collect();
            drop(session.reset(nodes[which % nodes.len()]));
        }
        Step::AgreeToPlan(which) => {
            if let Err(refusal) = session.set(all[which % all.len()], "y")
                && let Some(plan) = refusal.plan
            {
                let outcome = session.apply(&plan).expect("what is offered can be done");
                assert_eq!(outcome.changes.len(), plan.changes.len(), "a plan says all that it does");
                assert_eq!(session.config().value(refusal.symbol), refusal.wanted);
            }
        }
        Step::Repair(which) => {
            let repairs: Vec<_> =
                session.problems().into_iter().flat_map(|problem| problem.repairs).collect();
            if let Some(repair) = repairs.get(which % repairs.len().max(1)) {
                session.repair(repair).expect("what is offered can be done");
            }
        }
        Step::Undo => drop(session.undo()),
        Step::Redo => drop(session.redo()),
        Step::Save => session.save().expect("memory takes everything"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn undo_takes_back_exactly_a_step_and_redo_does_it_again(steps in steps()) {
        let mut session = open(&Memory::default());
        for step in &steps {
            let before = state(&session);
            take(&mut session, step);
            let after = state(&session);
            if matches!(step, Step::Undo | Step::Redo | Step::Save) || before == after {
                continue;
            }
            prop_assert!(session.undo().is_some());
            prop_assert_eq!(&state(&session), &before);
            prop_assert!(session.redo().is_some());
            prop_assert_eq!(&state(&session), &after);
        }
        while session.undo().is_some() {}
        prop_assert_eq!(state(&session), state(&open(&Memory::default())));
    }

    #[test]
    fn a_saved_file_gives_the_same_values(steps in steps()) {
        let store = Memory::default();
        let mut session = open(&store);
        steps.iter().for_each(|step| take(&mut session, step));
        session.save().unwrap();
        prop_assert!(!session.is_changed());
        let again = open(&store);
        prop_assert_eq!(values(&again), values(&session), "{}", store.0.lock().unwrap());
        prop_assert!(!again.is_changed());
    }

    #[test]
    fn a_refusal_changes_nothing_and_every_row_can_be_shown(steps in steps()) {
        let mut session = open(&Memory::default());
        for step in &steps {
            if let Step::Set(which, value) = step {
                let all = options(&session);
                let symbol = all[which % all.len()];
                let before = state(&session);
                if let Err(refusal) = session.set(symbol, value) {
                    prop_assert!(!refusal.reason.is_empty());
                    prop_assert_eq!(state(&session), before);
                }
            } else {
                take(&mut session, step);
            }
        }
        prop_assert_eq!(session.problems().len(), session.problem_count());
        for node in session.tree().clone().walk() {
            let menu = session.menu_of(node);
            let shown = session.needs(node);
            let rows = session.rows(menu, shown);
            prop_assert!(node == NodeId::ROOT || rows.iter().any(|row| row.node == node), "{node:?} {shown:?}");
            let hidden = rows.iter().filter(|row| row.hidden.is_some()).count();
            prop_assert!(shown == Shown::All || hidden == 0);
            prop_assert!(!session.explain_node(node).to_text().is_empty());
        }
    }
}
