//! Which entry is in which, when blocks without a title have given away what was in them.

use super::super::draft::{Draft, EntryId, EntryKind, NONE};

/// Parents and children of the entries that stay. `if` blocks do not.
pub(super) struct Shape {
    pub parents: Vec<EntryId>,
    pub children: Vec<Vec<EntryId>>,
}

impl Shape {
    /// What is below an entry without a prompt moves up behind it; `if` blocks vanish.
    pub fn of(draft: &Draft) -> Self {
        let mut shape =
            Self { parents: vec![0; draft.entries.len()], children: vec![Vec::new(); draft.entries.len()] };
        // An entry, and where it belongs.
        let mut stack = vec![(draft.entry(0).first_child, 0)];
        while let Some((id, parent)) = stack.pop() {
            if id == NONE {
                continue;
            }
            let entry = draft.entry(id);
            stack.push((entry.next, parent));
            if entry.kind != EntryKind::If {
                shape.parents[id as usize] = parent;
                shape.children[parent as usize].push(id);
            }
            let stays = entry.prompt.is_some() || entry.kind == EntryKind::Choice;
            let below = if stays { id } else { parent };
            stack.push((entry.first_child, below));
        }
        shape
    }
}
