//! The modes, and the names of their options.

use std::path::PathBuf;

/// What [`run`](super::run) makes of the configuration that it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Asks for every symbol, then like [`Mode::Old`].
    #[default]
    OldAsk,
    /// Asks for symbols that have no value.
    Old,
    /// Like [`Mode::Old`], and writes the files that a build reads.
    Sync,
    /// Gives symbols without a value their default.
    OldDefault,
    /// New, with the values of a file.
    Default(PathBuf),
    /// Writes nothing but the minimal configuration, into this file.
    SaveDefault(PathBuf),
    /// New, as much `n` as can be.
    AllNo,
    /// New, as much `y` as can be.
    AllYes,
    /// New, as much `m` as can be.
    AllMod,
    /// New, every symbol at its default.
    AllDefault,
    /// New, random.
    Random,
    /// Prints symbols that have no value, with the value they would get.
    ListNew,
    /// Prints the help of symbols that have no value.
    HelpNew,
    /// `y` becomes `m` where it can.
    YesToMod,
    /// `m` becomes `y` where it can.
    ModToYes,
    /// `m` becomes `n` where it can.
    ModToNo,
}

/// How a mode is asked for on the command line.
#[derive(Clone, Copy, Debug)]
pub struct ModeOption {
    /// The option without its dashes.
    pub name: &'static str,
    /// What it does, one line.
    pub help: &'static str,
    /// What it stands for.
    pub mode: ModeKind,
}

/// A mode, with or without the file that it needs.
#[derive(Clone, Copy, Debug)]
pub enum ModeKind {
    /// The option is all.
    Plain(fn() -> Mode),
    /// The option's value is a file.
    WithFile(fn(PathBuf) -> Mode),
}

impl Mode {
    /// All modes, in the order in which help shows them.
    pub const OPTIONS: [ModeOption; 16] = [
        plain("oldaskconfig", "Ask for every symbol (the default)", || Self::OldAsk),
        plain("oldconfig", "Ask for symbols that have no value yet", || Self::Old),
        plain("syncconfig", "Like oldconfig, and write auto.conf, autoconf.h and rustc_cfg", || Self::Sync),
        plain("olddefconfig", "Give symbols that have no value yet their default", || Self::OldDefault),
        with_file("defconfig", "Begin anew with the values of FILE", Self::Default),
        with_file(
            "savedefconfig",
            "Write only the values that differ from the defaults, to FILE",
            Self::SaveDefault,
        ),
        plain("alldefconfig", "Begin anew, every symbol at its default", || Self::AllDefault),
        plain("allnoconfig", "Begin anew, `n` wherever it can be", || Self::AllNo),
        plain("allyesconfig", "Begin anew, `y` wherever it can be", || Self::AllYes),
        plain("allmodconfig", "Begin anew, `m` wherever it can be", || Self::AllMod),
        plain("randconfig", "Begin anew at random (KCONFIG_SEED, KCONFIG_PROBABILITY)", || Self::Random),
        plain("listnewconfig", "List symbols that have no value yet", || Self::ListNew),
        plain("helpnewconfig", "Show the help of symbols that have no value yet", || Self::HelpNew),
        plain("yes2modconfig", "Make `m` of `y` wherever it can be", || Self::YesToMod),
        plain("mod2yesconfig", "Make `y` of `m` wherever it can be", || Self::ModToYes),
        plain("mod2noconfig", "Make `n` of `m` wherever it can be", || Self::ModToNo),
    ];

    /// The file below `KCONFIG_ALLCONFIG` that presets this mode's values.
    pub(super) fn preset_file(&self) -> Option<&'static str> {
        match self {
            Self::AllNo => Some("allno.config"),
            Self::AllYes => Some("allyes.config"),
            Self::AllMod => Some("allmod.config"),
            Self::AllDefault => Some("alldef.config"),
            Self::Random => Some("allrandom.config"),
            _ => None,
        }
    }
}

const fn plain(name: &'static str, help: &'static str, mode: fn() -> Mode) -> ModeOption {
    ModeOption { name, help, mode: ModeKind::Plain(mode) }
}

const fn with_file(name: &'static str, help: &'static str, mode: fn(PathBuf) -> Mode) -> ModeOption {
    ModeOption { name, help, mode: ModeKind::WithFile(mode) }
}
