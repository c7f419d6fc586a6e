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
