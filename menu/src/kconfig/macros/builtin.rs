//! The functions that every Kconfig file may call.

use std::rc::Rc;

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::span::Span;
use super::super::world::World;
use super::Failed;

type Result = std::result::Result<Rc<str>, Failed>;

struct Function {
    name: &'static str,
    arguments: usize,
    call: fn(&mut World<'_>, &[String], Span) -> Result,
}

const FUNCTIONS: [Function; 6] = [
    Function { name: "error-if", arguments: 2, call: error_if },
    Function { name: "filename", arguments: 0, call: filename },
    Function { name: "info", arguments: 1, call: info },
    Function { name: "lineno", arguments: 0, call: lineno },
    Function { name: "shell", arguments: 1, call: shell },
    Function { name: "warning-if", arguments: 2, call: warning_if },
];

/// Calls the function of that name; none if there is none.
pub(super) fn call(world: &mut World<'_>, name: &str, arguments: &[String], place: Span) -> Option<Result> {
    let function = FUNCTIONS.iter().find(|function| function.name == name)?;
    if arguments.len() == function.arguments {
        return Some((function.call)(world, arguments, place));
    }
    let amount = if arguments.len() < function.arguments { "few" } else { "many" };
    world.report.add(
        Diagnostic::new(
            codes::WRONG_ARGUMENTS,
            Some(place),
            format!("too {amount} function arguments passed to '{name}'"),
        )
        .help(format!("it takes {}, not {}", function.arguments, arguments.len())),
    );
    Some(Err(Failed))
}

/// Says that a call of `name` expands to nothing because nothing of that name exists.
pub(super) fn warn_unknown(world: &mut World<'_>, name: &str, place: Span) {
    let mut diagnostic = Diagnostic::new(
        codes::UNKNOWN_FUNCTION,
        Some(place),
        format!("nothing defines the function `{name}`"),
    );
    let variables = world.macros.variables.keys().map(|name| &**name);
    let mut known: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).chain(variables).collect();
    known.sort_unstable();
    if let Some(meant) = crate::did_you_mean(name, known) {
        diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
    }
    world.report.add(diagnostic);
}

fn error_if(world: &mut World<'_>, arguments: &[String], place: Span) -> Result {
    if arguments[0] == "y" {
        world.report.add(Diagnostic::new(codes::ERROR_IF, Some(place), &arguments[1]));
        world.report.stop();
        return Err(Failed);
    }
    Ok("".into())
}

fn warning_if(world: &mut World<'_>, arguments: &[String], place: Span) -> Result {
    if arguments[0] == "y" {
        world.report.add(Diagnostic::new(codes::WARNING_IF, Some(place), &arguments[1]));
    }
    Ok("".into())
}

fn info(world: &mut World<'_>, arguments: &[String], place: Span) -> Result {
    world.report.add(Diagnostic::new(codes::INFO, Some(place), &arguments[0]));
    Ok("".into())
}

fn filename(world: &mut World<'_>, _: &[String], place: Span) -> Result {
    Ok(world.sources.path(place.file).to_string_lossy().into())
}

fn lineno(world: &mut World<'_>, _: &[String], place: Span) -> Result {
    Ok((world.sources.position(place).line + world.macros.line_shift).to_string().into())
}

/// What a command prints, on one line. Its exit code does not count, and as in Linux neither does what it prints
/// beyond 4,095 bytes or after a zero byte.
fn shell(world: &mut World<'_>, arguments: &[String], place: Span) -> Result {
    let output = world.context.shell.run(&arguments[0]).map_err(|error| {
        let message = format!("`{}` could not be started: {error}", arguments[0]);
        world.report.add(Diagnostic::new(codes::SHELL_FAILED, Some(place), message));
        Failed
    })?;
    let mut bytes = &output.stdout[..output.stdout.len().min(4095)];
    while let Some(rest) = bytes.strip_suffix(b"\n") {
        bytes = rest;
    }
    let bytes = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(bytes).replace('\n', " ").into())
}
