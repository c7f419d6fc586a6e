//! `kit menuconfig`: the configuration of an app, or of any Kconfig tree, on the terminal.

use std::path::PathBuf;

use clap::Args;
use kit_menu::tui::{self, Ended};

use super::Place;
use crate::{Failure, Result};

/// Arguments of `kit menuconfig`.
#[derive(Args)]
pub struct MenuconfigArgs {
    /// Folder of the app's crate [default: the crate around the present folder]
    #[arg(conflicts_with_all = ["app", "kconfig"])]
    pub path: Option<PathBuf>,
    /// Which configuration.
    #[command(flatten)]
    pub place: Place,
}

/// `kit menuconfig`.
pub fn command(arguments: &MenuconfigArgs) -> Result<u8> {
    if !tui::is_there() {
        return Err(Failure::usage(
            "menuconfig needs a terminal: without one, use `kit config set NAME=VALUE` and `kit config list`",
        ));
    }
    let mut place = arguments.place.clone();
    place.app = arguments.path.clone().or(place.app);
    match tui::run(place.open()?) {
        Ok(Ended::Quit) => Ok(0),
        // As a shell counts it.
        Ok(Ended::Signal(signal)) => Ok(u8::try_from(128 + signal).unwrap_or(1)),
        Err(error) => Err(Failure::failed(format!("menuconfig: the terminal failed: {error}"))),
    }
}
