//! Tables in Markdown.

/// What was measured, beside what it is compared with.
pub struct Row {
    what: String,
    measured: String,
    must_reach: &'static str,
    peers: String,
}

impl Row {
    /// A row; an empty string leaves its cell empty.
    pub fn new(
        what: impl Into<String>,
        measured: String,
        must_reach: &'static str,
        peers: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), measured, must_reach, peers: peers.into() }
    }
}

/// Prints a table under a heading.
pub fn print(heading: &str, rows: &[Row]) {
    println!("### {heading}\n");
    println!("| | kit | must reach | peers |\n|---|---:|---:|---|");
    for Row { what, measured, must_reach, peers } in rows {
        println!("| {what} | {measured} | {must_reach} | {peers} |");
    }
    println!();
}

/// `1234567` as `1,234,567`.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1000, 1234567].map(number), ["0", "999", "1,000", "1,234,567"]);
    }
}
