//! What can happen on an open file, in the bits that `poll` and `epoll` share.

/// A set of events, numbered as `POLLIN` and its like (and `EPOLLIN` and its like: Linux gave them equal values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Events(pub u32);

impl Events {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// There is something to read: bytes, a connection to accept, or the end.
    pub const IN: Self = Self(libc::POLLIN as u32 | libc::POLLRDNORM as u32);
    /// Something can be written.
    pub const OUT: Self = Self(libc::POLLOUT as u32 | libc::POLLWRNORM as u32);
    /// An error waits.
    pub const ERR: Self = Self(libc::POLLERR as u32);
    /// Both directions are over.
    pub const HUP: Self = Self(libc::POLLHUP as u32);
    /// The peer sends no more.
    pub const RDHUP: Self = Self(libc::POLLRDHUP as u32);
    /// Reported whether asked for or not.
    pub const ALWAYS: Self = Self::ERR.with(Self::HUP);
    /// What lets a blocked read go on.
    pub const ENDS_READ: Self = Self::IN.with(Self::RDHUP).with(Self::ALWAYS);
    /// What lets a blocked write go on.
    pub const ENDS_WRITE: Self = Self::OUT.with(Self::ALWAYS);

    /// Union.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Union if `condition` holds, else unchanged.
    #[must_use]
    pub const fn with_if(self, condition: bool, other: Self) -> Self {
        if condition { self.with(other) } else { self }
    }

    /// Intersection.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the sets share an element.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is nothing in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Which half of a file a thread waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Something to read.
    Read,
    /// Room to write.
    Write,
}
