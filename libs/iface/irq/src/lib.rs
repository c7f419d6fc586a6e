//! The interrupt slot: attaching handlers to lines, and the ambient interrupt mask.
//!
//! A *line* is a source of interrupts as its platform numbers them: a pin of an IOAPIC, a message (MSI), an
//! event channel, or, in a Linux process, a readable file descriptor. A *handler* is a plain function with one
//! word of data; it runs with interrupts masked on this CPU, on a stack of the platform's, and must be short:
//! acknowledge the device, [`wake`](../kit_iface_sched/fn.wake.html) a thread, return. It never blocks and
//! never allocates.
//!
//! The mask is ambient ([`masked`]) because every lock needs it; the controller is a slot because platforms
//! differ.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

/// A source of interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Line {
    /// Global system interrupt: a pin of an interrupt controller, counted across controllers.
    Pin {
        /// The global number.
        number: u32,
        /// Level-triggered (PCI INTx, virtio-mmio on ACPI machines); false for edge.
        level: bool,
    },
    /// A message-signalled interrupt; [`Irq::attach`] answers with the message to program.
    Message,
    /// Readability of a host file descriptor, on platforms that are processes.
    Descriptor(i32),
}

/// The message that a device must write to raise a message-signalled interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Message {
    /// Address to write to. Zero where the line is not a message.
    pub address: u64,
    /// Value to write.
    pub data: u32,
}

/// What runs when a line fires: `function(data)`, interrupts masked.
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    /// The function. It may be called from any CPU, never twice at once for one line.
    pub function: fn(data: usize),
    /// Handed to `function` unchanged, usually the address of the driver's static.
    pub data: usize,
}

/// Why a line could not be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IrqError {
    /// This controller has no such line, or cannot serve this kind of line.
    NoSuchLine,
    /// Another handler holds the line.
    Busy,
    /// All vectors are taken.
    Exhausted,
}

/// An interrupt controller.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an interrupt controller",
    note = "the platform provides it: choose another platform in `[image] platform`"
)]
pub trait Irq: Sync + 'static {
    /// Routes `line` to `handler` and unmasks it. The handler may run before this returns.
    /// On an error nothing has changed.
    fn attach(&self, line: Line, handler: Handler) -> Result<Message, IrqError>;

    /// Masks `line` and forgets its handler. Does nothing if it was not attached.
    fn detach(&self, line: Line);
}

unsafe extern "Rust" {
    safe fn __kit_irq_mask() -> usize;
    fn __kit_irq_restore(state: usize);
    safe fn __kit_irq_was_enabled(state: usize) -> bool;
}

/// Runs `body` with interrupts masked on this CPU; nests. `body` must be short and must not block.
#[inline]
pub fn masked<R>(body: impl FnOnce() -> R) -> R {
    let guard = Masked::new();
    let result = body();
    drop(guard);
    result
}

/// Unmasks interrupts on this CPU, whatever they were before: the first step of a new thread, which nobody's
/// guard covers.
///
/// # Safety
/// No guard of this CPU is alive that the caller's callers rely on.
#[inline]
pub unsafe fn unmask() {
    // SAFETY: all bits set is the state "enabled" of every mask, by the contract of `use_irq_mask!`.
    unsafe { __kit_irq_restore(usize::MAX) }
}

/// Interrupts are masked on this CPU for as long as this value lives. Not `Send`: the mask belongs to a CPU.
pub struct Masked {
    state: usize,
    _not_send: core::marker::PhantomData<*const ()>,
}

impl Masked {
    /// Masks interrupts and remembers whether they were masked before.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Self { state: __kit_irq_mask(), _not_send: core::marker::PhantomData }
    }

    /// Whether interrupts were enabled before: this is the outermost guard, and not inside a handler.
    #[inline]
    pub fn is_outermost(&self) -> bool {
        __kit_irq_was_enabled(self.state)
    }
}

impl Drop for Masked {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `state` came from the matching mask call on this CPU; guards of this kind nest by scope.
        unsafe { __kit_irq_restore(self.state) }
    }
}

/// Binds the ambient mask. Only the composed root does this, once: `use_irq_mask!(mask, restore, was_enabled)` with
/// `fn mask() -> usize` (masks, returns the previous state), `unsafe fn restore(usize)`, for which
/// `usize::MAX` means "unmask", and `fn was_enabled(usize) -> bool`, which tells what such a state says.
#[macro_export]
macro_rules! use_irq_mask {
    ($mask:path, $restore:path, $was_enabled:path) => {
        const _: () = {
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_irq_mask() -> usize {
                $mask()
            }
            #[unsafe(no_mangle)]
            #[inline]
            unsafe fn __kit_irq_restore(state: usize) {
                // SAFETY: the caller hands back the state that the matching mask call returned.
                unsafe { $restore(state) }
            }
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_irq_was_enabled(state: usize) -> bool {
                $was_enabled(state)
            }
        };
    };
}

/// For host tests: binds a mask that does nothing. `kit_iface_irq::use_no_irq_mask!();`
#[macro_export]
macro_rules! use_no_irq_mask {
    () => {
        const _: () = {
            fn mask() -> usize {
                0
            }
            unsafe fn restore(_: usize) {}
            fn was_enabled(_: usize) -> bool {
                false
            }
            $crate::use_irq_mask!(mask, restore, was_enabled);
        };
    };
}
