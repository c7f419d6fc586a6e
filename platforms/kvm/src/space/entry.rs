//! What an entry of the tables above 1 TiB means.
//!
//! | bit 0 | address | bits 1–3 | meaning |
//! |---|---|---|---|
//! | 0 | 0 | 0 | nothing: an access is an error, and a new mapping may go here |
//! | 0 | 0 | rights | a promise: the first access gets a frame (or a table of such promises) |
//! | 0 | frame | rights ([`Access::None`]) | a page that nobody may touch now, contents kept |
//! | 1 | frame or table | hardware's | a page with its rights, or, above level 0, a table |

use kit_arch_x86_64::paging::{ADDRESS, NO_EXECUTE, PRESENT, WRITABLE};
use kit_iface_vm::Access;

/// One entry, decoded on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry(pub(super) u64);

const RIGHTS_SHIFT: u32 = 1;
const RIGHTS_MASK: u64 = 7;

impl Entry {
    pub(super) const NOTHING: Self = Self(0);

    pub(super) const fn promise(access: Access) -> Self {
        let rights = match access {
            Access::None => 1,
            Access::Read => 2,
            Access::ReadWrite => 3,
            Access::ReadExecute => 4,
        };
        Self(rights << RIGHTS_SHIFT)
    }

    /// A page in `frame`; without rights it is kept but not present.
    pub(super) const fn page(frame: usize, access: Access) -> Self {
        let frame = frame as u64;
        Self(match access {
            Access::None => frame | Self::promise(access).0,
            Access::Read => frame | PRESENT | NO_EXECUTE,
            Access::ReadWrite => frame | PRESENT | WRITABLE | NO_EXECUTE,
            Access::ReadExecute => frame | PRESENT,
        })
    }

    pub(super) const fn is_nothing(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn is_present(self) -> bool {
        self.0 & PRESENT != 0
    }

    /// The frame or table; zero where there is none.
    pub(super) const fn address(self) -> usize {
        (self.0 & ADDRESS) as usize
    }

    /// The rights that were promised, of a page or promise.
    pub(super) const fn access(self) -> Access {
        if self.is_present() {
            return match (self.0 & WRITABLE != 0, self.0 & NO_EXECUTE != 0) {
                (true, _) => Access::ReadWrite,
                (false, true) => Access::Read,
                (false, false) => Access::ReadExecute,
            };
        }
        match self.0 >> RIGHTS_SHIFT & RIGHTS_MASK {
            2 => Access::Read,
            3 => Access::ReadWrite,
            4 => Access::ReadExecute,
            _ => Access::None,
        }
    }

    /// The same page or promise with other rights.
    pub(super) const fn with_access(self, access: Access) -> Self {
        match self.address() {
            0 => Self::promise(access),
            frame => Self::page(frame, access),
        }
    }

    /// Whether such an access is within the rights.
    pub(super) const fn allows(self, write: bool, execute: bool) -> bool {
        match self.access() {
            Access::None => false,
            Access::Read => !write && !execute,
            Access::ReadWrite => !execute,
            Access::ReadExecute => !write,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Access; 4] = [Access::None, Access::Read, Access::ReadWrite, Access::ReadExecute];

    #[test]
    fn rights_survive_every_form() {
        for access in ALL {
            assert_eq!(Entry::promise(access).access(), access);
            assert_eq!(Entry::page(0x7000, access).access(), access);
            assert!(!Entry::promise(access).is_nothing() && !Entry::promise(access).is_present());
            for other in ALL {
                let page = Entry::page(0x7000, access).with_access(other);
                assert_eq!((page.access(), page.address()), (other, 0x7000));
                assert_eq!(Entry::promise(access).with_access(other), Entry::promise(other));
            }
        }
        assert!(Entry::NOTHING.is_nothing());
        assert!(!Entry::page(0x7000, Access::None).is_present());
    }

    #[test]
    fn nothing_is_writable_and_executable() {
        for access in ALL {
            let entry = Entry::page(0x7000, access);
            assert!(!entry.is_present() || entry.0 & WRITABLE == 0 || entry.0 & NO_EXECUTE != 0);
            assert!(!(entry.allows(true, false) && entry.allows(false, true)));
        }
        assert!(Entry::promise(Access::ReadWrite).allows(true, false));
        assert!(!Entry::promise(Access::Read).allows(true, false));
        assert!(!Entry::promise(Access::None).allows(false, false));
    }
}
