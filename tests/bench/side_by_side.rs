//! Several implementations of one slot side by side: every workload on each of them in one run, printed as a table
//! and drawn as a plot that is kept in the tree.
//!
//! A section of the benchmark makes a [`Comparison`] of the names of what it compares, calls
//! [`Comparison::measure`] for each workload and each unit, and ends with [`Comparison::publish`]:
//!
//! ```ignore
//! let mut heaps = Comparison::new("Heaps", ["tlsf", "buddy"]);
//! heaps.measure("fixed-size churn", INSTRUCTIONS, |heap| instructions_of(heap, "churn"));
//! heaps.measure("fixed-size churn", NANOSECONDS, |heap| nanoseconds_of(heap, "churn"));
//! heaps.publish("alloc");
//! ```
//!
//! What helps to get the numbers: [`on_the_shelf`] lists the implementations of a slot, `kit_tests::variant` makes an app with a `[config]` of its own for each
//! implementation, `kit_tests::measure::figures::instructions_between` counts guest instructions between two marks of
//! an app, and [`reported`] reads a number that an app has printed.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use kit_cli::progress::thousands;
use kit_tests::root;
pub use kit_tests::variant::{on_the_shelf, on_the_shelf_with};

/// What a figure counts, and which is the good end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unit {
    /// As it stands behind a number: `instructions an operation`.
    pub name: &'static str,
    /// Whether the largest number is the best.
    pub is_more_better: bool,
}

/// Guest instructions, counted by the plugin: the same on every run and every machine.
pub const INSTRUCTIONS: Unit = Unit { name: "instructions an operation", is_more_better: false };
/// Time on this machine, on the platform linux.
pub const NANOSECONDS: Unit = Unit { name: "ns an operation", is_more_better: false };

/// One workload in one unit, with a number for each implementation; `None` where it cannot do the workload.
struct Figure {
    workload: String,
    unit: Unit,
    values: Vec<Option<f64>>,
}

/// A table to be.
pub struct Comparison {
    title: String,
    implementations: Vec<String>,
    figures: Vec<Figure>,
}

impl Comparison {
    /// An empty table with a column for each implementation, in this order.
    pub fn new(title: &str, implementations: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let implementations = implementations.into_iter().map(Into::into).collect();
        Self { title: title.to_string(), implementations, figures: Vec::new() }
    }

    /// Adds a row: asks for the number of each implementation by its name. `None` stands for "it cannot do this".
    pub fn measure(&mut self, workload: &str, unit: Unit, mut number: impl FnMut(&str) -> Option<f64>) {
        let values = self
            .implementations
            .iter()
            .map(|implementation| {
                eprintln!("bench: {}: {workload}, {}: {implementation}", self.title, unit.name);
                number(implementation)
            })
            .collect();
        self.figures.push(Figure { workload: workload.to_string(), unit, values });
    }

    /// Prints the table, and writes the plot to `tests/bench/plots/<name>.svg`.
    pub fn publish(&self, name: &str) {
        print!("{}", self.markdown());
        let file = plot_path(name);
        let folder = file.parent().expect("a plot is in a folder");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, self.svg()))
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        println!("Plot: `{}`\n", file.strip_prefix(root()).unwrap_or(&file).display());
    }

    /// The table in Markdown; the best number of each row is bold.
    fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n| workload | unit |", self.title);
        for implementation in &self.implementations {
            let _ = write!(text, " {implementation} |");
        }
        text += "\n|---|---|";
        text += &"---:|".repeat(self.implementations.len());
        text += "\n";
        for figure in &self.figures {
            let _ = write!(text, "| {} | {} |", figure.workload, figure.unit.name);
            for value in &figure.values {
                let number = value.map_or("–".to_string(), readable);
                let is_best = value.is_some() && *value == figure.best();
                let _ = if is_best { write!(text, " **{number}** |") } else { write!(text, " {number} |") };
            }
            text += "\n";
        }
        text + "\n"
    }

    /// The plot: a panel for each row of the table, a bar for each implementation. It follows the reader's choice of a
    /// light or a dark page, and says the numbers as text, so that it can be read without its colours.
    fn svg(&self) -> String {
        let panel_height = HEAD + self.implementations.len() as f64 * LINE + GAP;
        let rows = self.figures.len().div_ceil(COLUMNS);
        let (width, height) = (COLUMNS as f64 * PANEL + MARGIN, TITLE + rows as f64 * panel_height + MARGIN);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             font-family=\"system-ui,sans-serif\" font-size=\"12\">\n<style>\n{STYLE}</style>\n\
             <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n\
             <text class=\"ink\" x=\"{MARGIN}\" y=\"26\" font-size=\"17\" font-weight=\"600\">{}</text>\n",
            escaped(&self.title)
        );
        for (index, figure) in self.figures.iter().enumerate() {
            let left = MARGIN + (index % COLUMNS) as f64 * PANEL;
            let top = TITLE + (index / COLUMNS) as f64 * panel_height;
            self.draw(&mut svg, figure, left, top);
        }
        svg + "</svg>\n"
    }

    fn draw(&self, svg: &mut String, figure: &Figure, left: f64, top: f64) {
        let end = if figure.unit.is_more_better { "more" } else { "less" };
        let _ = writeln!(
            svg,
            "<text class=\"ink\" x=\"{left}\" y=\"{:.1}\" font-weight=\"600\">{}</text>\n\
             <text class=\"dim\" x=\"{left}\" y=\"{:.1}\">{}, {end} is better</text>",
            top + 14.0,
            escaped(&figure.workload),
            top + 30.0,
            escaped(figure.unit.name),
        );
        let most = figure.values.iter().flatten().fold(0.0_f64, |most, value| most.max(*value));
        for (row, (name, value)) in self.implementations.iter().zip(&figure.values).enumerate() {
            let y = top + HEAD + row as f64 * LINE;
            let text_y = y + BAR - 3.5;
            let _ = writeln!(
                svg,
                "<text class=\"ink\" x=\"{:.1}\" y=\"{text_y:.1}\" text-anchor=\"end\">{}</text>",
                left + NAMES - 6.0,
                escaped(name)
            );
            let length = match value {
                Some(value) if most > 0.0 => (value / most * BARS).max(1.0),
                _ => 0.0,
            };
            let best = if value.is_some() && *value == figure.best() { " best" } else { "" };
            if length > 0.0 {
                let _ = writeln!(
                    svg,
                    "<rect class=\"bar{best}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"2\"/>",
                    left + NAMES
                );
            }
            let _ = writeln!(
                svg,
                "<text class=\"ink\" x=\"{:.1}\" y=\"{text_y:.1}\">{}</text>",
                left + NAMES + length + 5.0,
                value.map_or("cannot".to_string(), readable)
            );
        }
    }
}

