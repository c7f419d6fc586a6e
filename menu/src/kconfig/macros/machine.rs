//! How a text with references is expanded.
//!
//! A machine with a stack of its own instead of a recursion, so that a function may call itself as often as in
//! Linux and a malicious file ends in a message.

use std::rc::Rc;

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::span::Span;
use super::super::world::World;
use super::{Failed, Flavour, builtin, spend};

/// A function may call itself this often.
const MOST_NESTED: u32 = 1000;
/// Calls within calls, whatever they call.
const MOST_DEPTH: usize = 10_000;
const MOST_ARGUMENTS: usize = 16;

/// A text that is being expanded.
struct Reading {
    text: Rc<str>,
    position: usize,
    /// Values of `$(1)`, `$(2)`, ….
    arguments: Rc<[String]>,
    output: String,
    /// The variable whose value it is.
    variable: Option<Box<str>>,
}

/// A reference whose parts are being expanded.
struct Calling {
    parts: Vec<Rc<str>>,
    expanded: Vec<String>,
    arguments: Rc<[String]>,
}

enum Step {
    Reading(Reading),
    Calling(Calling),
}

/// An expansion that is going on.
pub(super) struct Machine {
    stack: Vec<Step>,
    place: Span,
}

impl Machine {
    /// Expands `text`; `place` is where messages point.
    pub(super) fn new(text: &str, place: Span) -> Self {
        let reading = Reading {
            text: text.into(),
            position: 0,
            arguments: Rc::default(),
            output: String::new(),
            variable: None,
        };
        Self { stack: vec![Step::Reading(reading)], place }
    }

    /// The expansion.
    pub(super) fn run(mut self, world: &mut World<'_>) -> Result<String, Failed> {
        let result = self.steps(world);
        if result.is_err() {
            // Whatever was going on is not any more.
            world.macros.variables.values_mut().for_each(|variable| variable.active = 0);
        }
        result
    }

    fn steps(&mut self, world: &mut World<'_>) -> Result<String, Failed> {
        loop {
            let done = match self.stack.pop().expect("the last step ends the loop") {
                Step::Reading(reading) => self.read(world, reading)?,
                Step::Calling(calling) => self.call(world, calling)?,
            };
            if let Some(result) = done {
                return Ok(result);
            }
        }
    }

    /// Goes on with a text up to its next reference or its end.
    fn read(&mut self, world: &mut World<'_>, mut reading: Reading) -> Outcome {
        let text = reading.text.clone();
        let start = reading.position;
        let end = text[start..].find('$').map_or(text.len(), |offset| start + offset);
        reading.output.push_str(&text[start..end]);
        reading.position = end;
        spend(world, end - start + 16, self.place)?;
        if end == text.len() {
            return Ok(self.finish(world, reading));
        }
        if !text[end..].starts_with("$(") {
            reading.output.push('$');
            reading.position += 1;
            self.stack.push(Step::Reading(reading));
            return Ok(None);
        }
        let inside = end + 2;
        let Some(length) = closing(&text[inside..]) else {
            let message = format!("unterminated reference to '{}': missing ')'", &text[inside..]);
            self.fail(
                world,
                Diagnostic::new(codes::UNTERMINATED_MACRO, Some(self.place), message)
                    .help("a reference ends on the line where it begins"),
            )?;
            return Ok(None);
        };
        spend(world, length, self.place)?;
        reading.position = inside + length + 1;
        let clause = &text[inside..inside + length];
        if let Some(argument) = positional(clause).and_then(|index| reading.arguments.get(index - 1)) {
            reading.output.push_str(argument);
            spend(world, argument.len(), self.place)?;
            self.stack.push(Step::Reading(reading));
            return Ok(None);
        }
        let parts = split(clause);
        if parts.len() > MOST_ARGUMENTS {
            let message = format!("too many function arguments: {} of at most {MOST_ARGUMENTS}", parts.len());
            self.fail(world, Diagnostic::new(codes::WRONG_ARGUMENTS, Some(self.place), message))?;
        }
        let calling = Calling { parts, expanded: Vec::new(), arguments: reading.arguments.clone() };
        self.stack.push(Step::Reading(reading));
        self.stack.push(Step::Calling(calling));
        if self.stack.len() > MOST_DEPTH {
            return self.too_deep(world);
        }
        Ok(None)
    }

    /// Hands the expansion of a text to whoever waits for it.
    fn finish(&mut self, world: &mut World<'_>, reading: Reading) -> Option<String> {
        if let Some(variable) = &reading.variable {
            world.macros.variables.get_mut(variable).expect("it is being expanded").active -= 1;
        }
        match self.stack.last_mut() {
            None => return Some(reading.output),
            Some(Step::Reading(outer)) => outer.output.push_str(&reading.output),
            Some(Step::Calling(calling)) => calling.expanded.push(reading.output),
        }
        None
    }

