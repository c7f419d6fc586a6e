//! Values and files: everything that changes the configuration, and what is said about it.

use std::path::{Path, PathBuf};

use super::Effect;
use crate::kconfig::{SymbolId, Tristate};
use crate::session::{Outcome, Plan, Refusal, Repair, RepairAction, RowKind, Value, condition};
use crate::tui::field::Field;
use crate::tui::front::{
    APPLY, Afterwards, Answer, Dialog, FilePrompt, FilePurpose, Front, SAVE, Subject, ValueEditor,
};
use crate::tui::model::Tone;
use crate::tui::{Ended, Model};

/// Sets the row under the cursor to `y`, `m` or `n`.
pub fn set_tristate(model: &mut Model, value: Tristate) {
    let Some(row) = model.row() else { return };
    let text = match (row.kind, row.symbol) {
        (RowKind::Bool | RowKind::Tristate | RowKind::Member, Some(symbol)) => {
            let result = model.session.set(symbol, letter(value));
            return conclude(model, result);
        }
        (RowKind::Int | RowKind::Hex | RowKind::Text, _) => "Enter edits this value",
        (RowKind::Choice, _) => "Enter opens this choice",
        _ => "there is nothing to set here",
    };
    model.say(Tone::Bad, text);
}

/// Gives the row under the cursor its next value, or picks it in its choice.
pub fn toggle(model: &mut Model) {
    let Some(symbol) = model.row().and_then(|row| row.symbol) else { return };
    let result = model.session.toggle(symbol);
    conclude(model, result);
}

/// Opens a line to type a number or text in, if it can be another now or with others.
pub fn edit(model: &mut Model) {
    let Some(row) = model.row() else { return };
    let (Some(symbol), Value::Text(value)) = (row.symbol, &row.value) else { return };
    let (title, value) = (row.prompt.clone(), value.clone());
    // Where a condition is in the way, what is typed may be set together with what that needs.
    if !row.is_changeable
        && let Err(refusal) = model.session.set(symbol, &value)
        && refusal.condition.is_empty()
    {
        return refuse(model, refusal);
    }
    let verdict = model.session.check_input(symbol, &value);
    model.fronts.push(Front::Value(ValueEditor { symbol, title, field: Field::new(&value), verdict }));
}

/// Sets what was typed; a refusal stays in the line where it can be corrected.
pub fn finish_edit(model: &mut Model, symbol: SymbolId, text: &str) {
    match model.session.set(symbol, text) {
        Err(refusal) if refusal.plan.is_none() => {
            if let Some(Front::Value(editor)) = model.fronts.last_mut() {
                editor.verdict.error = Some(refusal.reason);
            }
        }
        result => {
            model.fronts.pop();
            conclude(model, result);
        }
    }
}

/// Sets the row under the cursor, and everything inside it, back to the defaults.
pub fn reset(model: &mut Model) {
    let Some(row) = model.row() else { return };
    let outcome = model.session.reset(row.node);
    if outcome.changes.is_empty() {
        model.refresh();
        return model.say(Tone::Plain, "it has its default");
    }
    done(model, &outcome);
}

/// Takes the last step back.
pub fn undo(model: &mut Model) {
    match model.session.undo() {
        Some(outcome) => step(model, "undone", &outcome),
        None => model.say(Tone::Plain, "nothing to undo"),
    }
}

/// Does it again.
pub fn redo(model: &mut Model) {
    match model.session.redo() {
        Some(outcome) => step(model, "redone", &outcome),
        None => model.say(Tone::Plain, "nothing to redo"),
    }
}

fn step(model: &mut Model, what: &str, outcome: &Outcome) {
    model.refresh();
    let text = format!("{what}: {}", outcome.label);
    model.say(Tone::Good, text);
}

/// Carries out a way out of a problem; one that sets several values is shown first.
pub fn repair(model: &mut Model, repair: Repair) {
    if let RepairAction::Plan(plan) = &repair.action {
        let body = changes(model, plan, None);
        let dialog = Dialog::new(repair.label.clone(), body, APPLY, Subject::Repair(repair));
        return model.fronts.push(Front::Dialog(dialog));
    }
    let result = model.session.repair(&repair);
    conclude(model, result);
    list_again(model);
}