impl Figure {
    fn best(&self) -> Option<f64> {
        let better = |one: f64, other: f64| {
            if (one > other) == self.unit.is_more_better { one } else { other }
        };
        self.values.iter().flatten().copied().reduce(better)
    }
}

/// Panels beside each other.
const COLUMNS: usize = 2;
/// Pixels: of a panel, of the names in it, of its longest bar.
const PANEL: f64 = 440.0;
const NAMES: f64 = 110.0;
const BARS: f64 = 240.0;
/// Pixels: around all, of the title, of a panel's heading, of a bar with and without the space below it, and between
/// panels.
const MARGIN: f64 = 16.0;
const TITLE: f64 = 44.0;
const HEAD: f64 = 38.0;
const LINE: f64 = 19.0;
const BAR: f64 = 14.0;
const GAP: f64 = 20.0;

const STYLE: &str = "\
.page { fill: #ffffff }
.ink { fill: #1f2328 }
.dim { fill: #656d76 }
.bar { fill: #9db4cf }
.best { fill: #1f6feb }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117 }
  .ink { fill: #e6edf3 }
  .dim { fill: #8b949e }
  .bar { fill: #3d5573 }
  .best { fill: #58a6ff }
}
";

/// Where a plot is kept.
fn plot_path(name: &str) -> PathBuf {
    root().join("tests/bench/plots").join(name).with_extension("svg")
}

/// Three significant digits, at most.
fn readable(value: f64) -> String {
    match value {
        _ if value >= 100.0 => thousands(value.round() as u64),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The number in the line `name: number` of what an app has printed.
pub fn reported(output: &str, name: &str) -> Option<f64> {
    let number = |line: &str| line.trim().strip_prefix(name)?.strip_prefix(':')?.trim().parse().ok();
    output.lines().find_map(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison() -> Comparison {
        let mut heaps = Comparison::new("Heaps & co", ["a", "b", "c"]);
        let number = |name: &str| match name {
            "a" => Some(1234.5),
            "b" => Some(7.25),
            _ => None,
        };
        heaps.measure("churn", INSTRUCTIONS, number);
        heaps.measure("churn", Unit { name: "operations a second", is_more_better: true }, number);
        heaps
    }

    #[test]
    fn the_best_number_of_a_row_is_bold() {
        let rows = "| workload | unit | a | b | c |\n|---|---|---:|---:|---:|\n\
                    | churn | instructions an operation | 1,235 | **7.25** | – |\n\
                    | churn | operations a second | **1,235** | 7.25 | – |\n\n";
        assert_eq!(comparison().markdown(), format!("### Heaps & co\n\n{rows}"));
    }

    #[test]
    fn the_plot_has_a_bar_for_each_number_and_no_markup_from_names() {
        let svg = comparison().svg();
        assert_eq!(svg.matches("<rect class=\"bar").count(), 4);
        assert_eq!(svg.matches("<rect class=\"bar best").count(), 2);
        assert_eq!(svg.matches("cannot").count(), 2);
        assert!(svg.contains("Heaps &amp; co"), "{svg}");
    }

    #[test]
    fn a_reported_number_is_found_by_its_name() {
        let output = "hello\nchurn: 12.5\nchurn two: 7\n";
        assert_eq!(reported(output, "churn"), Some(12.5));
        assert_eq!(reported(output, "churn two"), Some(7.0));
        assert_eq!(reported(output, "other"), None);
    }
}
