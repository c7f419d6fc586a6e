//! Names that were probably meant.

/// The candidate closest to `word`, if one is close enough to be a typing error.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let distance = |candidate: &str| strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
    let limit = 1 + word.chars().count() / 4;
    let nearest = candidates.into_iter().map(|candidate| (distance(candidate), candidate)).min()?;
    (nearest.0 <= limit).then_some(nearest.1)
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
