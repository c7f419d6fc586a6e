//! The grammar of the command line, from the reader's side.

use kit_util_cmdline::{Token, option, tokens};

fn arguments(line: &str) -> Vec<String> {
    let meant = |token| match token {
        Token::Argument(text) => {
            Some(String::from_utf8(text.bytes().collect()).expect("these tests use UTF-8"))
        }
        _ => None,
    };
    tokens(line.as_bytes()).filter_map(meant).collect()
}

fn value(line: &str, name: &str) -> Option<String> {
    option(line.as_bytes(), name).map(|text| String::from_utf8(text.bytes().collect()).expect("UTF-8"))
}

#[test]
fn arguments_keep_their_order_between_tokens_of_the_os() {
    let line = "app one virtio_mmio.device=512@0xfeb00e00:12 two kit.env=A=1  three ";
    assert_eq!(arguments(line), ["app", "one", "two", "three"]);
}

#[test]
fn quotes_hold_spaces_escapes_and_lookalikes() {
    assert_eq!(
        arguments(r#""app" "a b" "say \"hi\"" "back\\slash" "kit.env=no" "" plain\n x"y z"w"#),
        ["app", "a b", r#"say "hi""#, r"back\slash", "kit.env=no", "", r"plain\n", "xy zw"]
    );
}

#[test]
fn other_escapes_are_two_bytes() {
    assert_eq!(arguments(r#""a\nb""#), [r"a\nb"]);
}

#[test]
fn a_quote_that_never_ends_and_empty_lines() {
    assert_eq!(arguments(r#"app "a b"#), ["app", "a b"]);
    assert_eq!(arguments(r#"app "a\"#), ["app", r"a\"]);
    assert_eq!(arguments(""), [""; 0]);
    assert_eq!(arguments("   "), [""; 0]);
}

#[test]
fn options_by_name() {
    let line = r#"app kit.ip=10.0.2.15/24 kit.env="K=a b" kit.quiet kit.ip=10.0.2.16/24"#;
    assert_eq!(value(line, "ip").as_deref(), Some("10.0.2.16/24"), "the last one wins");
    assert_eq!(value(line, "env").as_deref(), Some("K=a b"));
    assert_eq!(value(line, "quiet").as_deref(), Some(""));
    assert_eq!(value(line, "gw"), None);
}

#[test]
fn devices_are_passed_on_raw() {
    let mut found = tokens(b"virtio_mmio.device=512@0xfeb00e00:12 app");
    assert_eq!(found.next(), Some(Token::Device(b"512@0xfeb00e00:12")));
    assert!(matches!(found.next(), Some(Token::Argument(_))));
    assert_eq!(found.next(), None);
}

#[test]
fn numbers_and_copies() {
    let line = b"kit.epoch_ns=1700000000000000000 kit.bad=12x kit.huge=99999999999999999999 kit.none=";
    assert_eq!(option(line, "epoch_ns").and_then(|text| text.number()), Some(1_700_000_000_000_000_000));
    for name in ["bad", "huge", "none"] {
        assert_eq!(option(line, name).and_then(|text| text.number()), None, "{name}");
    }
    let text = option(line, "bad").expect("it is there");
    assert_eq!(text.copy_to(&mut [0; 3]).as_deref(), Some(&b"12x"[..]));
    assert_eq!(text.copy_to(&mut [0; 2]), None);
}

#[test]
fn no_line_of_few_bytes_confuses_the_reader() {
    // Every string of up to 6 bytes over the characters that mean something.
    let alphabet = [b' ', b'"', b'\\', b'a'];
    for length in 0..=6u32 {
        for number in 0..alphabet.len().pow(length) {
            let line: Vec<u8> = (0..length).map(|at| alphabet[number >> (2 * at) & 3]).collect();
            let total: usize = tokens(&line)
                .map(|token| match token {
                    Token::Argument(text) => {
                        assert!(text.bytes().count() <= text.max_len());
                        text.max_len()
                    }
                    other => panic!("{other:?} out of {line:?}"),
                })
                .sum();
            assert!(total <= line.len());
        }
    }
}
