//! `kit check`: which libc names an app needs, what provides each, what is missing, and which crate asks for it.
//!
//! The app is linked once without the OS into one relocatable object; what is reachable from `main` there and not
//! defined is what it needs ([`needs`]). The same report stands where the linker would have said "undefined
//! symbol".

pub mod needs;

use std::fs;

use clap::Args;
use kit_menu::kconfig::{Config, Tristate};
use kit_menu::shelf::Provider;
use kit_menu::{Shelf, composition};

use crate::build::cargo;
use crate::build::exports::{Condition, Exports, LIST};
use crate::build::plan::Plan;
use crate::build::{app, os_object};
use crate::cli::Target;
use crate::progress::Progress;
use crate::project::Kind;
use crate::toolchain::{TARGET, Toolchain};
use crate::{Failure, Result, configuration};

use needs::Need;

/// Names that the linker itself makes, or that vanish in a static link.
const OF_THE_LINKER: [&str; 3] = ["_GLOBAL_OFFSET_TABLE_", "__tls_get_addr", "__ehdr_start"];

/// The slot of random bytes.
pub const ENTROPY: &str = "entropy";

/// Arguments of `kit check`.
#[derive(Args)]
pub struct CheckArgs {
    /// The app.
    #[command(flatten)]
    pub target: Target,
}

/// `kit check`.
pub fn command(arguments: &CheckArgs) -> Result<u8> {
    let plan = Plan::make(&arguments.target)?;
    let Kind::Ported { bin } = &plan.project.kind else {
        println!("{} is a native app: it needs no libc names", plan.project.name);
        return Ok(0);
    };
    let mut progress = Progress::new(true);
    progress.stage("check");
    let needs = of_app(&plan, bin, arguments.target.verbose, &mut progress)?;
    drop(progress.finish());
    let report = Report::make(&plan, &needs)?;
    println!(
        "{} on {} needs {} names of the C library:",
        plan.project.name,
        plan.platform.name,
        report.lines.len()
    );
    println!("{}", report.table(|_| true));
    let missing = report.missing().count();
    if missing > 0 {
        println!("{missing} missing:");
        println!("{}", report.table(|line| line.is_missing));
    }
    Ok(u8::from(missing > 0))
}

/// What the app needs, by linking it without the OS.
fn of_app(plan: &Plan, bin: &str, is_verbose: bool, progress: &mut Progress) -> Result<Vec<Need>> {
    let tools = Toolchain::of(&plan.project.folder)?;
    let mut command = app::compile(plan, bin);
    app::link_by_kit(&mut command, plan, &tools)?;
    command.args(["-Clink-arg=-r", "-Clink-arg=-e", "-Clink-arg=main"]);
    cargo::run(command, is_verbose, progress)?.conclude(&plan.project.package, is_verbose, progress)?;
    let file = plan.project.kit_folder().join("app").join(TARGET).join("release").join(bin);
    let bytes = fs::read(&file).map_err(|error| Failure::file("read", &file, error))?;
    needs::of_object(&bytes).map_err(|error| Failure::file("read", &file, error))
}

/// Refuses an app that asks for random bytes in an image without a source. Others that ask in vain the linker finds;
/// std looks for `getrandom` by a weak symbol, and would find out when the image runs.
pub fn refuse_without_entropy(
    plan: &Plan,
    bin: &str,
    is_verbose: bool,
    progress: &mut Progress,
) -> Result<()> {
    let needs = of_app(plan, bin, is_verbose, progress)?;
    let exports = Exports::load(&plan.tree)?;
    let random: Vec<&str> = exports.names_of_slot(ENTROPY).collect();
    let random = needs.into_iter().filter(|need| random.contains(&need.name.as_str()));
    let report = Report::make(plan, &random.collect::<Vec<_>>())?;
    match report.missing().count() {
        0 => Ok(()),
        _ => Err(report.refusal(plan)),
    }
}

/// The report in place of the linker's list of undefined symbols.
pub fn explain_link(plan: &Plan, said: &str, progress: &mut Progress) -> Failure {
    let Kind::Ported { bin } = &plan.project.kind else { return Failure::failed(said.trim()) };
    let report = of_app(plan, bin, false, progress).and_then(|needs| Report::make(plan, &needs));
    match report {
        Ok(report) if report.missing().count() > 0 => report.refusal(plan),
        // The OS itself is at fault, or the program is one that the analysis does not understand.
        _ => Failure::failed(format!("the image does not link:\n{}", undefined(said).join("\n"))),
    }
}

