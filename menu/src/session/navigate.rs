//! Moving through the menus: where a row is, and which menu one is in.

use std::collections::HashMap;

use crate::kconfig::NodeId;

use super::row::{opens, text_of};
use super::{Row, Session, Shown};

/// Which menu is open, and which row was under the cursor in each menu that was.
#[derive(Clone, Debug)]
pub struct Navigator {
    menu: NodeId,
    cursors: HashMap<NodeId, NodeId>,
}

impl Navigator {
    /// In the main menu.
    pub fn new() -> Self {
        Self { menu: NodeId::ROOT, cursors: HashMap::new() }
    }

    /// The menu that is open.
    pub fn menu(&self) -> NodeId {
        self.menu
    }

    /// The index in `rows` of the row under the cursor: the remembered one, else the first.
    pub fn cursor(&self, rows: &[Row]) -> usize {
        let node = self.cursors.get(&self.menu);
        rows.iter().position(|row| Some(&row.node) == node).unwrap_or(0)
    }

    /// Puts the cursor of the open menu on a row.
    pub fn point_at(&mut self, node: NodeId) {
        self.cursors.insert(self.menu, node);
    }

    /// Opens a menu or choice below.
    pub fn enter(&mut self, node: NodeId) {
        self.cursors.insert(self.menu, node);
        self.menu = node;
    }

    /// Back to the menu around; `false` in the main menu.
    pub fn leave(&mut self, session: &Session) -> bool {
        if self.menu == NodeId::ROOT {
            return false;
        }
        let left = self.menu;
        self.menu = session.menu_of(left);
        self.cursors.insert(self.menu, left);
        true
    }

    /// Opens the menu that has `node` as a row, and puts the cursor there.
    pub fn jump(&mut self, session: &Session, node: NodeId) {
        self.menu = session.menu_of(node);
        self.cursors.insert(self.menu, node);
    }
}

impl Session {
    /// The menu in which `node` is a row: the nearest around it that has a screen of its own.
    pub fn menu_of(&self, node: NodeId) -> NodeId {
        let tree = self.tree();
        let mut menu = tree.node(node).parent;
        while menu != NodeId::ROOT && !opens(tree, menu) {
            menu = tree.node(menu).parent;
        }
        menu
    }

    /// The menus from the main menu to `menu`, both included, each with its text.
    pub fn path(&self, menu: NodeId) -> Vec<(NodeId, String)> {
        let mut path = Vec::new();
        let mut next = menu;
        loop {
            path.push((next, text_of(self.tree(), next)));
            if next == NodeId::ROOT {
                path.reverse();
                return path;
            }
            next = self.menu_of(next);
        }
    }

    /// Whether `node` can be seen, or only with [`Shown::All`].
    pub fn needs(&self, node: NodeId) -> Shown {
        let is_row =
            |node: &NodeId| self.tree().node(*node).prompt.is_some() && self.config().is_shown(*node);
        let mut around = vec![node];
        let mut menu = node;
        while menu != NodeId::ROOT {
            menu = self.menu_of(menu);
            around.push(menu);
        }
        around.pop();
        if around.iter().all(is_row) { Shown::Visible } else { Shown::All }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::fixture::{SYSTEM, session};

    fn path(session: &Session, menu: NodeId) -> Vec<String> {
        session.path(menu).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn a_jump_leads_to_the_menu_with_the_row() {
        let session = session(SYSTEM, "");
        let mut navigator = Navigator::new();
        let cases = [
            ("SOCKETS", &["System", "Networking", "Networking"][..]),
            ("STACK_FULL", &["System", "Networking", "Networking", "Stack"]),
            ("FAST", &["System"]),
        ];
        for (name, expected) in cases {
            let node = session.entry(name);
            navigator.jump(&session, node);
            assert_eq!(path(&session, navigator.menu()), expected);
            let rows = session.rows(navigator.menu(), Shown::All);
            assert_eq!(rows[navigator.cursor(&rows)].node, node);
            assert_eq!(session.needs(node), Shown::All);
        }
    }

    #[test]
    fn a_menu_remembers_its_cursor() {
        let session = session(SYSTEM, "CONFIG_NET=y\n");
        let mut navigator = Navigator::new();
        navigator.jump(&session, session.entry("SOCKETS"));
        let inner = navigator.menu();
        assert!(navigator.leave(&session) && navigator.leave(&session));
        assert!(!navigator.leave(&session));
        navigator.point_at(session.entry("CACHE"));
        navigator.jump(&session, session.entry("SOCKETS"));
        navigator.leave(&session);
        navigator.enter(inner);
        let rows = session.rows(inner, Shown::Visible);
        assert_eq!(rows[navigator.cursor(&rows)].name.as_deref(), Some("SOCKETS"));
        assert_eq!(session.needs(session.entry("SOCKETS")), Shown::Visible);
    }
}
