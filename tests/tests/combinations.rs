//! Any legal pick works, together with any other: each pair of picks meets in one of the images of
//! `tests/combinations.toml`, and every one of them is built, boots, checks itself, and has nothing in it that was
//! not picked.
//!
//! `KIT_BLESS=1 cargo test -p kit-tests --test combinations every_pair` writes the list anew when the shelf has
//! changed. `KIT_SEED=… cargo test -p kit-tests --test combinations random` repeats what CI drew.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::SystemTime;

use kit_tests::combinations::absent::Traces;
use kit_tests::combinations::boot::{ALL_RIGHT, Workshop};
use kit_tests::combinations::cover::{self, pairs_of};
use kit_tests::combinations::{MACHINES, Row, Space};
use kit_tests::root;

/// How many rows of the full product are drawn in each run.
const DRAWN: usize = 4;
/// Workers, each with a folder of its own.
const WORKERS: [&str; 2] = ["one", "two"];

#[derive(serde::Serialize, serde::Deserialize)]
struct List {
    /// What the columns are.
    factors: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn path() -> PathBuf {
    root().join("tests/combinations.toml")
}

fn list() -> List {
    let text = std::fs::read_to_string(path()).expect("the list can be read");
    toml::from_str(&text).expect("the list is TOML")
}

fn write(space: &Space, rows: &[Row]) {
    let quoted =
        |names: Vec<&str>| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let factors = quoted(space.factors.iter().map(|factor| factor.name.as_str()).collect());
    let rows: String = rows.iter().map(|row| format!("    [{}],\n", quoted(space.names(row)))).collect();
    let text = format!(
        "# Images in which each pair of picks meets: `KIT_BLESS=1 cargo test -p kit-tests --test combinations every_pair`.\n\
         # `-` is no wrapper; `platform's` is a slot that this platform fills by itself.\n\
         factors = [{factors}]\nrows = [\n{rows}]\n"
    );
    std::fs::write(path(), text).expect("the list can be written");
}

#[test]
fn every_pair_that_can_meet_is_in_the_list() {
    let space = Space::of_tree();
    let defaults: Vec<Row> = (0..MACHINES.len()).map(|machine| space.defaults(machine)).collect();
    if std::env::var_os("KIT_BLESS").is_some() {
        write(&space, &cover::find(&space, &defaults).rows);
    }
    let list = list();
    let factors: Vec<&str> = space.factors.iter().map(|factor| factor.name.as_str()).collect();
    let anew = "the shelf has changed; KIT_BLESS=1 writes the list anew";
    assert_eq!(list.factors, factors, "{anew}");
    let row = |names: &Vec<String>| space.row(names).unwrap_or_else(|| panic!("{names:?}: {anew}"));
    let rows: Vec<Row> = list.rows.iter().map(row).collect();
    for row in &rows {
        assert_eq!(space.refusal(row), None, "{:?}: {anew}", space.names(row));
    }
    let met: BTreeSet<_> = rows.iter().flat_map(|row| pairs_of(row).collect::<Vec<_>>()).collect();
    // Whatever does not meet in the list cannot meet: a search from the defaults finds no row for it.
    let rest = cover::find(&space, &rows);
    let unmet: Vec<_> = rest.rows.iter().skip(rows.len()).map(|row| space.names(row)).collect();
    assert_eq!(unmet, Vec::<Vec<&str>>::new(), "{anew}");
    println!("{} images, {} pairs meet, {} cannot", rows.len(), met.len(), rest.impossible.len());
    assert_eq!(met.len() + rest.impossible.len(), cover::all_pairs(&space).len());
}

#[test]
fn each_combination_of_the_list_is_right() {
    let space = Space::of_tree();
    let rows: Vec<Row> = list().rows.iter().filter_map(|names| space.row(names)).collect();
    assert_eq!(rows.len(), list().rows.len(), "a pick is gone: KIT_BLESS=1 writes the list anew");
    // For who looks for a fault: `KIT_ROWS=7,12` are those of these numbers, from 0 on.
    let wanted = std::env::var("KIT_ROWS").ok();
    let is_wanted = |number: usize| {
        wanted.as_ref().is_none_or(|wanted| wanted.split(',').any(|one| one.parse() == Ok(number)))
    };
    let rows: Vec<Row> =
        rows.into_iter().enumerate().filter(|(number, _)| is_wanted(*number)).map(|(_, row)| row).collect();
    all_are_right(&space, &rows);
}

#[test]
fn random_combinations_are_right() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970").as_nanos();
    let given = std::env::var("KIT_SEED").ok();
    let seed = given.map_or(now as u64 | 1, |seed| seed.parse().expect("KIT_SEED is a number"));
    // On the file descriptor itself: a passing test of cargo shows what it prints to nobody.
    let note = format!("random combinations: KIT_SEED={seed}\n");
    std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes()).expect("there is a standard error");
    let space = Space::of_tree();
    let rows = draw(&space, seed, DRAWN);
    all_are_right(&space, &rows);
}