    /// Expands the next part of a reference, or looks it up when all are expanded.
    fn call(&mut self, world: &mut World<'_>, mut calling: Calling) -> Outcome {
        if let Some(part) = calling.parts.get(calling.expanded.len()) {
            let reading = Reading {
                text: part.clone(),
                position: 0,
                arguments: calling.arguments.clone(),
                output: String::new(),
                variable: None,
            };
            self.stack.push(Step::Calling(calling));
            self.stack.push(Step::Reading(reading));
            return Ok(None);
        }
        let arguments = calling.expanded.split_off(1);
        let name = calling.expanded.pop().expect("the name was split off first");
        let value = match self.variable(world, &name, arguments)? {
            Looked::Entered => return Ok(None),
            Looked::Value(value) => value,
            Looked::Unknown(arguments) => match builtin::call(world, &name, &arguments, self.place) {
                Some(result) => result?,
                None if arguments.is_empty() => super::environment(world, &name).into(),
                None => {
                    builtin::warn_unknown(world, &name, self.place);
                    "".into()
                }
            },
        };
        spend(world, value.len(), self.place)?;
        if let Some(Step::Reading(outer)) = self.stack.last_mut() {
            outer.output.push_str(&value);
        }
        Ok(None)
    }

    /// Looks up a variable, and begins with its value when that is to be expanded.
    fn variable(
        &mut self,
        world: &mut World<'_>,
        name: &str,
        arguments: Vec<String>,
    ) -> Result<Looked, Failed> {
        let Some(variable) = world.macros.variables.get_mut(name) else {
            return Ok(Looked::Unknown(arguments));
        };
        if arguments.is_empty() && variable.active > 0 {
            return self.recursive(world, name);
        }
        if variable.active > MOST_NESTED {
            return self.too_deep(world);
        }
        match variable.flavour {
            Flavour::Simple => Ok(Looked::Value(variable.value.clone())),
            Flavour::Recursive => {
                variable.active += 1;
                self.stack.push(Step::Reading(Reading {
                    text: variable.value.clone(),
                    position: 0,
                    arguments: arguments.into(),
                    output: String::new(),
                    variable: Some(name.into()),
                }));
                Ok(Looked::Entered)
            }
        }
    }

    fn recursive<T>(&self, world: &mut World<'_>, name: &str) -> Result<T, Failed> {
        let message = format!("Recursive variable '{name}' references itself (eventually)");
        let mut diagnostic = Diagnostic::new(codes::RECURSIVE_VARIABLE, Some(self.place), message);
        let active: Vec<&str> = self
            .stack
            .iter()
            .filter_map(|step| match step {
                Step::Reading(reading) => reading.variable.as_deref(),
                Step::Calling(_) => None,
            })
            .skip_while(|&variable| variable != name)
            .collect();
        for (index, variable) in active.iter().enumerate() {
            let next = active.get(index + 1).unwrap_or(&name);
            let span = world.macros.variables[*variable].span;
            diagnostic = diagnostic.note(Some(span), format!("`{variable}` uses `{next}`"));
        }
        self.fail(world, diagnostic.help("give one of them a value with `:=`, which is expanded only once"))?;
        Err(Failed)
    }

    fn too_deep<T>(&self, world: &mut World<'_>) -> Result<T, Failed> {
        self.fail(
            world,
            Diagnostic::new(codes::EXPANSION_TOO_LARGE, Some(self.place), "Too deep recursive expansion")
                .help("a function that calls itself needs a case in which it does not"),
        )?;
        Err(Failed)
    }

    fn fail(&self, world: &mut World<'_>, diagnostic: Diagnostic) -> Result<(), Failed> {
        world.report.add(diagnostic);
        Err(Failed)
    }
}

/// What a step led to: the end of the expansion, or more to do.
type Outcome = Result<Option<String>, Failed>;

enum Looked {
    /// Its value is being expanded.
    Entered,
    Value(Rc<str>),
    /// No variable; the arguments come back.
    Unknown(Vec<String>),
}

/// Where the parenthesis is that closes the one before `text`.
pub(super) fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(offset),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The parts between commas outside parentheses.
fn split(clause: &str) -> Vec<Rc<str>> {
    let mut parts = Vec::new();
    let mut depth = 0i64;
    let mut start = 0;
    for (offset, byte) in clause.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(clause[start..offset].into());
                start = offset + 1;
            }
            _ => {}
        }
    }
    parts.push(clause[start..].into());
    parts
}

/// The number of an argument, from 1.
fn positional(clause: &str) -> Option<usize> {
    let digits = clause.trim_start();
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|&number| number > 0)
}
