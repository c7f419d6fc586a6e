//! [`System`] over whatever the root has composed.

use core::marker::PhantomData;

use kit_iface_clock::Clock;
use kit_iface_console::Console;
use kit_iface_image::Image;
use kit_iface_platform::Platform;
use kit_util_cmdline::{Token, tokens};

use crate::{System, WithDisks};

/// The image `I` as a [`System`]. It holds nothing: all there is are the root's statics.
pub struct OnImage<I>(PhantomData<I>);

/// Runs the application on the image `I` and ends the image with its answer. The last line of the root of a
/// native image, after the platform has started.
pub fn run<I: Image>(main: impl FnOnce(&OnImage<I>) -> u8) -> ! {
    let status = enter(main);
    kit_iface_alloc::at_exit();
    I::platform().exit(status)
}

/// A function of its own, so that measurements see where the application begins.
#[inline(never)]
fn enter<I: Image>(main: impl FnOnce(&OnImage<I>) -> u8) -> u8 {
    main(&OnImage(PhantomData))
}

impl<I: Image> System for OnImage<I> {
    fn write(&self, bytes: &[u8]) {
        I::console().write(bytes);
    }

    fn argument<'buffer>(&self, index: usize, buffer: &'buffer mut [u8]) -> Option<&'buffer [u8]> {
        let is_argument = |token| match token {
            Token::Argument(text) => Some(text),
            _ => None,
        };
        let text = tokens(I::platform().command_line()).filter_map(is_argument).nth(index)?;
        text.copy_to(buffer).map(|argument| &*argument)
    }

    fn monotonic_ns(&self) -> u64 {
        I::clock().monotonic_ns()
    }

    fn wall_ns(&self) -> u64 {
        I::clock().wall_ns()
    }
}

impl<I: kit_iface_image::WithDisks> WithDisks for OnImage<I> {
    type Disks = I::Disks;

    fn disks(&self) -> &'static I::Disks {
        I::block()
    }
}
