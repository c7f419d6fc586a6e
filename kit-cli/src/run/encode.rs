//! The two encodings between kit and a guest: the kernel command line, and standard input over a console's wire.
//!
//! Both are decoded in the image, by `libs/util/cmdline` and `libs/util/wire`.

use std::collections::BTreeMap;

/// Tokens with these beginnings are for the OS when they are not quoted.
const OF_THE_OS: [&str; 2] = ["kit.", "virtio_mmio.device="];

/// The command line: settings of the OS, the environment, then the arguments, the program's name first.
pub fn command_line(
    name: &str,
    arguments: &[String],
    env: &BTreeMap<String, String>,
    settings: &[(String, String)],
) -> String {
    let mut tokens = vec![argument(name)];
    tokens.extend(options(settings));
    tokens
        .extend(env.iter().map(|(name, value)| format!("kit.env={}", value_of(&format!("{name}={value}")))));
    tokens.extend(arguments.iter().map(|text| argument(text)));
    tokens.join(" ")
}

/// Options of the OS, as tokens of a command line.
pub fn options(settings: &[(String, String)]) -> impl Iterator<Item = String> {
    settings.iter().map(|(name, value)| format!("kit.{name}={}", value_of(value)))
}

fn argument(text: &str) -> String {
    let is_like_the_os = OF_THE_OS.iter().any(|beginning| text.starts_with(beginning));
    if is_like_the_os { quoted(text) } else { value_of(text) }
}

fn value_of(text: &str) -> String {
    let is_plain =
        !text.is_empty() && !text.contains(|letter: char| letter.is_whitespace() || "\"\\".contains(letter));
    if is_plain { text.to_string() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Ends input: EOT, as a terminal has it.
pub const END_OF_INPUT: u8 = 0x04;
/// Quotes the byte after it: DLE.
const QUOTE: u8 = 0x10;

/// Input as it goes over the wire of a console.
pub fn input(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if matches!(*byte, END_OF_INPUT | QUOTE) {
            encoded.push(QUOTE);
        }
        encoded.push(*byte);
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_quotes_what_it_must() {
        let env = BTreeMap::from([("A".to_string(), "b c".to_string()), ("B".into(), "x".into())]);
        let arguments =
            ["plain", "two words", "say \"hi\"", "kit.env=no", "", "back\\slash"].map(String::from);
        assert_eq!(
            command_line("app", &arguments, &env, &[("ip".into(), "10.0.2.15/24".into())]),
            "app kit.ip=10.0.2.15/24 kit.env=\"A=b c\" kit.env=B=x plain \"two words\" \"say \\\"hi\\\"\" \
             \"kit.env=no\" \"\" \"back\\\\slash\""
        );
    }

    #[test]
    fn input_quotes_its_own_signs() {
        assert_eq!(input(b"a\x04b\x10c\n"), b"a\x10\x04b\x10\x10c\n");
    }
}
