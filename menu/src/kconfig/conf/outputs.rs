//! What a run writes.

use std::io;
use std::path::Path;

use super::super::file::save::{self, Saved};
use super::super::file::{autoconf, minimal, write};
use super::{End, Run};

impl Run<'_, '_> {
    pub(super) fn write_dot_config(&mut self) -> Result<(), End> {
        let failure = |reason: String| {
            End::Complaint(format!("{reason}\n\n*** Error during writing of the configuration.\n"))
        };
        let name = self.environment.dot_config();
        if name.is_empty() {
            return Err(failure("config name is empty".to_string()));
        }
        let path = self.environment.path(name);
        if path.is_dir() {
            return Err(failure(format!("{name}: Is a directory")));
        }
        let text = write::dot_config_with(&self.config, &self.header, &self.leftovers);
        let saved = if self.environment.says("KCONFIG_OVERWRITECONFIG") {
            save::overwrite(&path, &text).map(|()| Saved::Written)
        } else {
            save::replace(&path, &text)
        };
        match saved {
            Ok(Saved::Unchanged) => self.message(&format!("No change to {name}")),
            Ok(Saved::Written) => self.message(&format!("configuration written to {name}")),
            Err(error) => Err(failure(format!("{name}: {error}"))),
        }
    }

    pub(super) fn write_minimal(&mut self, file: &Path) -> Result<(), End> {
        let name = file.display();
        let text = minimal::minimal(&self.config, &self.header);
        save::write(&self.environment.path(&file.to_string_lossy()), &text).map_err(|error| {
            End::Complaint(format!("{name}: {error}\n*** Error while saving defconfig to: {name}\n"))
        })
    }

    /// Writes what a build includes. Unless `always`, only if it is not there, and then a failure is no error:
    /// make is content with any `auto.conf`.
    pub(super) fn write_for_builds(&mut self, always: bool) -> Result<(), End> {
        if !always && self.environment.path(self.environment.auto_conf()).exists() {
            return Ok(());
        }
        match self.try_write_for_builds() {
            Err(error) if always => {
                Err(End::Complaint(format!("{error}\n\n*** Error during sync of the configuration.\n")))
            }
            _ => Ok(()),
        }
    }

    /// `auto.conf` comes last: its time tells make that all the others are there.
    fn try_write_for_builds(&self) -> io::Result<()> {
        let (config, header, environment) = (&self.config, &self.header, &self.environment);
        let name = environment.auto_conf();
        let path = environment.path(name);
        let rules = autoconf::dependencies(config.tree(), name);
        save::renew(&environment.path(&format!("{name}.cmd")), &rules)?;
        let old = environment.read(name).unwrap_or_default();
        for symbol in autoconf::changed(config, &old, header) {
            save::touch(&path.with_file_name(symbol))?;
        }
        save::renew(&environment.path(environment.auto_header()), &autoconf::c_header(config, header))?;
        save::renew(&environment.path(environment.rustc_cfg()), &autoconf::rustc_cfg(config, header))?;
        save::renew(&path, &autoconf::make(config, header))
    }
}
