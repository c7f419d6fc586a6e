//! A terminal's screen as an SVG picture, from text with escape sequences (ECMA-48 SGR) as tmux prints it.

use std::fmt::Write;

/// Width and height of a character cell, in pixels: the proportions of common monospaced fonts at 14 pixels.
const CELL: (f32, f32) = (8.43, 18.0);

/// Around the screen.
const MARGIN: f32 = 14.0;

const BACKGROUND: &str = "#15171c";
const FOREGROUND: &str = "#d3d7de";

/// The sixteen colours that a terminal's theme defines.
const THEME: [&str; 16] = [
    "#15171c", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#6b7280",
    "#ef7f88", "#a9d48b", "#f0cf8f", "#7cc0f6", "#d191e6", "#6fcbd6", "#ffffff",
];

/// How characters are drawn.
#[derive(Clone, Default, PartialEq)]
struct Pen {
    foreground: Option<String>,
    background: Option<String>,
    is_bold: bool,
    is_dim: bool,
    is_underlined: bool,
    is_reversed: bool,
}

/// Draws the screen: `columns` wide, one line for each line of `text`.
pub fn of_screen(text: &str, columns: usize) -> String {
    let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
    let width = columns as f32 * CELL.0 + 2.0 * MARGIN;
    let height = lines.len() as f32 * CELL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    // tmux ends no style at the end of a line.
    let mut pen = Pen::default();
    for (row, line) in lines.iter().enumerate() {
        let mut column = 0;
        for (style, run) in runs(line, &mut pen) {
            draw(&mut svg, &style, &run, row, column);
            column += run.chars().count();
        }
    }
    svg + "</svg>\n"
}

/// The stretches of a line that are drawn alike.
fn runs(line: &str, pen: &mut Pen) -> Vec<(Pen, String)> {
    let mut runs: Vec<(Pen, String)> = Vec::new();
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        if let Some(sequence) = rest.strip_prefix("\x1b[")
            && let Some(end) = sequence.find(|c: char| c.is_ascii_alphabetic())
        {
            if sequence[end..].starts_with('m') {
                pen.set(&sequence[..end]);
            }
            rest = &sequence[end + 1..];
            continue;
        }
        match runs.last_mut() {
            Some((style, run)) if style == pen => run.push(character),
            _ => runs.push((pen.clone(), character.to_string())),
        }
        rest = &rest[character.len_utf8()..];
    }
    runs
}

fn draw(svg: &mut String, pen: &Pen, run: &str, row: usize, column: usize) {
    let (x, y) = (MARGIN + column as f32 * CELL.0, MARGIN + row as f32 * CELL.1);
    let width = run.chars().count() as f32 * CELL.0;
    let mut foreground = pen.foreground.as_deref().unwrap_or(FOREGROUND);
    let mut background = pen.background.as_deref();
    if pen.is_reversed {
        (foreground, background) = (background.unwrap_or(BACKGROUND), Some(foreground));
    }
    if let Some(colour) = background {
        let height = CELL.1;
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{colour}\"/>"
        );
    }
    let start = run.chars().take_while(|character| *character == ' ').count();
    let text = run.trim();
    if text.is_empty() {
        return;
    }
    let mut attributes = format!(" fill=\"{foreground}\"");
    for (is_set, attribute) in [
        (pen.is_bold, " font-weight=\"bold\""),
        (pen.is_dim, " opacity=\".6\""),
        (pen.is_underlined, " text-decoration=\"underline\""),
    ] {
        if is_set {
            attributes += attribute;
        }
    }
    // With a length, columns stay in line whatever font there is.
    let (x, y) = (x + start as f32 * CELL.0, y + 13.5);
    let length = text.chars().count() as f32 * CELL.0;
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" xml:space=\"preserve\"{attributes}>{text}</text>"
    );
}

impl Pen {
    /// Obeys the parameters of one SGR sequence.
    fn set(&mut self, parameters: &str) {
        let mut numbers = parameters.split([';', ':']).map(|number| number.parse().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                1 => self.is_bold = true,
                2 => self.is_dim = true,
                4 => self.is_underlined = true,
                7 => self.is_reversed = true,
                22 => (self.is_bold, self.is_dim) = (false, false),
                24 => self.is_underlined = false,
                27 => self.is_reversed = false,
                30..=37 => self.foreground = Some(colour(number - 30)),
                90..=97 => self.foreground = Some(colour(number - 90 + 8)),
                39 => self.foreground = None,
                40..=47 => self.background = Some(colour(number - 40)),
                100..=107 => self.background = Some(colour(number - 100 + 8)),
                49 => self.background = None,
                38 | 48 => {
                    let chosen = match numbers.next() {
                        Some(5) => numbers.next().map(colour),
                        Some(2) => {
                            let mut part = || numbers.next().unwrap_or(0);
                            Some(format!("#{:02x}{:02x}{:02x}", part(), part(), part()))
                        }
                        _ => None,
                    };
                    if number == 38 {
                        self.foreground = chosen;
                    } else {
                        self.background = chosen;
                    }
                }
                _ => {}
            }
        }
    }
}

/// A colour of xterm's 256: sixteen of the theme, a cube of 6×6×6, 24 greys.
fn colour(number: u32) -> String {
    let level = |step: u32| if step == 0 { 0 } else { 55 + 40 * step };
    match number {
        0..16 => THEME[number as usize].to_string(),
        16..232 => {
            let cube = number - 16;
            format!("#{:02x}{:02x}{:02x}", level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        _ => {
            let grey = 8 + 10 * (number.min(255) - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_columns_are_those_of_the_screen() {
        let svg = of_screen("\x1b[1m\x1b[38;5;24mab\x1b[0m <\x1b[7mc\n", 10);
        assert!(svg.contains("fill=\"#005f87\" font-weight=\"bold\">ab</text>"), "{svg}");
        let x = MARGIN + 3.0 * CELL.0;
        assert!(svg.contains(&format!("<text x=\"{x:.1}\"")) && svg.contains(">&lt;</text>"), "{svg}");
        assert!(svg.contains(&format!("fill=\"{BACKGROUND}\">c</text>")), "{svg}");
    }
}
