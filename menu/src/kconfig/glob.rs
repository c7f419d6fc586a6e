//! Patterns of paths: `*`, `?` and `[…]`, each within one folder.

use std::path::{Path, PathBuf};

/// Whether a path has a character that makes it a pattern.
pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// What a pattern is matched against.
pub(super) trait Folder {
    /// Names of what is in a folder; empty if it is none. An empty path is the working folder.
    fn names(&self, folder: &Path) -> Vec<String>;
    /// Whether there is a file or folder of that path.
    fn exists(&self, path: &Path) -> bool;
}

/// The paths that match, sorted by their bytes.
pub(super) fn expand(folder: &dyn Folder, pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let part = part.as_os_str().to_string_lossy();
        if !is_pattern(&part) {
            found.iter_mut().for_each(|path| path.push(&*part));
            continue;
        }
        found = found
            .iter()
            .flat_map(|path| {
                let mut names = folder.names(path);
                names.retain(|name| matches(&part, name));
                names.into_iter().map(move |name| path.join(name))
            })
            .collect();
    }
    found.retain(|path| folder.exists(path));
    found.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    found
}

/// Whether `name` matches one part of a pattern. A dot at its beginning must be written.
fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    if name.first() == Some(&'.') && pattern.first() != Some(&'.') {
        return false;
    }
    let (mut at, mut in_name) = (0, 0);
    // Where to go on when what follows the last `*` does not match: the star takes one character more.
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        let step = match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, in_name));
                at += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => class(&pattern[at..], name[in_name]),
            Some(&c) => (c == name[in_name]).then_some(1),
            None => None,
        };
        match (step, star) {
            (Some(length), _) => {
                at += length;
                in_name += 1;
            }
            (None, Some((after, from))) => {
                at = after;
                in_name = from + 1;
                star = Some((after, from + 1));
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|&c| c == '*')
}

/// How long the `[…]` at the beginning of `pattern` is, if `c` is in it. Without its `]` it is a `[`.
fn class(pattern: &[char], c: char) -> Option<usize> {
    let negated = matches!(pattern.get(1), Some('!' | '^'));
    let first = 1 + usize::from(negated);
    // A `]` at the beginning is a member.
    let Some(end) = pattern.iter().skip(first + 1).position(|&c| c == ']').map(|offset| first + 1 + offset)
    else {
        return (c == '[').then_some(1);
    };
    let members = &pattern[first..end];
    let mut is_member = false;
    let mut index = 0;
    while index < members.len() {
        match members[index..] {
            [low, '-', high, ..] => {
                is_member |= (low..=high).contains(&c);
                index += 3;
            }
            _ => {
                is_member |= members[index] == c;
                index += 1;
            }
        }
    }
    (is_member != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("Kconfig.*", "Kconfig.a", true),
            ("Kconfig.*", "Kconfig", false),
            ("*", ".hidden", false),
            (".*", ".hidden", true),
            ("net-*-x", "net-a-b-x", true),
            ("net-*-x", "net-a-b-y", false),
            ("?", "é", true),
            ("[a-c]1", "b1", true),
            ("[!a-c]1", "b1", false),
            ("[!a-c]1", "d1", true),
            ("[]x]", "]", true),
            ("[", "[", true),
            ("[a", "a", false),
            ("a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
