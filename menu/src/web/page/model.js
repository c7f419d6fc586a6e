// What the page shows, and the ways to change it. Views listen; nothing here knows an element.

import { get, post, token } from "./server.js";

export const shown = {
  /** What stands around the tree. */
  state: null,
  /** The rows of the tree from top to bottom. */
  rows: [],
  /** Nodes of the menus that are open. */
  open: new Set(),
  /** Node of the selected row. */
  selected: null,
  /** Whether hidden entries are rows, too. */
  all: false,
};

let indices = new Map();
export const indexOf = (node) => indices.get(node) ?? -1;
export const rowOf = (node) => shown.rows[indexOf(node)];
export const selectedRow = () => rowOf(shown.selected);

// ---- Who listens ----

const events = new EventTarget();
/** `rows` (read anew), `selection`, `message` (an outcome), `failure` (an error), `ended`. */
export const on = (name, task) => events.addEventListener(name, (event) => task(event.detail));
const emit = (name, detail) => events.dispatchEvent(new CustomEvent(name, { detail }));

/** Other tabs on the same server. */
const tabs = new BroadcastChannel(`kit ${token}`);

// ---- One after another ----

let last = Promise.resolve();
let isEnded = false;
/** Runs a task after all before it: keys that are typed ahead act on what those before them made. */
export function act(task) {
  last = last.then(() => isEnded || task()).catch((error) => isEnded || emit("failure", error));
  return last;
}

// ---- Looking ----

export async function refresh() {
  const before = indexOf(shown.selected);
  const { state, rows } = await get("tree", { open: [...shown.open].join(), all: Number(shown.all) });
  shown.state = state;
  shown.rows = rows;
  indices = new Map(rows.map((row, index) => [row.node, index]));
  // What was selected may be hidden now: the one in its place is nearest.
  if (!rowOf(shown.selected)) shown.selected = rows[Math.min(Math.max(before, 0), rows.length - 1)]?.node ?? null;
  remember();
  emit("rows");
}

export function select(node) {
  if (node === shown.selected) return;
  shown.selected = node;
  remember();
  emit("selection");
}

export async function toggleOpen(row) {
  if (!shown.open.delete(row.node)) shown.open.add(row.node);
  shown.selected = row.node;
  await refresh();
}

/** Opens every menu around an entry and selects it. */
export async function jump(node) {
  const { menus, hidden } = await get("locate", { node });
  for (const menu of menus) shown.open.add(menu);
  if (hidden && !shown.all) {
    shown.all = true;
    emit("message", { label: "hidden entries are shown now, each with the reason (z)", changes: [] });
  }
  shown.selected = node;
  await refresh();
}

export async function jumpToSymbol(symbol) {
  const { definitions, name } = await get("explain", { symbol });
  const entry = definitions.find((definition) => definition.prompt != null) ?? definitions[0];
  if (!entry) throw new Error(`nothing defines ${name}`);
  await jump(entry.node);
}

export async function showAll(all) {
  shown.all = all;
  await refresh();
}

/** A reload of the tab finds what was open and selected. Nodes are numbers of this server only. */
function remember() {
  const { selected, all } = shown;
  sessionStorage.setItem("view", JSON.stringify({ token, open: [...shown.open], selected, all }));
}

export async function start() {
  const view = JSON.parse(sessionStorage.getItem("view") ?? "{}");
  if (view.token === token) Object.assign(shown, { open: new Set(view.open), selected: view.selected, all: view.all });
  await refresh();
}

// ---- Changing ----

export async function change(name, body = {}) {
  try {
    emit("message", await post(name, body));
  } finally {
    // A refusal, too, may have come from a page that was out of date.
    await refresh();
  }
  tabs.postMessage("changed");
}

export const set = (symbol, value) => change("set", { symbol, value });

/** Ends the server. */
export async function end() {
  await post("quit", {});
  tabs.postMessage("ended");
  hasEnded();
}

function hasEnded() {
  isEnded = true;
  shown.state = null;
  emit("ended");
}

tabs.addEventListener("message", ({ data }) => (data === "ended" ? hasEnded() : act(refresh)));

/** Another browser may have changed something. */
export async function catchUp() {
  const state = await get("state");
  if (state.version !== shown.state.version) await refresh();
}