/// Brings the list of problems up to date after a repair; closes it when nothing is left.
pub fn list_again(model: &mut Model) {
    let list = model.session.problems();
    let Some(index) = model.fronts.iter().position(|front| matches!(front, Front::Problems(_))) else {
        return;
    };
    if list.is_empty() {
        model.fronts.remove(index);
    } else if let Front::Problems(problems) = &mut model.fronts[index] {
        problems.list = list;
    }
}

/// What follows a change: what is shown, and what is said.
fn conclude(model: &mut Model, result: Result<Outcome, Refusal>) {
    match result {
        Ok(outcome) => done(model, &outcome),
        Err(refusal) => refuse(model, refusal),
    }
}

/// Says every change that a line has room for: a consequence is never silent.
fn done(model: &mut Model, outcome: &Outcome) {
    model.refresh();
    let all: Vec<_> = outcome.changes.iter().map(|change| model.session.describe(change)).collect();
    let text = match all.as_slice() {
        [] => format!("{}: nothing else changes", outcome.label),
        [first] => first.clone(),
        [first, rest @ ..] => format!("{first}, and {} more: {}", rest.len(), rest.join(", ")),
    };
    model.say(Tone::Good, text);
}

/// Offers what would make a value possible, or says why it cannot be.
fn refuse(model: &mut Model, refusal: Refusal) {
    let name = condition::name(model.session.tree(), refusal.symbol);
    let reason = format!("{name} {}", refusal.reason);
    let Some(plan) = refusal.plan else { return model.say(Tone::Bad, reason) };
    let body = changes(model, &plan, Some(&reason));
    let title = format!("{name} needs more");
    model.fronts.push(Front::Dialog(Dialog::new(title, body, APPLY, Subject::Plan(plan))));
}

/// The lines of an offer: what would be set, and what would follow from it.
fn changes(model: &Model, plan: &Plan, reason: Option<&str>) -> Vec<(Tone, String)> {
    let is_set = |symbol: SymbolId| plan.assignments.iter().any(|(set, _)| *set == symbol);
    let line = |change| format!("  {}", model.session.describe(change));
    let (set, follow): (Vec<_>, Vec<_>) = plan.changes.iter().partition(|change| is_set(change.symbol));
    let mut body = Vec::new();
    if let Some(reason) = reason {
        body.extend([(Tone::Bad, reason.to_string()), (Tone::Plain, String::new())]);
    }
    body.push((Tone::Plain, "This would set".to_string()));
    body.extend(set.into_iter().map(|change| (Tone::Good, line(change))));
    if !follow.is_empty() {
        body.push((Tone::Plain, "and from that would follow".to_string()));
        body.extend(follow.into_iter().map(|change| (Tone::Faint, line(change))));
    }
    body
}

/// Writes the configuration; true if it is written.
fn try_save(model: &mut Model) -> bool {
    match model.session.save() {
        Ok(()) => {
            model.refresh();
            let text = format!("saved {}", model.session.store_name());
            model.say(Tone::Good, text);
            true
        }
        Err(error) => {
            model.fronts.push(Front::notice("Not saved", &error.message));
            false
        }
    }
}

/// `s`: writes the configuration.
pub fn save(model: &mut Model) {
    try_save(model);
}

/// `o`: asks which file.
pub fn ask_open(model: &mut Model) {
    ask_file(model, FilePurpose::Open, &model.session.store_name());
}

/// `d`: asks which file.
pub fn ask_save_minimal(model: &mut Model) {
    ask_file(model, FilePurpose::SaveMinimal, "defconfig");
}

fn ask_file(model: &mut Model, purpose: FilePurpose, name: &str) {
    let field = Field::new(name);
    model.fronts.push(Front::File(FilePrompt { purpose, field, complaint: None, replaces: None }));
}

