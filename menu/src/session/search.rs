//! Live search over names, prompts and help.

use std::cmp::Reverse;
use std::ops::Range;

use crate::kconfig::{NodeId, SymbolId, Tree};

use super::condition::shown_value;
use super::fuzzy::{fold, letters, score};
use super::{Session, Shown};

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// How many entries match.
    pub total: usize,
    /// The best, best first.
    pub hits: Vec<Hit>,
}

/// An entry that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The entry: where a jump leads.
    pub node: NodeId,
    /// Its symbol, if it is not a menu or comment.
    pub symbol: Option<SymbolId>,
    /// Name of the symbol, with the indices of the characters that match.
    pub name: Option<Snippet>,
    /// The prompt.
    pub prompt: Option<Snippet>,
    /// The line of the help text that matches, if name and prompt do not suffice.
    pub help: Option<Snippet>,
    /// The value now, as text; empty for menus and comments.
    pub value: String,
    /// Whether the entry can be seen now.
    pub shown: Shown,
}

/// A text with the characters that match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The text.
    pub text: String,
    /// Indices of characters, ascending.
    pub matching: Vec<usize>,
}

/// Points that a prompt has less than a name.
const PROMPT: i32 = 40;
/// Points of a word that begins in a help text where a word does; and of one inside of words.
const HELP: [i32; 2] = [250, 150];

/// What searches compare with, made at the first one.
pub(super) struct Index {
    entries: Vec<Entry>,
    /// Names and prompts, folded.
    texts: Vec<char>,
    /// Help texts, folded.
    help: String,
}

/// A symbol, menu or comment.
struct Entry {
    node: NodeId,
    symbol: Option<SymbolId>,
    name: Range<u32>,
    prompt: Range<u32>,
    help: Range<u32>,
    /// What letters there are in name and prompt.
    letters: [u64; 2],
}

impl Session {
    /// The entries that match all words of `query`, best first, at most `limit` of them in [`Matches::hits`].
    ///
    /// A word matches a name or prompt as it is or by letters in order, and a help text as it is; case does not
    /// matter, nor does `CONFIG_` before a name.
    pub fn search(&mut self, query: &str, limit: usize) -> Matches {
        let words = words(query);
        // Also for no words: an interface asks so when a search begins, and the first letter is as fast as others.
        let index = self.index.take().unwrap_or_else(|| Index::new(self.tree()));
        if words.is_empty() {
            self.index = Some(index);
            return Matches::default();
        }
        let mut found: Vec<_> = index
            .entries
            .iter()
            .enumerate()
            .filter_map(|(place, entry)| Some((index.points(entry, &words)?, place)))
            .collect();
        let total = found.len();
        let rank = |(points, place): &(i32, usize)| (Reverse(*points), *place);
        if limit < total {
            found.select_nth_unstable_by_key(limit, rank);
            found.truncate(limit);
        }
        found.sort_unstable_by_key(rank);
        let hits = found.iter().map(|(_, place)| self.hit(&index.entries[*place], &words)).collect();
        self.index = Some(index);
        Matches { total, hits }
    }

    fn hit(&self, entry: &Entry, words: &[Vec<char>]) -> Hit {
        let tree = &**self.tree();
        // Of several entries of a symbol, one that can be seen.
        let nodes = entry.symbol.map_or(&[][..], |symbol| &tree.symbol(symbol).nodes);
        let visible = nodes.iter().find(|node| self.needs(**node) == Shown::Visible);
        let node = visible.copied().unwrap_or(entry.node);
        let definition = entry.symbol.map(|symbol| tree.symbol(symbol));
        let name = definition.map(|symbol| &*symbol.name).filter(|name| !name.is_empty());
        let prompt = tree.node(entry.node).prompt.as_ref().map(|prompt| &*prompt.text);
        let (mut name, mut prompt) = (name.map(Snippet::of), prompt.map(Snippet::of));
        let mut help = None;
        for word in words {
            let (in_name, in_prompt) = (name.as_ref(), prompt.as_ref());
            let in_name = in_name.and_then(|name| name.find(word));
            let in_prompt = in_prompt.and_then(|prompt| prompt.find(word));
            if let (Some((_, places)), Some(name)) = (&in_name, &mut name) {
                name.matching.extend(places);
            }
            if let (Some((_, places)), Some(prompt)) = (&in_prompt, &mut prompt) {
                prompt.matching.extend(places);
            }
            if in_name.is_none() && in_prompt.is_none() && help.is_none() {
                help = help_line(tree, entry.node, word);
            }
        }
        for snippet in [&mut name, &mut prompt].into_iter().flatten() {
            snippet.matching.sort_unstable();
            snippet.matching.dedup();
        }
        Hit {
            node,
            symbol: entry.symbol,
            name,
            prompt,
            help,
            value: entry.symbol.map_or(String::new(), |symbol| shown_value(&self.config, symbol)),
            shown: self.needs(node),
        }
    }
}

impl Index {
    fn new(tree: &Tree) -> Self {
        let mut index = Self { entries: Vec::new(), texts: Vec::new(), help: String::new() };
        let mut is_known = vec![false; tree.symbols().count()];
        for node in tree.walk().filter(|node| *node != NodeId::ROOT) {
            let Some(symbol) = tree.node(node).symbol else {
                index.add(tree, node, None);
                continue;
            };
            if !std::mem::replace(&mut is_known[symbol.index()], true) {
                let nodes = &tree.symbol(symbol).nodes;
                let with_text = nodes.iter().find(|node| tree.node(**node).prompt.is_some());
                index.add(tree, with_text.copied().unwrap_or(node), Some(symbol));
            }
        }
        index
    }

