//! `kit menuconfig`: the configuration on a terminal.
//!
//! Three parts that know little of each other, in the manner of Elm:
//!
//! ```text
//!  terminal ─ events ─► update ─► model ─► view ─► terminal
//!                         │         ▲
//!                         └ session ┘   (menu/src/session decides everything about values)
//! ```
//!
//! | part | modules |
//! |---|---|
//! | what is shown | [`model`], [`front`] (what can be in front of the menu), [`scroll`], [`field`] |
//! | what a key does | [`keys`] (the table), [`update`] |
//! | how it looks | [`view`], [`layout`], [`theme`], [`signs`] |
//! | the outside | [`terminal`], [`events`] |
//!
//! Nothing below [`run`] touches the terminal, so tests drive the menu with keys and look at pictures.

pub mod events;
pub mod field;
pub mod front;
pub mod keys;
pub mod layout;
pub mod model;
pub mod scroll;
pub mod signs;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;

use std::io;

pub use events::Event;
pub use model::Model;
pub use terminal::is_there;
pub use theme::{Colours, Theme};
pub use update::{Effect, update};
pub use view::view;

use crate::session::Session;

/// How the menu ended.
#[derive(Debug)]
pub enum Ended {
    /// As the person wished.
    Quit,
    /// By this signal. What was not saved is lost; what is on the disk is whole.
    Signal(i32),
}

/// Shows the menu until the person leaves it. The terminal is given back in every case.
///
/// # Errors
/// The terminal cannot be read or written, or is gone.
pub fn run(session: Session) -> io::Result<Ended> {
    let mut screen = terminal::Screen::enter()?;
    let events = events::Events::listen()?;
    let size = screen.terminal().size()?;
    let mut model = Model::new(session, Theme::of_process(), size);
    loop {
        screen.terminal().draw(|frame| view(&model, frame))?;
        // Everything that has happened meanwhile is one picture: keys that are held do not lag.
        let mut next = Some(events.wait());
        while let Some(event) = next {
            match update(&mut model, event) {
                None => {}
                Some(Effect::Redraw) => screen.forget()?,
                Some(Effect::StopJob) if events::stop_job() => {}
                Some(Effect::StopJob) => model.say(model::Tone::Bad, "there is no shell to return to"),
                Some(Effect::Suspend) => screen.suspend()?,
                Some(Effect::Continue) => screen.resume()?,
                Some(Effect::End(ended)) => return Ok(ended),
                Some(Effect::Lost(error)) => return Err(error),
            }
            next = events.next();
        }
        let size = screen.terminal().size()?;
        model.resize(size);
    }
}
