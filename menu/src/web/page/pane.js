// All about the selected entry: its value and why, what stands in the way, what it bears on, where it is defined.

import { $, make } from "./dom.js";
import { get } from "./server.js";
import { act, change, jumpToSymbol, on, selectedRow, set, shown } from "./model.js";
import { openGraph } from "./graph.js";
import { edit } from "./edit.js";

on("rows", show);
on("selection", show);

let latest = 0;
/** Does not wait in the line of tasks: whoever walks fast sees the pane of where they arrive. */
async function show() {
  const mine = ++latest;
  const row = selectedRow();
  try {
    const entry = row && (await get("explain", { node: row.node }));
    if (mine !== latest) return;
    if (!entry) return $("pane").replaceChildren();
    const isSame = $("pane").dataset.node === String(row.node);
    $("pane").dataset.node = row.node;
    $("pane").replaceChildren(...content(row, entry));
    if (!isSame) $("pane").scrollTop = 0;
  } catch (error) {
    if (mine === latest) act(() => { throw error; });
  }
}

function content(row, entry) {
  const parts = [make("h2", { dir: "auto" }, row.prompt)];
  if (entry.name !== "") parts.push(make("p", { class: "name" }, entry.name, entry.kind && make("span", { class: "kind" }, ` ${entry.kind}`)));
  if (row.hidden != null) parts.push(make("p", { class: "obstacle" }, "Hidden: ", row.hidden));
  if (entry.symbol != null) {
    parts.push(make("p", { class: "why" }, value(entry.value), " — ", entry.why,
      entry.default?.includes(" if ") && [": ", make("code", null, entry.default)]));
    const facts = [
      entry.range && `from ${entry.range[0]} to ${entry.range[1]}`,
      entry.bytes != null && `costs about ${grouped(entry.bytes)} bytes`,
    ].filter(Boolean);
    if (facts.length) parts.push(make("p", { class: "facts" }, facts.join(" · ")));
    if (entry.set_to != null) parts.push(make("p", { class: "obstacle" }, "Set to ", value(entry.set_to), ", which did not take"));
    const isNews = entry.obstacle != null && entry.obstacle !== row.hidden && entry.obstacle !== entry.why;
    if (isNews) parts.push(make("p", { class: "obstacle" }, entry.obstacle));
    parts.push(make("div", { class: "actions" }, actions(row, entry)));
  }
  if (entry.help) parts.push(make("div", { class: "help" }, help(entry.help)));
  if (entry.depends.length) parts.push(make("h3", null, "Depends on"), make("p", { class: "condition" }, pieces(entry.depends)));
  parts.push(
    ...links("Selected by", entry.selected_by), ...links("Implied by", entry.implied_by),
    ...links("Selects", entry.selects), ...links("Implies", entry.implies), ...links("Members", entry.members),
  );
  if (entry.definitions.length) {
    parts.push(make("h3", null, "Defined at"), make("ul", null, entry.definitions.map(({ place, path }) =>
      make("li", null, make("span", { class: "place" }, place), make("br"), make("span", { class: "path", dir: "auto" }, path)))));
  }
  return parts;
}

/** Help is wrapped for a terminal. Paragraphs flow anew; what is indented, listed or aligned stays as it is. */
function help(text) {
  const isPlain = (line) => /^[^\s\-*•]/.test(line) && !/^\d+[.)]|\S( {3}|\t)/.test(line);
  return text.trim().split(/\n(?:[ \t]*\n)+/).map((paragraph) => (paragraph.split("\n").every(isPlain)
    ? make("p", { dir: "auto" }, paragraph.replaceAll("\n", " "))
    : make("pre", { dir: "auto" }, paragraph)));
}

function actions(row, entry) {
  const buttons = [];
  if (row.allowed.length > 1) {
    buttons.push(...row.allowed.map((letter) => make("button", {
      "aria-pressed": String(letter === row.value), title: `Set to ${letter} (${letter})`,
      onclick: () => act(() => set(row.symbol, letter)),
    }, letter)));
  }
  if (row.changeable && ["int", "hex", "string"].includes(row.kind)) {
    buttons.push(make("button", { title: "Edit the value (Enter)", onclick: () => act(() => edit(row)) }, "Edit"));
  }
  if (row.set) {
    buttons.push(make("button", { title: "Reset to the default (r)", onclick: () => act(() => change("reset", { node: row.node })) }, "Reset"));
  }
  buttons.push(make("button", { id: "show-graph", title: "Dependency graph (g)", onclick: () => act(() => openGraph(entry.symbol)) }, "Graph"));
  return buttons;
}

const grouped = (bytes) => bytes.toLocaleString("en");
const value = (text) => make("span", { class: "value" }, text === "" ? "(empty)" : text);

/** A condition; what fails in it is marked, and each symbol leads to its entry. */
export function pieces(list) {
  return list.map(({ text, state, symbol, value: now }) => {
    const name = symbol == null ? text : make("button", { class: "plain", onclick: () => act(() => jumpToSymbol(symbol)) }, text);
    const isTold = state === "failing" && now != null;
    return make("span", { class: state }, name, isTold && make("span", { class: "now" }, ` [=${now}]`));
  });
}

function links(title, list) {
  if (!list.length) return [];
  const line = (link) => make("li", { class: link.active ? "" : "inactive" },
    make("button", { class: "plain", title: link.place, onclick: () => act(() => jumpToSymbol(link.symbol)) }, link.name),
    make("span", { class: "value" }, ` = ${link.value}`),
    link.condition.length > 0 && make("span", { class: "condition" }, " if ", pieces(link.condition)));
  return [make("h3", null, title), make("ul", null, list.map(line))];
}

// A menu has no symbol: its pane has no graph to open.
export const graphOfSelected = () => {
  const symbol = shown.selected != null && selectedRow()?.symbol;
  if (symbol == null || symbol === false) throw new Error("a menu has no dependency graph: it is of options");
  return openGraph(symbol);
};