#[test]
fn what_was_not_picked_would_be_seen() {
    let space = Space::of_tree();
    let row = space.defaults(0);
    let workshop = Workshop::new(WORKERS[0]);
    let _turn = workshop.turn();
    let built = workshop.build(&space, &row).unwrap_or_else(|output| panic!("{}", output.transcript()));
    let factor = space.factors.iter().position(|factor| factor.name == "alloc").expect("there are heaps");
    let mut other = row.clone();
    other[factor] = (row[factor] + 1) % space.factors[factor].picks.len();
    let (found, _) = Traces::of(&space).of_others(&space, &other, &built);
    let of_heap = found.iter().filter(|line| line.starts_with(&space.factors[factor].picks[row[factor]]));
    assert!(of_heap.count() > 0, "the heap of {:?} was not seen", space.names(&row));
}

/// Rows of the full product that the configuration takes.
fn draw(space: &Space, seed: u64, count: usize) -> Vec<Row> {
    let mut state = seed.max(1);
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % below
    };
    let mut rows = Vec::new();
    while rows.len() < count {
        let row: Row = space.factors.iter().map(|factor| next(factor.picks.len())).collect();
        if space.refusal(&row).is_none() {
            rows.push(row);
        }
    }
    rows
}

/// Builds and boots them all, then tells of all that were not right.
fn all_are_right(space: &Space, rows: &[Row]) {
    let traces = Traces::of(space);
    let (queue, wrong) = (Mutex::new(rows.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for name in WORKERS {
            let (queue, wrong, traces) = (&queue, &wrong, &traces);
            scope.spawn(move || {
                // The values of a configuration are computed when they are asked for, by one thread.
                let (workshop, space) = (Workshop::new(name), Space::of_tree());
                loop {
                    let Some(row) = queue.lock().expect("no worker panics").next() else { return };
                    if let Err(why) = is_right(&space, traces, &workshop, row) {
                        wrong
                            .lock()
                            .expect("no worker panics")
                            .push(format!("{:?}\n{why}", space.names(row)));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no worker panicked");
    assert!(wrong.is_empty(), "{} of {} are not right:\n{}", wrong.len(), rows.len(), wrong.join("\n\n"));
}

fn is_right(space: &Space, traces: &Traces, workshop: &Workshop, row: &Row) -> Result<(), String> {
    let _turn = workshop.turn();
    let built =
        workshop.build(space, row).map_err(|output| format!("it does not build\n{}", output.transcript()))?;
    let booted = workshop.boot(space, row);
    if booted.status.code() != Some(ALL_RIGHT) {
        return Err(format!("it did not end with {ALL_RIGHT}\n{}", booted.transcript()));
    }
    let (found, seen) = traces.of_others(space, row, &built);
    if !found.is_empty() {
        return Err(format!(
            "what was not picked is in {}:\n  {}",
            built.image.display(),
            found.join("\n  ")
        ));
    }
    match seen {
        0 => Err("not one symbol of what was picked was found: the reader sees nothing".to_string()),
        _ => Ok(()),
    }
}
