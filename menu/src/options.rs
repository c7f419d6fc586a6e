//! Options: the symbols that the leaf `Kconfig` of a micro-library defines, with type, default and range.

use std::fs;
use std::path::Path;

use kconfig_parser::ast::ConfigType;
use kconfig_parser::{Ast, Lexer};

/// The type of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A whole number, written in hexadecimal.
    Hex,
    /// Text.
    Text,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
}

impl std::fmt::Display for Setting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => write!(formatter, "{value}"),
            Self::Int(value) => write!(formatter, "{value}"),
            Self::Text(value) => write!(formatter, "{value:?}"),
        }
    }
}

/// What a `Kconfig` says of one symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The symbol.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// The text of its menu entry.
    pub prompt: String,
    /// Its value unless set.
    pub default: Setting,
    /// Least and greatest value.
    pub range: Option<(i64, i64)>,
}

impl Definition {
    /// The Rust type of its constant in the root.
    pub fn rust_type(&self) -> &'static str {
        let fits = |value: i64| u32::try_from(value).is_ok();
        match (self.kind, self.range, &self.default) {
            (Kind::Bool, ..) => "bool",
            (Kind::Text, ..) => "&str",
            (Kind::Int, Some((low, high)), _) if fits(low) && fits(high) => "u32",
            (Kind::Int, None, Setting::Int(default)) if fits(*default) => "u32",
            (Kind::Int, Some((low, _)), _) if low < 0 => "i64",
            (Kind::Int, None, Setting::Int(default)) if *default < 0 => "i64",
            _ => "u64",
        }
    }

    /// Whether `setting` may be its value; else why not.
    pub fn accepts(&self, setting: &Setting) -> Result<(), String> {
        match (self.kind, setting) {
            (Kind::Bool, Setting::Bool(_)) | (Kind::Text, Setting::Text(_)) => Ok(()),
            (Kind::Int | Kind::Hex, Setting::Int(value)) => match self.range {
                Some((low, high)) if !(low..=high).contains(value) => {
                    Err(format!("{} must be {low} to {high}, not {value}", self.name))
                }
                None if *value < 0 && self.rust_type() != "i64" => {
                    Err(format!("{} must not be negative, and it is {value}", self.name))
                }
                _ => Ok(()),
            },
            _ => {
                let wanted = match self.kind {
                    Kind::Bool => "true or false",
                    Kind::Int | Kind::Hex => "a whole number",
                    Kind::Text => "text in quotes",
                };
                Err(format!("{} must be {wanted}, not {setting}", self.name))
            }
        }
    }
}

/// Reads the `Kconfig` in `folder`; a folder without one has no options.
pub fn read(folder: &Path) -> Result<Vec<Definition>, String> {
    let path = folder.join("Kconfig");
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text).map_err(|message| format!("{}: {message}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

/// Reads a leaf: plain `config` entries, at the top level or between `if` and `endif`, or in a `menu`.
///
/// kconfig-parser understands them but can only be asked by name, and takes a symbol only where a line ends, so
/// the names come from a scan of the lines.
pub fn parse(text: &str) -> Result<Vec<Definition>, String> {
    let text = format!("{}\n", text.trim_end());
    let ast = Ast::parse(&mut Lexer::create(text.as_bytes())).map_err(|error| error.to_string())?;
    let names = text.lines().filter_map(|line| line.strip_prefix("config ")).map(str::trim);
    names.map(|name| define(&ast, name)).collect()
}

fn define(ast: &Ast, name: &str) -> Result<Definition, String> {
    let element = ast.element(name).ok_or_else(|| format!("{name} is not at the top level"))?;
    let mut types = element.types().into_iter().flat_map(|types| types.keys());
    let kind = match types.next() {
        Some(ConfigType::Bool) => Kind::Bool,
        Some(ConfigType::Int) => Kind::Int,
        Some(ConfigType::Hex) => Kind::Hex,
        Some(ConfigType::String) => Kind::Text,
        Some(ConfigType::Tristate) | None => {
            return Err(format!("{name} has none of the types bool, int, hex, string"));
        }
    };
    let mut defaults = element.defaults().into_iter().flat_map(|defaults| defaults.keys());
    let default = match defaults.next() {
        Some(default) => {
            let text =
                default.get_sym().ok_or_else(|| format!("the default of {name} is not a plain value"))?;
            setting(kind, &text).ok_or_else(|| format!("{name} cannot default to {text}"))?
        }
        None => match kind {
            Kind::Bool => Setting::Bool(false),
            Kind::Text => Setting::Text(String::new()),
            Kind::Int | Kind::Hex => return Err(format!("{name} has no default")),
        },
    };
    let range = element.range().map(|range| (range.lhs(), range.rhs()));
    let prompt = element.prompt().unwrap_or_default();
    Ok(Definition { name: name.to_string(), kind, prompt, default, range })
}

fn setting(kind: Kind, text: &str) -> Option<Setting> {
    Some(match kind {
        Kind::Bool => Setting::Bool(match text {
            "y" => true,
            "n" => false,
            _ => return None,
        }),
        Kind::Int => Setting::Int(text.parse().ok()?),
        Kind::Hex => Setting::Int(i64::from_str_radix(text.trim_start_matches("0x"), 16).ok()?),
        Kind::Text => Setting::Text(text.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: &str = "\
config SCHED_RR
\tbool \"Round robin\"
\thelp
\t  Fair; config words in here do not count.

config SCHED_SLICE_US
\tint \"Slice in microseconds\"
\tdepends on SCHED_RR
\trange 100 1000000
\tdefault 10000

config NET_IP
\tstring \"Address\"
\tdefault \"10.0.0.2/24\"

config DEBUG
\tbool \"Debug\"
\tdefault y

config BASE
\thex \"Base\"
\tdefault 0xff";

    #[test]
    fn reads_a_leaf() {
        let options = parse(LEAF).unwrap();
        let names: Vec<_> = options.iter().map(|option| option.name.as_str()).collect();
        assert_eq!(names, ["SCHED_RR", "SCHED_SLICE_US", "NET_IP", "DEBUG", "BASE"]);
        assert_eq!(options[0].default, Setting::Bool(false));
        assert_eq!((options[1].range, options[1].rust_type()), (Some((100, 1_000_000)), "u32"));
        assert_eq!(options[1].default, Setting::Int(10_000));
        assert_eq!(options[2].default, Setting::Text("10.0.0.2/24".into()));
        assert_eq!(options[3].default, Setting::Bool(true));
        assert_eq!((&options[4].default, options[4].rust_type()), (&Setting::Int(255), "u64"));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let options = parse(LEAF).unwrap();
        let refusal = |option: usize, value| options[option].accepts(&value).unwrap_err();
        assert_eq!(refusal(1, Setting::Int(5)), "SCHED_SLICE_US must be 100 to 1000000, not 5");
        assert_eq!(refusal(1, Setting::Bool(true)), "SCHED_SLICE_US must be a whole number, not true");
        assert_eq!(refusal(0, Setting::Text("y".into())), "SCHED_RR must be true or false, not \"y\"");
        assert_eq!(options[2].accepts(&Setting::Text("::1/64".into())), Ok(()));
    }
}
