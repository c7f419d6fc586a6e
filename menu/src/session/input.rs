//! Checking what is typed for a number or text, while it is typed.

use crate::kconfig::{SetError, SymbolId};

use super::{Session, refusal};

/// What there is to say about a text that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What is expected: `a decimal number from 1 to 64`.
    pub expected: String,
    /// Both ends of the range that holds now, as text.
    pub range: Option<(String, String)>,
    /// Why the text is no value; `None` if it is one.
    pub error: Option<String>,
}

impl Session {
    /// Judges `text` as a value of `symbol`, and changes nothing.
    pub fn check_input(&self, symbol: SymbolId, text: &str) -> Input {
        let range = self.config.range(symbol).map(|(low, high)| (low.to_string(), high.to_string()));
        let mut expected = refusal::expected(&self.config, symbol).to_string();
        if let Some((low, high)) = &range {
            expected.push_str(&format!(" from {low} to {high}"));
        }
        let error = match self.config.check(symbol, text) {
            Ok(()) => None,
            Err(SetError::NotOfType) if text.is_empty() => Some(format!("type {expected}")),
            Err(SetError::NotOfType) => Some(format!("not {}", refusal::expected(&self.config, symbol))),
            Err(SetError::OutOfRange { low, high }) => Some(format!("not from {low} to {high}")),
            Err(error) => Some(refusal::explained(&self.config, symbol, text, error).reason),
        };
        Input { expected, range, error }
    }
}

#[cfg(test)]
mod tests {
    use crate::session::fixture::{SYSTEM, session};

    #[test]
    fn what_is_typed_is_judged() {
        let session = session(SYSTEM, "CONFIG_NET=y\n");
        let judge = |name: &str, text: &str| session.check_input(session.named(name), text);
        let input = judge("SOCKETS", "65");
        assert_eq!(input.expected, "a decimal number from 1 to 64");
        assert_eq!(input.range, Some(("1".to_string(), "64".to_string())));
        assert_eq!(input.error.as_deref(), Some("not from 1 to 64"));
        assert_eq!(judge("SOCKETS", "").error.as_deref(), Some("type a decimal number from 1 to 64"));
        assert_eq!(judge("SOCKETS", "6x").error.as_deref(), Some("not a decimal number"));
        assert_eq!(judge("SOCKETS", "64").error, None);
        assert_eq!(judge("BASE", "fg").error.as_deref(), Some("not a hexadecimal number"));
        assert_eq!(judge("ADDRESS", "").error, None);
        assert_eq!(judge("FULL_WINDOW", "1").error.as_deref(), Some("needs STACK_FULL (is n)"));
    }
}
