//! What is off makes no event.

use kit_iface_trace::{conformance, emit, span};
use kit_trace_none::Silent;

#[test]
fn no_event_is_made() {
    let trace = Silent::new();
    emit(&trace, || unreachable!("an event was made for nobody"));
    assert_eq!(span(&trace, "read", || unreachable!(), || 7, |_| unreachable!()), 7);
    conformance::check(&trace);
}
