//! Names that link but cannot work here: said once, then `ENOSYS`.

use crate::Errno;
use core::sync::atomic::{AtomicUsize, Ordering};
use kit_iface_console::log_str;

/// How many different names are remembered. Further ones stay silent; their callers still get the error.
const REMEMBERED: usize = 16;

/// Says, the first time, that `name` is not supported by this image, and returns the error to answer.
#[cold]
pub fn unsupported(name: &'static str) -> Errno {
    static SAID: [AtomicUsize; REMEMBERED] = [const { AtomicUsize::new(0) }; REMEMBERED];
    let address = name.as_ptr() as usize;
    for slot in &SAID {
        match slot.compare_exchange(0, address, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => {
                log_str("kit: ");
                log_str(name);
                log_str(" is not supported by this image: ENOSYS\n");
                break;
            }
            Err(said) if said == address => break,
            Err(_) => {}
        }
    }
    Errno(libc::ENOSYS)
}
