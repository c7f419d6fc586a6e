//! `kit config web`: the configuration in a browser on this machine.

use std::io::{self, ErrorKind, IsTerminal};
use std::path::PathBuf;
use std::thread;

use clap::Args;
use kit_menu::web::{Ended, Server, Stopper};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Place;
use crate::{Failure, Result};

/// Arguments of `kit config web`.
#[derive(Args)]
pub struct WebArgs {
    /// Folder of the app's crate [default: the crate around the present folder]
    #[arg(conflicts_with_all = ["app", "kconfig"])]
    pub path: Option<PathBuf>,
    /// Port on 127.0.0.1 [default: a free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub port: u16,
}

/// `kit config web`. Standard output is one line: the address.
pub fn command(place: &Place, arguments: &WebArgs) -> Result<u8> {
    let mut place = place.clone();
    place.app = arguments.path.clone().or(place.app);
    let session = place.open()?;
    let file = session.store_name();
    let server =
        Server::bind(session, arguments.port).map_err(|error| cannot_bind(arguments.port, &error))?;
    stop_on_signals(server.stopper())?;
    println!("{}", server.url());
    if io::stderr().is_terminal() {
        eprintln!(
            "kit: open that address in a browser on this machine; Close on the page or Ctrl-C here ends it"
        );
    }
    match server.run() {
        // Who closes the page has been asked about changes.
        Ended { is_closed: true, .. } | Ended { is_changed: false, .. } => Ok(0),
        Ended { is_closed: false, is_changed: true } => {
            Err(Failure::failed(format!("ended with changes that were not saved to {file}")))
        }
    }
}

/// Ends the server in an orderly way on Ctrl-C and the like: a save that has begun is finished.
fn stop_on_signals(stopper: Stopper) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
        .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            stopper.stop();
        }
    });
    Ok(())
}

fn cannot_bind(port: u16, error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::AddrInUse => Failure::failed(format!(
            "port {port} of 127.0.0.1 is taken: leave out `--port` to use a free one"
        )),
        ErrorKind::PermissionDenied => Failure::failed(format!(
            "port {port} needs more rights: take one above 1023, or leave out `--port`"
        )),
        _ => Failure::failed(format!("cannot serve on 127.0.0.1: {error}")),
    }
}
