//! Which configuration a command is about, and opening it.

use std::env;
use std::path::{Path, PathBuf};

use clap::Args;
use kit_menu::kconfig::file::Header;
use kit_menu::kconfig::{Context, Loaded, load};
use kit_menu::session::{DotConfig, Session};

use super::store::KitTomlStore;
use crate::build::plan::Plan;
use crate::cli::Target;
use crate::{Failure, Result, configuration};

/// An app's configuration, or a `.config` of any Kconfig tree.
#[derive(Args, Clone, Debug, Default)]
pub struct Place {
    /// Folder of the app's crate [default: the crate around the present folder]
    #[arg(long, global = true, value_name = "FOLDER", conflicts_with = "kconfig")]
    pub app: Option<PathBuf>,
    /// Platform of the image [default: `[image] platform` of kit.toml, else kvm]
    #[arg(long, global = true, value_name = "PLATFORM", conflicts_with = "kconfig")]
    pub platform: Option<String>,
    /// Top file of another Kconfig tree than kit's own
    #[arg(long, global = true, value_name = "FILE")]
    pub kconfig: Option<PathBuf>,
    /// Its configuration [default: $KCONFIG_CONFIG, else .config]
    #[arg(long, global = true, value_name = "FILE", requires = "kconfig")]
    pub config: Option<PathBuf>,
}

impl Place {
    /// Opens it. What is wrong with the values is a matter of the session; an app that is not there, a `kit.toml`
    /// that is no TOML or Kconfig files with errors are failures.
    pub fn open(&self) -> Result<Session> {
        match (&self.kconfig, self.plan()?) {
            (_, Some(plan)) => {
                let store = KitTomlStore::new(&plan, self.platform.as_deref());
                let session = Session::open(configuration::tree(&plan)?, Box::new(store));
                Ok(session.with_estimate(Box::new(configuration::estimator(&plan)?)))
            }
            (kconfig, None) => {
                let loaded = tree(kconfig.as_deref().unwrap_or(Path::new("Kconfig")))?;
                let store = DotConfig::with_header(self.dot_config(), header());
                Ok(Session::open(loaded, Box::new(store)))
            }
        }
    }

    /// Opens it for a command that cannot show what is wrong with the file: then it is a failure.
    pub fn read(&self) -> Result<Session> {
        let session = self.open()?;
        match session.load_error() {
            Some(error) => Err(Failure::failed(error.message.clone())),
            None => Ok(session),
        }
    }

    /// The plan of the app; none if it is about another Kconfig tree.
    pub fn plan(&self) -> Result<Option<Plan>> {
        if self.kconfig.is_some() {
            return Ok(None);
        }
        let target = Target { path: self.app.clone(), platform: self.platform.clone(), ..Target::default() };
        Plan::make(&target).map(Some)
    }

    fn dot_config(&self) -> PathBuf {
        let given = self.config.clone().or_else(|| env::var_os("KCONFIG_CONFIG").map(PathBuf::from));
        given.unwrap_or_else(|| ".config".into())
    }
}

/// What names begin with in `.config` files: `$CONFIG_`, as for Linux's own tools.
pub fn header() -> Header {
    match env::var("CONFIG_") {
        Ok(prefix) => Header { prefix },
        Err(_) => Header::default(),
    }
}

/// Reads a Kconfig tree as `conf` does, with one kindness: without `$srctree`, files are looked for beside `top`, too.
fn tree(top: &Path) -> Result<Loaded> {
    let mut context = Context::of_process();
    let folder = top.parent().filter(|folder| *folder != Path::new(""));
    if let (None, Some(folder)) = (&context.srctree, folder) {
        context.srctree = Some(folder.to_path_buf());
        context.environment.insert("srctree".to_string(), folder.display().to_string());
    }
    load(top, &mut context).map_err(|failure| Failure::failed(configuration::errors_of(&failure)))
}