/// Enter in a line with the name of a file.
pub fn finish_file(model: &mut Model) {
    let Some(Front::File(prompt)) = model.fronts.last() else { return };
    let path = PathBuf::from(prompt.field.text().trim());
    let complaint = match prompt.purpose {
        _ if path.as_os_str().is_empty() => Some("a file has a name".to_string()),
        FilePurpose::Open if !path.is_file() => Some(format!("there is no file {}", path.display())),
        FilePurpose::SaveMinimal if path.exists() && prompt.replaces.as_ref() != Some(&path) => {
            Some(format!("{} exists: Enter again replaces it", path.display()))
        }
        FilePurpose::Open => {
            model.fronts.pop();
            return open(model, path);
        }
        FilePurpose::SaveMinimal => match model.session.save_minimal(&path) {
            Ok(()) => {
                model.fronts.pop();
                return model.say(Tone::Good, format!("wrote {}", path.display()));
            }
            Err(error) => Some(error.message),
        },
    };
    if let Some(Front::File(prompt)) = model.fronts.last_mut() {
        prompt.complaint = complaint;
        prompt.replaces = Some(path);
    }
}

fn open(model: &mut Model, path: PathBuf) {
    if model.session.is_changed() {
        return ask_unsaved(model, Afterwards::Open(path));
    }
    open_now(model, &path);
}

fn open_now(model: &mut Model, path: &Path) {
    match model.session.open_file(path) {
        Ok(()) => {
            model.refresh();
            model.say(Tone::Good, format!("opened {}", path.display()));
            model.tell_problems();
        }
        Err(error) => model.fronts.push(Front::notice("Not opened", &error.message)),
    }
}

/// `q`: leaves, or asks first if that would lose something.
pub fn quit(model: &mut Model) -> Option<Effect> {
    if !model.session.is_changed() {
        return Some(Effect::End(Ended::Quit));
    }
    ask_unsaved(model, Afterwards::Quit);
    None
}

/// Ctrl-C: as `q`, but whatever is in front, and the second time without saving.
pub fn interrupt(model: &mut Model) -> Option<Effect> {
    let is_asked = matches!(
        model.fronts.last(),
        Some(Front::Dialog(Dialog { subject: Subject::Unsaved(Afterwards::Quit), .. }))
    );
    if is_asked {
        return Some(Effect::End(Ended::Quit));
    }
    quit(model)
}

fn ask_unsaved(model: &mut Model, afterwards: Afterwards) {
    let before = match &afterwards {
        Afterwards::Quit => "leaving".to_string(),
        Afterwards::Open(path) => format!("opening {}", path.display()),
    };
    let text = format!("Save the changes to {} before {before}?", model.session.store_name());
    let dialog =
        Dialog::new("Unsaved changes", vec![(Tone::Plain, text)], SAVE, Subject::Unsaved(afterwards));
    model.fronts.push(Front::Dialog(dialog));
}

/// Does what was answered to the question in front.
pub fn answer(model: &mut Model, answer: Answer) -> Option<Effect> {
    let Some(Front::Dialog(_)) = model.fronts.last() else { return None };
    let Some(Front::Dialog(dialog)) = model.fronts.pop() else { return None };
    match (dialog.subject, answer) {
        (_, Answer::Cancel) | (Subject::Notice, _) => {}
        (Subject::Unsaved(afterwards), answer) => {
            if answer == Answer::Discard || try_save(model) {
                match afterwards {
                    Afterwards::Quit => return Some(Effect::End(Ended::Quit)),
                    Afterwards::Open(path) => open_now(model, &path),
                }
            }
        }
        (Subject::Plan(plan), _) => {
            let result = model.session.apply(&plan);
            conclude(model, result);
        }
        (Subject::Repair(repair), _) => {
            let result = model.session.repair(&repair);
            conclude(model, result);
            list_again(model);
        }
    }
    None
}

fn letter(value: Tristate) -> &'static str {
    match value {
        Tristate::No => "n",
        Tristate::Mod => "m",
        Tristate::Yes => "y",
    }
}