    fn add(&mut self, tree: &Tree, node: NodeId, symbol: Option<SymbolId>) {
        let prompt = tree.node(node).prompt.as_ref().map_or("", |prompt| &prompt.text);
        let name = symbol.map_or("", |symbol| &tree.symbol(symbol).name);
        let (name, prompt) = (self.text(name), self.text(prompt));
        let start = self.help.len() as u32;
        if let Some(help) = tree.help(node) {
            match help.is_ascii() {
                true => {
                    self.help.push_str(&help);
                    self.help[start as usize..].make_ascii_lowercase();
                }
                false => self.help.extend(help.chars().map(fold)),
            }
        }
        let letters = [&name, &prompt].map(|range| letters(self.at(range)));
        self.entries.push(Entry { node, symbol, name, prompt, help: start..self.help.len() as u32, letters });
    }

    fn text(&mut self, text: &str) -> Range<u32> {
        let start = self.texts.len() as u32;
        self.texts.extend(text.chars().map(fold));
        start..self.texts.len() as u32
    }

    fn at(&self, range: &Range<u32>) -> &[char] {
        &self.texts[range.start as usize..range.end as usize]
    }

    /// How well an entry matches; `None` if a word does not.
    fn points(&self, entry: &Entry, words: &[Vec<char>]) -> Option<i32> {
        let mut sum = 0;
        for word in words {
            let wanted = letters(word);
            let may_be = |field: usize| wanted & !entry.letters[field] == 0;
            let of = |field: usize, range: &Range<u32>| {
                let text = self.at(range);
                let points = may_be(field).then(|| score(word, text, None)).flatten()?;
                Some(points - text.len().min(60) as i32)
            };
            let (name, prompt) = (of(0, &entry.name), of(1, &entry.prompt).map(|points| points - PROMPT));
            sum += name.max(prompt).or_else(|| {
                let text: String = word.iter().collect();
                let help = &self.help[entry.help.start as usize..entry.help.end as usize];
                help_points(help, &text)
            })?;
        }
        Some(sum)
    }
}

impl Snippet {
    fn of(text: &str) -> Self {
        Self { text: text.to_string(), matching: Vec::new() }
    }

    fn find(&self, word: &[char]) -> Option<(i32, Vec<usize>)> {
        let text: Vec<_> = self.text.chars().map(fold).collect();
        let mut places = Vec::new();
        Some((score(word, &text, Some(&mut places))?, places))
    }
}

fn words(query: &str) -> Vec<Vec<char>> {
    let folded = query.split_whitespace().map(|word| word.chars().map(fold).collect::<String>());
    let bare = folded.map(|word| match word.strip_prefix("config_") {
        Some(name) if !name.is_empty() => name.to_string(),
        _ => word,
    });
    bare.map(|word| word.chars().collect()).collect()
}

fn help_points(help: &str, word: &str) -> Option<i32> {
    let mut best = None;
    for (start, _) in help.match_indices(word).take(8) {
        let before = help[..start].chars().next_back();
        if !before.is_some_and(char::is_alphanumeric) {
            return Some(HELP[0]);
        }
        best = Some(HELP[1]);
    }
    best
}

/// The first line of a help text that has `word`.
fn help_line(tree: &Tree, node: NodeId, word: &[char]) -> Option<Snippet> {
    let help = tree.help(node)?;
    help.lines().find_map(|line| {
        let line = line.trim();
        let folded: Vec<_> = line.chars().map(fold).collect();
        let start = folded.windows(word.len()).position(|window| window == word)?;
        Some(Snippet { text: line.to_string(), matching: (start..start + word.len()).collect() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::fixture::{SYSTEM, session};

    fn names(query: &str) -> Vec<String> {
        let mut session = session(SYSTEM, "CONFIG_NET=y\n");
        let matches = session.search(query, 10);
        let name = |hit: Hit| hit.name.or(hit.prompt).unwrap_or_default().text;
        matches.hits.into_iter().map(name).collect()
    }

    #[test]
    fn names_come_before_prompts_and_help() {
        assert_eq!(names("net"), ["NET", "Networking", "Networking is off"]);
        assert_eq!(names("CONFIG_NET")[0], "NET");
        assert_eq!(names("stack")[..3], ["Stack", "STACK_FULL", "STACK_SMALL"]);
        assert_eq!(names("scks"), ["STACK_SMALL", "SOCKETS"]);
        assert_eq!(names("ethernet"), ["NET"]);
        assert_eq!(names("full window"), ["FULL_WINDOW"]);
        assert_eq!(names("net xyz"), [""; 0]);
        assert_eq!(names("  "), [""; 0]);
    }

    #[test]
    fn a_hit_says_where_it_matches() {
        let mut session = session(SYSTEM, "");
        let hit = session.search("ethernet", 1).hits.remove(0);
        let help = hit.help.unwrap();
        assert_eq!(help.text, "Talks to other machines over Ethernet.");
        assert_eq!(help.matching, (29..37).collect::<Vec<_>>());
        assert_eq!((hit.value.as_str(), hit.shown), ("n", Shown::Visible));
        let hit = session.search("sock", 1).hits.remove(0);
        assert_eq!(hit.name.unwrap().matching, [0, 1, 2, 3]);
        assert_eq!(hit.prompt.unwrap().matching, [0, 1, 2, 3]);
        assert_eq!(hit.shown, Shown::All);
        assert_eq!(hit.help, None);
    }

    #[test]
    fn the_limit_keeps_the_best() {
        let mut session = session(SYSTEM, "");
        let all = session.search("a", 1000);
        let some = session.search("a", 3);
        assert!(all.total > 3);
        assert_eq!((some.total, &some.hits[..]), (all.total, &all.hits[..3]));
        assert_eq!(session.search("a", 0).hits, []);
    }
}
