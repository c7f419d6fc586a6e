//! What an event does to the model.
//!
//! [`menu`] has the keys of the menu itself, [`front`] those of what is in front of it, [`mouse`] clicks and the
//! wheel, [`change`] everything that touches values or files.

mod change;
mod front;
mod menu;
mod mouse;

use std::io;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;

use super::front::Front;
use super::keys::{self, Action};
use super::{Ended, Event, Model};

/// What the outside has to do about an event.
#[derive(Debug)]
pub enum Effect {
    /// Draw the whole screen anew.
    Redraw,
    /// Ask the kernel to stop this job.
    StopJob,
    /// Give the terminal back and stop.
    Suspend,
    /// Take the terminal again.
    Continue,
    /// The menu has ended.
    End(Ended),
    /// There is no terminal any more.
    Lost(io::Error),
}

/// Does what an event asks for.
pub fn update(model: &mut Model, event: Event) -> Option<Effect> {
    let effect = match event {
        Event::Key(key) => press(model, key),
        Event::Mouse(mouse) => mouse::act(model, mouse),
        Event::Paste(text) => {
            front::paste(model, &text);
            None
        }
        Event::Resize(size) => {
            model.resize(size);
            None
        }
        Event::Suspend => Some(Effect::Suspend),
        Event::Continue => Some(Effect::Continue),
        Event::End(signal) => Some(Effect::End(Ended::Signal(signal))),
        Event::Lost(error) => Some(Effect::Lost(error)),
    };
    model.settle();
    effect
}

fn press(model: &mut Model, key: KeyEvent) -> Option<Effect> {
    let action = keys::action(key);
    // Escape and a key that follows at once arrive as one key with Alt.
    if key.modifiers.contains(KeyModifiers::ALT) && keys::edit(key).is_none() {
        let alone = KeyEvent::new(key.code, key.modifiers - KeyModifiers::ALT);
        return press(model, KeyEvent::from(KeyCode::Esc)).or_else(|| press(model, alone));
    }
    // These mean the same everywhere, also while text is typed.
    match action {
        Some(Action::Suspend) => return Some(Effect::StopJob),
        Some(Action::Redraw) => return Some(Effect::Redraw),
        Some(Action::Quit) if keys::is_interrupt(key) => return change::interrupt(model),
        _ => {}
    }
    model.message = None;
    match model.fronts.last() {
        Some(Front::Search(_) | Front::Value(_) | Front::File(_)) => front::type_key(model, key),
        Some(_) => front::press(model, key, action),
        None => action.and_then(|action| menu::act(model, action)),
    }
}

impl Model {
    /// The terminal has another size.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.settle();
    }
}
