//! What a configuration will cost, as far as the caller can tell.

use crate::kconfig::{Config, SymbolId};

use super::Session;

/// Predicts. The caller supplies it: the engine knows Kconfig and no images.
pub trait Estimate: Send {
    /// Bytes of the image.
    fn image_bytes(&self, config: &Config) -> Option<u64>;
    /// How many micro-libraries are in the image.
    fn libraries(&self, config: &Config) -> Option<usize>;
    /// Bytes that `symbol` adds when it is set.
    fn symbol_bytes(&self, config: &Config, symbol: SymbolId) -> Option<u64>;
}

/// What the foot of an interface shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Predicted bytes of the image.
    pub image_bytes: Option<u64>,
    /// How many micro-libraries are in the image.
    pub libraries: Option<usize>,
    /// How many [`problems`](Session::problems) there are.
    pub problems: usize,
    /// Whether saving would change what is stored.
    pub is_changed: bool,
}

impl Session {
    /// What the foot of an interface shows now.
    pub fn summary(&self) -> Summary {
        let summary = self.summary.get_or_init(|| {
            let estimate = self.estimate.as_deref();
            Summary {
                image_bytes: estimate.and_then(|estimate| estimate.image_bytes(&self.config)),
                libraries: estimate.and_then(|estimate| estimate.libraries(&self.config)),
                problems: self.problem_count(),
                is_changed: self.is_changed(),
            }
        });
        summary.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kconfig::Tristate;
    use crate::session::fixture::{SYSTEM, session};

    /// 100 bytes, and 10 for NET.
    struct Ten;

    impl Estimate for Ten {
        fn image_bytes(&self, config: &Config) -> Option<u64> {
            let net = config.tree().find("NET")?;
            Some(if config.tristate(net) == Tristate::Yes { 110 } else { 100 })
        }

        fn libraries(&self, _config: &Config) -> Option<usize> {
            Some(1)
        }

        fn symbol_bytes(&self, config: &Config, symbol: SymbolId) -> Option<u64> {
            (config.tree().find("NET") == Some(symbol)).then_some(10)
        }
    }

    #[test]
    fn the_foot_follows_every_change() {
        let mut session = session(SYSTEM, "CONFIG_FAST=y\n").with_estimate(Box::new(Ten));
        let before = Summary { image_bytes: Some(100), libraries: Some(1), problems: 1, is_changed: false };
        assert_eq!(session.summary(), before);
        session.set_named("NET", "y").unwrap();
        let after = Summary { image_bytes: Some(110), is_changed: true, ..before.clone() };
        assert_eq!(session.summary(), after);
        session.save().unwrap();
        assert_eq!(session.summary(), Summary { is_changed: false, ..after });
        session.undo();
        assert_eq!(session.summary(), Summary { is_changed: true, ..before });
        assert_eq!(session.explain(session.named("NET")).bytes, Some(10));
        assert_eq!(session.explain(session.named("FAST")).bytes, None);
    }
}
