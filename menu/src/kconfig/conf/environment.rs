//! The environment variables that Linux's `conf` obeys, and the files that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::file::Header;

/// The variables and the folder of a run.
pub(super) struct Environment<'a> {
    variables: &'a BTreeMap<String, String>,
    /// Relative names start here.
    folder: &'a Path,
    /// A name that is not found in `folder` is looked for here.
    srctree: Option<&'a Path>,
}

impl<'a> Environment<'a> {
    pub(super) fn new(
        variables: &'a BTreeMap<String, String>,
        folder: &'a Path,
        srctree: Option<&'a Path>,
    ) -> Self {
        Self { variables, folder, srctree }
    }

    /// A variable; none if it is not set.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Whether a variable is set, if only to nothing.
    pub(super) fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// Whether a variable is set to something.
    pub(super) fn says(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_empty())
    }

    pub(super) fn header(&self) -> Header {
        self.get("CONFIG_").map_or_else(Header::default, |prefix| Header { prefix: prefix.to_string() })
    }

    /// The name of the `.config`.
    pub(super) fn dot_config(&self) -> &'a str {
        self.get("KCONFIG_CONFIG").unwrap_or(".config")
    }

    pub(super) fn auto_conf(&self) -> &'a str {
        self.get("KCONFIG_AUTOCONFIG").unwrap_or("include/config/auto.conf")
    }

    pub(super) fn auto_header(&self) -> &'a str {
        self.get("KCONFIG_AUTOHEADER").unwrap_or("include/generated/autoconf.h")
    }

    pub(super) fn rustc_cfg(&self) -> &'a str {
        self.get("KCONFIG_RUSTCCFG").unwrap_or("include/generated/rustc_cfg")
    }

    /// Where a file of that name is written.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The text of a file, as it is found from the folder or else from `srctree`; none if it cannot be read.
    pub(super) fn read(&self, name: &str) -> Option<String> {
        let bytes = std::fs::read(self.path(name)).ok().or_else(|| {
            let tree = self.srctree.filter(|_| !name.is_empty() && !Path::new(name).is_absolute())?;
            std::fs::read(self.folder.join(tree).join(name)).ok()
        })?;
        Some(
            String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        )
    }
}
