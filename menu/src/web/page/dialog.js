// Questions and lists: plans, problems, keys, leaving.

import { $, make } from "./dom.js";
import { get } from "./server.js";
import { act, change, end, jump, shown } from "./model.js";
import { pieces } from "./pane.js";

const dialog = $("dialog");

/** Opens the dialog. Each action is a label and what it does after the dialog has closed; the last is the main one. */
function ask(title, content, actions) {
  const buttons = actions.map(([label, task], index) => make("button", {
    class: index === actions.length - 1 ? "primary" : null,
    onclick: () => { dialog.close(); if (task) act(task); },
  }, label));
  dialog.replaceChildren(
    make("h2", { id: "dialog-title" }, title), make("div", { class: "content" }, content), make("div", { class: "actions" }, buttons));
  if (!dialog.open) dialog.showModal();
  buttons.at(-1).focus();
}

const lines = (list) => make("ul", { class: "changes" }, list.map((line) => make("li", null, line)));

/** A refusal: the reason, and the plan that would make it possible. */
export function offer({ refused, symbol, wanted, condition, plan }, isAnew) {
  const content = [make("p", null, refused)];
  if (condition.length) content.push(make("p", { class: "condition" }, pieces(condition)));
  if (!plan) return ask("Not possible now", content, [["Close", null]]);
  content.push(make("p", null, isAnew ? "Something has changed meanwhile. Now this would change:" : "To make it possible, this would change:"), lines(plan));
  ask("Set what it needs, too?", content, [
    ["Cancel", null],
    ["Set all of these", () => change("apply", { symbol, value: wanted, plan })],
  ]);
}

/** The code of a problem and its detail, of which the first line says the message again. */
function withoutHeading({ message, detail }) {
  const [, heading, rest] = detail.match(/^(.*)\n?([^]*)$/);
  const [, code] = heading.match(/^\w+\[(\w+)\]: /) ?? [];
  if (code) return [code, rest];
  return [null, heading.endsWith(message) ? heading.slice(0, -message.length) + "\n" + rest : detail];
}

export async function showProblems() {
  const problems = await get("problems");
  const repairing = (problem, { label, plan }) => {
    const task = () => change("repair", { problem: problem.message, repair: label, plan });
    return make("button", { onclick: () => {
      dialog.close();
      if (!plan) return act(task);
      ask(label, [make("p", null, "This would change:"), lines(plan)], [["Cancel", null], ["Set all of these", task]]);
    } }, label);
  };
  const content = problems.map((problem) => {
    const [code, detail] = withoutHeading(problem);
    return make("div", { class: `problem ${problem.severity}` },
      make("p", null, problem.message, code && make("span", { class: "code", title: `kit explain ${code}` }, ` ${code}`)),
      detail !== "" && make("pre", null, detail),
      make("div", { class: "actions" },
        problem.node != null && make("button", { onclick: () => { dialog.close(); act(() => jump(problem.node)); } }, "Go there"),
        problem.repairs.map((repair) => repairing(problem, repair))));
  });
  ask(problems.length ? "Problems" : "No problems", content, [["Close", null]]);
}

export function leave() {
  if (!shown.state?.changed) return end();
  ask("There are changes that are not saved", [make("p", { class: "place" }, shown.state.store)], [
    ["Cancel", null],
    ["Discard them", end],
    ["Save and close", async () => { await change("save"); await end(); }],
  ]);
}

const KEYS = [
  ["↑ ↓ k j", "up and down"], ["PageUp PageDown Home End", "a screen up and down, first and last row"],
  ["→ l", "open a menu, or go on"], ["← h", "close it, or to the menu around"],
  ["Enter", "open, switch, pick or edit"], ["Space", "switch, pick or edit"], ["y m n", "set to yes, module, no"],
  ["r", "reset to the default"], ["u U", "undo, redo"], ["/", "search as you type, and go there"],
  ["z a", "show hidden entries too, each with the reason"], ["g", "dependency graph"], ["w", "problems, and ways out"],
  ["s", "save"], ["q", "close; asks if something has changed"], ["?", "these keys"],
];

export function showKeys() {
  const row = ([keys, text]) => make("tr", null,
    make("td", null, keys.split(" ").flatMap((key) => [make("kbd", null, key), " "])), make("td", null, text));
  ask("Keys", [make("table", null, KEYS.map(row))], [["Close", null]]);
}
