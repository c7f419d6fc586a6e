//! The budgets of `tests/budgets.toml`: sizes, guest instructions, memory.

use std::collections::BTreeMap;

use kit_tests::image::{Machine, boot};
use kit_tests::measure::figures::{self, CountedServer};
use serde::Deserialize;

/// The budget of one app; what is absent is not limited.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    bytes: Option<u64>,
    instructions_to_main: Option<u64>,
    memory_kib: Option<u64>,
    clients: Option<usize>,
    instructions_a_request: Option<u64>,
    idle_instructions: Option<u64>,
}

/// Checks one figure of every app that has a budget for it.
fn within(what: &str, budget: impl Fn(&Budget) -> Option<u64>, measure: impl Fn(&str) -> u64) {
    let budgets: BTreeMap<String, Budget> = toml::from_str(include_str!("../budgets.toml")).unwrap();
    let mut exceeded = Vec::new();
    for (app, limit) in budgets.iter().filter_map(|(app, limits)| Some((app, budget(limits)?))) {
        let measured = measure(&format!("examples/{app}"));
        println!("{app}: {what} {measured}, at most {limit}");
        if measured > limit {
            exceeded.push(format!("{app}: {what} {measured}, more than {limit}"));
        }
    }
    assert!(exceeded.is_empty(), "\n{}", exceeded.join("\n"));
}

#[test]
fn images_are_small() {
    within("bytes", |budget| budget.bytes, |app| boot(app, Machine::Microvm).build().size);
}

#[test]
fn boots_are_short() {
    let measure = |app: &str| figures::instructions_to_main(app, Machine::Microvm);
    within("instructions to main", |budget| budget.instructions_to_main, measure);
}

/// The number that the budget is compared with is the same whenever and wherever it is taken.
#[test]
fn boots_are_counted_exactly() {
    let measure = || figures::instructions_to_main("examples/hello", Machine::Microvm);
    assert_eq!(measure(), measure());
}

#[test]
fn little_memory_is_enough() {
    let budgets: BTreeMap<String, Budget> = toml::from_str(include_str!("../budgets.toml")).unwrap();
    let mut too_little = Vec::new();
    for (app, budget) in &budgets {
        let Some(kib) = budget.memory_kib else { continue };
        let path = format!("examples/{app}");
        let works = match budget.clients {
            Some(clients) => figures::server_works(&path, Machine::Microvm, clients, kib),
            None => figures::program_works(&path, Machine::Microvm, "Hello, world!", kib),
        };
        if !works {
            too_little.push(format!("{app} does not work with {kib} KiB"));
        }
    }
    assert!(too_little.is_empty(), "\n{}", too_little.join("\n"));
}

#[test]
fn requests_are_cheap() {
    let measure = |app: &str| CountedServer::start(app, Machine::Microvm).per_request(500).0;
    within("instructions a request", |budget| budget.instructions_a_request, measure);
}

#[test]
fn an_idle_server_is_idle() {
    let measure = |app: &str| CountedServer::start(app, Machine::Microvm).idle_per_second(5);
    within("instructions a second", |budget| budget.idle_instructions, measure);
}
