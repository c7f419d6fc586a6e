//! Rows in which every pair of picks meets: a covering array of strength 2.
//!
//! Greedy, one row at a time, as in AETG (D. Cohen et al., "The AETG system: an approach to testing based on
//! combinatorial design", IEEE TSE 23(7), 1997): begin with a pair that has not met, then let each other factor
//! take the pick that makes the most new pairs meet, as long as the configuration takes the whole. Deterministic:
//! the same shelf gives the same rows.

use std::collections::BTreeSet;

use super::{Factor, Row, Space};

/// Two picks of different factors: (factor, pick, factor, pick), the lower factor first.
pub type Pair = (usize, usize, usize, usize);

/// Most picks that are changed for the sake of a pair.
const REPAIRS: usize = 3;

/// What was found.
pub struct Cover {
    /// The rows.
    pub rows: Vec<Row>,
    /// Pairs that can never meet.
    pub impossible: BTreeSet<Pair>,
}

/// The pairs that a row makes meet.
pub fn pairs_of(row: &[usize]) -> impl Iterator<Item = Pair> + '_ {
    let factors = 0..row.len();
    factors.flat_map(move |one| (one + 1..row.len()).map(move |other| (one, row[one], other, row[other])))
}

/// Every pair that there is.
pub fn all_pairs(space: &Space) -> BTreeSet<Pair> {
    let mut pairs = BTreeSet::new();
    for (one, first) in space.factors.iter().enumerate() {
        for (other, second) in space.factors.iter().enumerate().skip(one + 1) {
            for pick in 0..first.picks.len() {
                pairs.extend((0..second.picks.len()).map(|against| (one, pick, other, against)));
            }
        }
    }
    pairs
}

/// Finds rows for all pairs that can meet. `first` are rows that are taken before any other, as far as they can be.
pub fn find(space: &Space, first: &[Row]) -> Cover {
    let mut open = all_pairs(space);
    let (mut rows, mut impossible) = (Vec::new(), BTreeSet::new());
    for row in first.iter().filter(|row| space.refusal(row).is_none()) {
        if pairs_of(row).any(|pair| open.contains(&pair)) {
            pairs_of(row).for_each(|pair| _ = open.remove(&pair));
            rows.push(row.clone());
        }
    }
    while let Some(&pair) = open.iter().next() {
        let Some(row) = row_with(space, pair) else {
            open.remove(&pair);
            impossible.insert(pair);
            continue;
        };
        let row = improved(space, row, pair, &open);
        pairs_of(&row).for_each(|pair| _ = open.remove(&pair));
        rows.push(row);
    }
    Cover { rows, impossible }
}

/// Any row with this pair that the configuration takes: the defaults of a machine with a few other changes.
fn row_with(space: &Space, pair: Pair) -> Option<Row> {
    let fixed = [(pair.0, pair.1), (pair.2, pair.3)];
    for machine in 0..space.factors[0].picks.len() {
        if fixed.iter().any(|(factor, pick)| *factor == 0 && *pick != machine) {
            continue;
        }
        let mut row = space.defaults(machine);
        fixed.iter().for_each(|(factor, pick)| row[*factor] = *pick);
        let free: Vec<usize> =
            (1..row.len()).filter(|one| fixed.iter().all(|(factor, _)| factor != one)).collect();
        if let Some(row) = repaired(space, &row, &free, REPAIRS) {
            return Some(row);
        }
    }
    None
}

/// The row itself if it is taken, else one with at most `changes` other picks among `free`. Only picks that the refusal
/// speaks of are changed: it names what is in the way, and what would help.
fn repaired(space: &Space, row: &Row, free: &[usize], changes: usize) -> Option<Row> {
    let Some(refusal) = space.refusal(row) else { return Some(row.clone()) };
    let fewer = changes.checked_sub(1)?;
    let is_named = |factor: &&usize| {
        let Factor { name, picks } = &space.factors[**factor];
        refusal.contains(name.as_str())
            || picks.iter().any(|pick| pick != "-" && refusal.contains(pick.as_str()))
    };
    for factor in free.iter().filter(is_named) {
        for pick in (0..space.factors[*factor].picks.len()).filter(|pick| *pick != row[*factor]) {
            let mut changed = row.clone();
            changed[*factor] = pick;
            let rest: Vec<usize> = free.iter().copied().filter(|other| other != factor).collect();
            if let Some(row) = repaired(space, &changed, &rest, fewer) {
                return Some(row);
            }
        }
    }
    None
}

/// The row with picks that make more open pairs meet, `pair` kept.
fn improved(space: &Space, mut row: Row, pair: Pair, open: &BTreeSet<Pair>) -> Row {
    let gain = |row: &Row| pairs_of(row).filter(|pair| open.contains(pair)).count();
    // A second round finds what the picks of the first made possible.
    for _ in 0..2 {
        for factor in (1..row.len()).filter(|factor| *factor != pair.0 && *factor != pair.2) {
            let mut candidates: Vec<(usize, Row)> = Vec::new();
            for pick in (0..space.factors[factor].picks.len()).filter(|pick| *pick != row[factor]) {
                let mut changed = row.clone();
                changed[factor] = pick;
                candidates.push((gain(&changed), changed));
            }
            candidates.sort_by_key(|(gain, _)| std::cmp::Reverse(*gain));
            let present = gain(&row);
            let better = candidates.into_iter().take_while(|(gain, _)| *gain > present);
            if let Some((_, better)) = better.into_iter().find(|(_, row)| space.refusal(row).is_none()) {
                row = better;
            }
        }
    }
    row
}
