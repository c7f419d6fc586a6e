//! Names that were probably meant.

/// The candidate closest to `word`, if one is close enough to be a typing error.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let limit = 1 + word.chars().count() / 4;
    let wanted = letters(&folded);
    // Linux has 17,000 names, and a foreign file a thousand that are none of them: most are told apart by how
    // often each letter occurs, of which one typing error changes two at most.
    let is_close = |candidate: &&str| {
        let present = letters(candidate);
        present.iter().zip(&wanted).map(|(a, b)| usize::from(a.abs_diff(*b))).sum::<usize>() <= 2 * limit
    };
    let distance = |candidate: &str| strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
    let close = candidates.into_iter().filter(is_close);
    let nearest = close.map(|candidate| (distance(candidate), candidate)).min()?;
    (nearest.0 <= limit).then_some(nearest.1)
}

/// How often each letter occurs, whatever its case; several share a place.
fn letters(word: &str) -> [u8; 32] {
    let mut counts = [0u8; 32];
    for character in word.chars().flat_map(char::to_lowercase) {
        let place = &mut counts[character as usize & 31];
        *place = place.saturating_add(1);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_typing_errors_only() {
        let names = ["platform", "name", "arch"];
        assert_eq!(did_you_mean("platfrom", names), Some("platform"));
        assert_eq!(did_you_mean("Arch", names), Some("arch"));
        assert_eq!(did_you_mean("memory", names), None);
        assert_eq!(did_you_mean("x", []), None);
    }
}
