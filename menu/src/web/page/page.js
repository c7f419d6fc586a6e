// The page: what stands around the tree, and which key and button does what. It shows what the server says, asks it
// for changes, and decides nothing about values.

import { $, make } from "./dom.js";
import { Gone, Refused, token } from "./server.js";
import { act, catchUp, change, on, refresh, selectedRow, set, showAll, shown, start } from "./model.js";
import { activate, back, changeValue, focusTree, forth, move, screen } from "./tree.js";
import { graphOfSelected } from "./pane.js";
import { leave, offer, showKeys, showProblems } from "./dialog.js";
import "./search.js";

const grouped = (bytes) => bytes.toLocaleString("en");

function say(message, isError = false) {
  $("status").replaceChildren(make("span", { class: isError ? "error" : null }, message));
}

// ---- What stands around the tree ----

on("rows", () => {
  const { state } = shown;
  document.title = `${state.changed ? "● " : ""}${state.title} · ${state.store}`;
  $("title").replaceChildren(make("bdi", null, state.title));
  $("store").replaceChildren(make("bdi", null, state.store));
  $("store").classList.toggle("changed", state.changed);
  $("save").disabled = !state.changed;
  for (const [name, label, key] of [["undo", state.undo, "u"], ["redo", state.redo, "U"]]) {
    $(name).disabled = label == null;
    $(name).title = label == null ? `Nothing to ${name}` : `${$(name).textContent}: ${label} (${key})`;
  }
  $("all").setAttribute("aria-pressed", String(shown.all));
  $("size").textContent = [
    state.image_bytes != null && `image about ${grouped(state.image_bytes)} bytes`,
    state.libraries != null && `${state.libraries} micro-libraries`,
  ].filter(Boolean).join(" · ");
  const count = state.problems;
  $("problems").textContent = count === 0 ? "no problems" : count === 1 ? "1 problem" : `${count} problems`;
  $("problems").classList.toggle("error", count > 0);
  $("gone").hidden = true;
});

on("message", ({ label, changes }) => {
  const [first, ...others] = changes;
  const more = others.length > 3 ? [...others.slice(0, 3), `${others.length - 3} more`] : others;
  say([label, first && `(${first}${more.length ? `; also ${more.join(", ")}` : ""})`].filter(Boolean).join(" "));
});

on("failure", (error) => {
  if (error instanceof Refused && error.answer.condition) return offer(error.answer, error.call === "apply");
  if (!(error instanceof Gone) && shown.state) return say(error.message, true);
  say("");
  const retry = make("button", { onclick: () => act(shown.state ? refresh : start) }, "Try again");
  $("gone").replaceChildren(make("span", null, error.message), " ", retry);
  $("gone").hidden = false;
});

on("ended", () => {
  document.title = "kit: closed";
  document.body.replaceChildren(make("p", { id: "ended" }, "kit config web has ended. This page can be closed."));
});

// ---- Keys ----

const setTo = (value) => (row) => {
  if (!["bool", "tristate", "member", "choice"].includes(row.kind)) throw new Error("only options that are on or off take y, m and n");
  if (row.value === value && !row.changeable) return say(`${row.name ?? row.prompt} is ${value}, and can be nothing else now`);
  return set(row.symbol, value);
};

/** What needs a selected row. */
const ROW_KEYS = {
  ArrowDown: () => move(1), j: () => move(1),
  ArrowUp: () => move(-1), k: () => move(-1),
  PageDown: () => move(screen()), PageUp: () => move(-screen()),
  Home: () => move(-Infinity), End: () => move(Infinity),
  ArrowRight: forth, l: forth, ArrowLeft: back, h: back,
  Enter: activate, " ": changeValue,
  y: setTo("y"), m: setTo("m"), n: setTo("n"),
  r: (row) => change("reset", { node: row.node }),
};

const toggleAll = () => showAll(!shown.all);
const save = () => change("save");
const undo = () => change("undo");
const redo = () => change("redo");

const PAGE_KEYS = {
  "?": showKeys, u: undo, U: redo, z: toggleAll, a: toggleAll, g: graphOfSelected,
  w: showProblems, s: save, q: leave,
};

/** Keys that people press in any program that edits. */
const CONTROL_KEYS = { s: save, z: undo, Z: redo, y: redo };

const hasDialog = () => document.querySelector("dialog[open]") != null;

addEventListener("keydown", (event) => {
  if (event.altKey || hasDialog() || !shown.state) return;
  const isControl = event.ctrlKey || event.metaKey;
  const isText = event.target.matches("input");
  const isButton = event.target.matches("button") && (event.key === "Enter" || event.key === " ");
  // The pane scrolls with the keys that move in the tree.
  const isScroll = event.target === $("pane") && /^(Arrow|Page|Home|End| )/.test(event.key);
  if (isText || isButton || isScroll) return;
  const keys = isControl ? CONTROL_KEYS : { ...ROW_KEYS, ...PAGE_KEYS };
  if (event.key === "/" && !isControl) {
    // Not in the line of tasks: the next key belongs to the field.
    event.preventDefault();
    return $("search").select();
  }
  const task = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
  if (!task) return;
  event.preventDefault();
  act(async () => {
    // A question may have come up since the key was pressed.
    if (hasDialog()) return;
    const row = selectedRow();
    if (row || !Object.hasOwn(ROW_KEYS, event.key) || isControl) await task(row);
  });
});

const BUTTONS = { all: toggleAll, undo, redo, save, quit: leave, keys: showKeys, problems: showProblems };
for (const [name, task] of Object.entries(BUTTONS)) $(name).addEventListener("click", () => act(() => task()));

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("close", () => document.activeElement === document.body && focusTree());
}

addEventListener("beforeunload", (event) => shown.state?.changed && event.preventDefault());
addEventListener("focus", () => shown.state && act(catchUp));

act(async () => {
  if (token === "") throw new Error("Open the address that `kit config web` has printed: it has the key to this page.");
  await start();
  focusTree();
});
