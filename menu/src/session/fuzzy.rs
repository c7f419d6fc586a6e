//! How well a word matches a text: as it is, or as letters in order. Pure functions over folded characters.

use std::ops::Range;

/// Points of a letter that matches.
const LETTER: i32 = 4;
/// More points if it begins a word.
const BEGINS: i32 = 8;
/// More points if the letter before it matches, too.
const FOLLOWS: i32 = 6;
/// Points that each letter between two matches costs, up to [`GAP_LIMIT`].
const GAP: i32 = 1;
const GAP_LIMIT: i32 = 6;
/// Points of a word that is matched by letters in order alone, times the share of the possible points.
const IN_ORDER: i32 = 500;
/// Letters of long texts are in some order by chance: texts are looked at up to here.
const LONGEST: usize = 128;

/// A character without case. One character stays one, so that indices hold.
pub(super) fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    character.to_lowercase().next().unwrap_or(character)
}

/// The characters that occur in a text, as bits; two may share one.
pub(super) fn letters(text: &[char]) -> u64 {
    text.iter().fold(0, |bits, character| bits | 1 << (u32::from(*character) % 64))
}

/// How well `word` matches `text`, both folded; `None` if it does not. At most about 1000. `matching` receives
/// the indices of the characters that match.
pub(super) fn score(word: &[char], text: &[char], matching: Option<&mut Vec<usize>>) -> Option<i32> {
    let (points, range) = match as_it_is(word, text) {
        Some(found) => found,
        None => return in_order(word, &text[..text.len().min(LONGEST)], matching),
    };
    if let Some(matching) = matching {
        matching.extend(range);
    }
    Some(points)
}

/// The best place where `word` occurs in one piece.
fn as_it_is(word: &[char], text: &[char]) -> Option<(i32, Range<usize>)> {
    let starts = text.windows(word.len().max(1)).enumerate().filter(|(_, window)| *window == word);
    let points = |start: usize| match start {
        0 if text.len() == word.len() => 1000,
        0 => 900,
        _ if begins_word(text, start) && ends_word(text, start + word.len()) => 850,
        _ if begins_word(text, start) => 800,
        _ => 650,
    };
    // Of equal places the first.
    starts
        .map(|(start, _)| (points(start), start..start + word.len()))
        .max_by_key(|(points, range)| (*points, std::cmp::Reverse(range.start)))
}

fn begins_word(text: &[char], index: usize) -> bool {
    index == 0
        || !text[index - 1].is_alphanumeric()
        || (text[index].is_ascii_digit() && !text[index - 1].is_ascii_digit())
}

fn ends_word(text: &[char], index: usize) -> bool {
    index == text.len() || !text[index].is_alphanumeric()
}

/// The best way to find the letters of `word` in order in `text`, if it is good enough not to be chance: the first
/// letter begins a word, and most others follow the one before or begin a word, too.
fn in_order(word: &[char], text: &[char], matching: Option<&mut Vec<usize>>) -> Option<i32> {
    if word.len() < 2 || word.len() > text.len() || !is_subsequence(word, text) {
        return None;
    }
    let begins: Vec<_> = (0..text.len()).map(|place| begins_word(text, place)).collect();
    // `best[letter][place]`: the most points for the first letters of the word with the last one at a place, and
    // where the one before was.
    let mut best: Vec<Vec<Option<(i32, usize)>>> = Vec::with_capacity(word.len());
    let first = |place: usize| (text[place] == word[0] && begins[place]).then_some((LETTER + BEGINS, place));
    best.push((0..text.len()).map(first).collect());
    for wanted in &word[1..] {
        let before = best.last()?;
        let cell = |place: usize| {
            let from =
                |earlier: usize| Some((before[earlier]?.0 + link(earlier, place, begins[place]), earlier));
            (text[place] == *wanted)
                .then(|| (0..place).filter_map(from).max_by_key(|(points, _)| *points))
                .flatten()
        };
        let row: Vec<_> = (0..text.len()).map(cell).collect();
        if row.iter().all(Option::is_none) {
            return None;
        }
        best.push(row);
    }
    let last = best.last()?.iter().enumerate().filter_map(|(place, cell)| Some((cell.as_ref()?.0, place)));
    let (points, mut place) = last.max_by_key(|(points, place)| (*points, std::cmp::Reverse(*place)))?;
    let possible = LETTER + BEGINS + (LETTER + FOLLOWS) * (word.len() as i32 - 1);
    // Two letters occur in many texts: only two beginnings are no chance.
    let least = if word.len() == 2 { possible * 4 / 5 } else { possible * 3 / 5 };
    if points <= least {
        return None;
    }
    if let Some(matching) = matching {
        let mut places = Vec::with_capacity(word.len());
        for row in best.iter().rev() {
            places.push(place);
            place = row[place].map_or(place, |(_, before)| before);
        }
        matching.extend(places.into_iter().rev());
    }
    Some((IN_ORDER * points / possible).min(IN_ORDER + 100))
}

/// Points of a letter at `place` if the one before it in the word is at `earlier`.
fn link(earlier: usize, place: usize, begins: bool) -> i32 {
    let bonus = match (begins, place - earlier) {
        (true, _) => BEGINS,
        (false, 1) => FOLLOWS,
        (false, _) => 0,
    };
    let gap = (place - earlier - 1) as i32 * GAP;
    LETTER + bonus - gap.min(GAP_LIMIT)
}

fn is_subsequence(word: &[char], text: &[char]) -> bool {
    let mut text = text.iter();
    word.iter().all(|letter| text.any(|character| character == letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<char> {
        text.chars().map(fold).collect()
    }

    fn points(word: &str, text: &str) -> Option<i32> {
        score(&folded(word), &folded(text), None)
    }

    fn places(word: &str, text: &str) -> Vec<usize> {
        let mut matching = Vec::new();
        score(&folded(word), &folded(text), Some(&mut matching));
        matching
    }

    #[test]
    fn better_matches_have_more_points() {
        let texts = ["NET", "NETDEV", "A_NET_B", "A_NETDEV", "PLANET", "N_E_T"];
        let points: Vec<_> = texts.iter().map(|text| points("net", text).unwrap()).collect();
        assert!(points.is_sorted_by(|a, b| a > b), "{points:?}");
    }

    #[test]
    fn letters_in_order_match_unless_by_chance() {
        assert!(points("smltcp", "NET_SMOLTCP").is_some());
        assert!(points("ns", "NET_SMOLTCP").is_some());
        assert_eq!(points("net", "kernel extent"), None);
        assert_eq!(points("ten", "NET"), None);
        assert_eq!(points("x", "NET"), None);
        assert_eq!(points("longer than it", "NET"), None);
    }

    #[test]
    fn places_are_those_of_the_best_match() {
        assert_eq!(places("net", "planet net"), [7, 8, 9]);
        assert_eq!(places("ns", "NET_SMOLTCP"), [0, 4]);
        assert_eq!(places("größe", "Die Größe"), [4, 5, 6, 7, 8]);
    }

    #[test]
    fn empty_texts_are_no_trouble() {
        assert_eq!(points("a", ""), None);
        assert_eq!(score(&[], &folded("a"), None), None);
        assert_eq!(score(&[], &[], None), None);
    }
}
