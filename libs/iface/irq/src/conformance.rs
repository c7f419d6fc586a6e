//! What every interrupt controller must pass, given one line that the test can raise.

use crate::{Handler, Irq, IrqError, Line};
use core::sync::atomic::{AtomicUsize, Ordering};

/// A line of the controller under test that is free, and the means to raise it.
pub struct Raisable<'a> {
    /// The line.
    pub line: Line,
    /// Raises it once and gives the controller the occasion to run the handler, if it needs one.
    pub raise: &'a mut dyn FnMut(),
}

/// Runs the whole suite.
pub fn check(irq: &impl Irq, mut free: Raisable<'_>) {
    runs_the_handler_with_its_data(irq, &mut free);
    a_line_has_one_handler(irq, &mut free);
    detaching_is_final_and_repeatable(irq, &mut free);
}

/// Each raise runs the handler, with the word it was attached with.
pub fn runs_the_handler_with_its_data(irq: &impl Irq, free: &mut Raisable<'_>) {
    let count = AtomicUsize::new(0);
    irq.attach(free.line, counting(&count)).expect("the line is free");
    let before = count.load(Ordering::SeqCst);
    for raised in 1..=3 {
        (free.raise)();
        let seen = count.load(Ordering::SeqCst) - before;
        assert!(seen >= raised, "raised {raised} times, and the handler ran {seen} times");
    }
    irq.detach(free.line);
}

/// A second handler is refused, and the first keeps the line.
pub fn a_line_has_one_handler(irq: &impl Irq, free: &mut Raisable<'_>) {
    let (first, second) = (AtomicUsize::new(0), AtomicUsize::new(0));
    irq.attach(free.line, counting(&first)).expect("the line is free");
    assert_eq!(irq.attach(free.line, counting(&second)), Err(IrqError::Busy));
    let before = first.load(Ordering::SeqCst);
    (free.raise)();
    assert!(first.load(Ordering::SeqCst) > before, "the first handler lost its line");
    assert_eq!(second.load(Ordering::SeqCst), 0, "a refused handler ran");
    irq.detach(free.line);
}

/// After a detach the handler does not run, the line can be attached again, and detaching twice is harmless.
pub fn detaching_is_final_and_repeatable(irq: &impl Irq, free: &mut Raisable<'_>) {
    let (old, new) = (AtomicUsize::new(0), AtomicUsize::new(0));
    irq.attach(free.line, counting(&old)).expect("the line is free");
    irq.detach(free.line);
    irq.detach(free.line);
    let before = old.load(Ordering::SeqCst);
    (free.raise)();
    assert_eq!(old.load(Ordering::SeqCst), before, "a detached handler ran");
    irq.attach(free.line, counting(&new)).expect("the line is free again");
    (free.raise)();
    assert!(new.load(Ordering::SeqCst) > 0, "a line that was attached again is dead");
    irq.detach(free.line);
}

/// A handler that counts its runs. The counter outlives it, because each check detaches before it returns.
fn counting(count: &AtomicUsize) -> Handler {
    fn run(data: usize) {
        // SAFETY: `data` is the address of a counter that lives until the line is detached.
        unsafe { &*(data as *const AtomicUsize) }.fetch_add(1, Ordering::SeqCst);
    }
    Handler { function: run, data: core::ptr::from_ref(count) as usize }
}
