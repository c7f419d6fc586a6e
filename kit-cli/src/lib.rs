//! The command `kit`: from an ordinary cargo crate to an image that boots.
//!
//! | step | modules |
//! |---|---|
//! | what is asked | [`cli`], [`kit_toml`] and its changes by [`kit_edit`], [`project`] |
//! | what there is | [`tree`], [`shelf`] |
//! | what is chosen | [`configuration`], [`config`]; the choice itself is made by `kit-menu` |
//! | the image | [`root`], [`build`], [`link`] |
//! | what an image needs and holds | [`check`], [`size`] |
//! | Kconfig files of other projects | [`kconfig`] |
//! | starting it | [`run`], [`disk`], [`trace`] |
//! | the machine below | [`toolchain`], [`install`], [`doctor`] |
//! | a first app | [`scaffold`] |
//! | what is said | [`failure`], [`progress`], [`explain`], [`manual`] |
//!
//! No micro-library, platform or slot is named in this crate: they come from the metadata of the crates in the
//! tree, and their text from `templates/`.
#![deny(missing_docs)]

pub mod build;
pub mod check;
pub mod cli;
pub mod config;
pub mod configuration;
pub mod disk;
pub mod doctor;
pub mod explain;
pub mod failure;
pub mod graph;
pub mod install;
pub mod kconfig;
pub mod kit_edit;
pub mod kit_toml;
pub mod library;
pub mod link;
pub mod manual;
pub mod mounts;
pub mod names;
pub mod progress;
pub mod project;
pub mod root;
pub mod run;
pub mod scaffold;
pub mod shelf;
pub mod size;
pub mod stamp;
pub mod toolchain;
pub mod trace;
pub mod tree;
pub mod why;

pub use failure::{Failure, Result};