/// The undefined symbols that the linker names.
fn undefined(said: &str) -> Vec<String> {
    let lines = said.lines().filter_map(|line| line.split_once("undefined symbol: "));
    let mut names: Vec<_> = lines.map(|(_, name)| format!("  {}", name.trim())).collect();
    names.sort();
    names.dedup();
    names
}

/// The options that may fill a slot of this image, with a feature.
fn could_fill(shelf: &Shelf, config: &Config, condition: Condition) -> Vec<String> {
    let is_possible = |option: &&str| {
        let symbol = config.tree().find(option);
        symbol.is_some_and(|symbol| config.visibility(symbol) != Tristate::No)
    };
    let has = |provider: &Provider| condition.feature.is_none_or(|feature| !provider.lacks(feature));
    let of_slot =
        shelf.providers().filter(|provider| provider.provides.slot == condition.slot && has(provider));
    let options = of_slot.map(|provider| provider.provides.option.as_str());
    options.filter(is_possible).map(str::to_string).collect()
}

struct Report {
    lines: Vec<Line>,
}

struct Line {
    name: String,
    provider: String,
    asks: String,
    is_missing: bool,
}

impl Report {
    fn make(plan: &Plan, needs: &[Need]) -> Result<Self> {
        let exports = Exports::load(&plan.tree)?;
        let shim = LIST.rsplit_once('/').map_or(LIST, |(folder, _)| folder);
        let config = configuration::evaluate(plan)?.config;
        let filled = composition::fill(&plan.shelf, &config, &plan.mounts)
            .map_err(|problem| plan.point_at(&problem))?;
        let filler = |slot: &str| filled.iter().find(|one| one.slot.name == slot);
        let own = [plan.platform.entry.as_str(), os_object::NO_BACKTRACE_TEXT];
        let relevant = needs.iter().filter(|need| {
            !OF_THE_LINKER.contains(&need.name.as_str()) && !own.contains(&need.name.as_str())
        });
        let line = |need: &Need| {
            let (provider, is_missing) = match exports.find(&need.name) {
                Some(entry) if entry.is_stub => (format!("{shim} ({}): answers ENOSYS", entry.group), false),
                Some(entry) => match entry.condition.map(|condition| (condition, filler(condition.slot))) {
                    None => (format!("{shim} ({})", entry.group), false),
                    Some((condition, filler)) => {
                        let advice = || match &could_fill(&plan.shelf, &config, condition)[..] {
                            [] => format!("`kit lib list --slot {}` tells what it needs", condition.slot),
                            options => format!("set {} = true", options.join(" or ")),
                        };
                        let option = filler.map(|filled| filled.provider.provides.option.as_str());
                        let lacked =
                            condition.feature.filter(|lacked| filler.is_some_and(|one| !one.has(lacked)));
                        match (option, lacked) {
                            (None, _) => {
                                let slot = condition.slot;
                                (format!("nothing: the slot {slot} is empty; {}", advice()), true)
                            }
                            (Some(option), Some(lacked)) => {
                                (format!("nothing: {option} has no {lacked}; {}", advice()), true)
                            }
                            (Some(option), None) => {
                                (format!("{shim} ({}) over {option}", entry.group), false)
                            }
                        }
                    }
                },
                None if need.is_weak => ("nothing; the program can do without".to_string(), false),
                None => ("nothing".to_string(), true),
            };
            Line { name: need.name.clone(), provider, asks: need.who(), is_missing }
        };
        Ok(Self { lines: relevant.map(line).collect() })
    }

    fn missing(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.is_missing)
    }

    fn refusal(&self, plan: &Plan) -> Failure {
        Failure::failed(format!(
            "{} needs {} name(s) of the C library that this image does not have:\n{}\n  = `kit check` lists all \
             names that it needs",
            plan.project.package,
            self.missing().count(),
            self.table(|line| line.is_missing)
        ))
    }

    fn table(&self, shows: impl Fn(&Line) -> bool) -> String {
        let shown: Vec<_> = self.lines.iter().filter(|line| shows(line)).collect();
        let width = |of: fn(&Line) -> &str| shown.iter().map(|line| of(line).len()).max().unwrap_or(0);
        let (name, provider) = (width(|line| &line.name), width(|line| &line.provider));
        let row = |line: &&Line| {
            format!("  {:name$}  {:provider$}  asked for by {}", line.name, line.provider, line.asks)
        };
        shown.iter().map(row).collect::<Vec<_>>().join("\n")
    }
}
