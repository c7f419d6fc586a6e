//! Nodes that somebody holds: each has its inode in memory, so that asking for metadata reads nothing.

use crate::items::Inode;
use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use core::sync::atomic::{AtomicU32, Ordering};
use kit_util_sync::IrqLock;

/// A node that is held.
pub struct Held {
    /// Its number.
    pub number: u64,
    inode: IrqLock<Inode>,
    /// Counts the nodes without a name that are no longer held.
    abandoned: Arc<AtomicU32>,
}

impl Held {
    /// A node that belongs to no table.
    pub fn new(number: u64, inode: Inode, abandoned: Arc<AtomicU32>) -> Self {
        Self { number, inode: IrqLock::new(inode), abandoned }
    }

    /// What is known about it now.
    pub fn inode(&self) -> Inode {
        *self.inode.lock()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.inode().links == 0 {
            self.abandoned.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// All nodes that are held, by number.
#[derive(Default)]
pub struct Table {
    nodes: BTreeMap<u64, Weak<Held>>,
    /// When the table is this long, what is no longer held is swept out.
    sweep_at: usize,
    abandoned: Arc<AtomicU32>,
}

impl Table {
    /// The node `number`, if it is held.
    pub fn get(&self, number: u64) -> Option<Arc<Held>> {
        self.nodes.get(&number)?.upgrade()
    }

    /// Whether somebody holds `number`.
    pub fn is_held(&self, number: u64) -> bool {
        self.nodes.get(&number).is_some_and(|node| node.strong_count() > 0)
    }

    /// Holds a node that was not held.
    pub fn insert(&mut self, number: u64, inode: Inode) -> Arc<Held> {
        if self.nodes.len() >= self.sweep_at {
            self.nodes.retain(|_, node| node.strong_count() > 0);
            self.sweep_at = self.nodes.len() * 2 + 16;
        }
        let held = Arc::new(Held::new(number, inode, Arc::clone(&self.abandoned)));
        self.nodes.insert(number, Arc::downgrade(&held));
        held
    }

    /// Tells whoever holds `number` what is known about it now.
    pub fn update(&self, number: u64, inode: &Inode) {
        if let Some(held) = self.get(number) {
            *held.inode.lock() = *inode;
        }
    }

    /// Whether nodes without a name have been let go since the last call.
    pub fn take_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) != 0 && self.abandoned.swap(0, Ordering::Relaxed) != 0
    }
}
