// The tree of entries: rows, and moving among them.

import { $, make } from "./dom.js";
import { act, change, indexOf, on, rowOf, select, set, shown, toggleOpen } from "./model.js";
import { edit } from "./edit.js";

const tree = $("tree");

// ---- Drawing ----

/** So many rows share a part of the tree. Parts far from the screen are empty, so thousands of rows cost nothing. */
const PART = 50;
/** A tree of so many rows is drawn as a whole: the browser's own search then finds everything. */
const WHOLE = 400;
/** Height of a row, in pixels: without and with a reason why it is hidden. Only a guess for rows never drawn. */
const ROW = 27;
const ROW_WITH_REASON = 43;

const parts = [];
/** The items that are drawn, by node, each with the text of the row that it shows. */
const items = new Map();
/** Number of each row among the rows of its menu, and how many those are. */
let numbers = [];

const watcher = new IntersectionObserver((changes) => inPlace(() => {
  for (const { target, isIntersecting } of changes) (isIntersecting ? fill : clear)(parts.indexOf(target));
}), { root: tree, rootMargin: "1000px 0px" });

/** Does something that may change heights, and keeps what one looks at where it is. */
function inPlace(task) {
  const { top, bottom, left } = tree.getBoundingClientRect();
  const boxOf = (node) => {
    const item = items.get(node)?.item;
    return item?.isConnected ? item.getBoundingClientRect() : null;
  };
  let anchor = shown.selected;
  let before = boxOf(anchor);
  if (!before || before.bottom < top || before.top > bottom) {
    anchor = Number(document.elementFromPoint(left + 1, top + 1)?.closest("[data-node]")?.dataset.node);
    before = boxOf(anchor);
  }
  task();
  const after = boxOf(anchor);
  if (before && after) tree.scrollTop += after.top - before.top;
}

// The selected row stays in sight when the window changes.
new ResizeObserver(() => tree.contains(document.activeElement) && focusTree()).observe(tree);

on("rows", draw);
on("selection", () => pointAtSelected());

/** Brings everything up to date; an item whose row is as it was stays, with its focus and a field in it. */
function draw() {
  const hadFocus = tree.contains(document.activeElement) || document.activeElement === document.body;
  numbers = numbered(shown.rows);
  inPlace(() => {
    const count = Math.ceil(shown.rows.length / PART);
    while (parts.length > count) {
      const part = parts.pop();
      watcher.unobserve(part);
      part.remove();
    }
    while (parts.length < count) {
      const part = make("div", { role: "none" });
      tree.append(part);
      parts.push(part);
      watcher.observe(part);
    }
    for (const node of items.keys()) if (!rowOf(node)) forget(node);
    parts.forEach((part, index) => {
      if (part.hasChildNodes() || shown.rows.length <= WHOLE) fill(index);
      else part.style.height ||= `${guess(index)}px`;
    });
  });
  pointAtSelected(hadFocus && !tree.querySelector(".edit"));
}

const guess = (index) => rowsOf(index).reduce((sum, row) => sum + (row.hidden == null ? ROW : ROW_WITH_REASON), 0);
const rowsOf = (index) => shown.rows.slice(index * PART, (index + 1) * PART);

function fill(index) {
  const part = parts[index];
  if (!part) return;
  part.style.height = "";
  const rows = rowsOf(index);
  const wanted = rows.map((row, at) => itemOf(row, numbers[index * PART + at]));
  const kept = new Set(wanted);
  for (const item of [...part.children]) if (!kept.has(item)) item.remove();
  let at = part.firstChild;
  for (const item of wanted) {
    if (item === at) at = at.nextSibling;
    else part.insertBefore(item, at);
  }
}

function clear(index) {
  const part = parts[index];
  const isNeeded = shown.rows.length <= WHOLE || part?.querySelector("[aria-selected=true], .edit");
  if (!part?.hasChildNodes() || isNeeded) return;
  part.style.height = `${part.offsetHeight}px`;
  for (const item of [...part.children]) forget(Number(item.dataset.node));
}

function forget(node) {
  items.get(node)?.item.remove();
  items.delete(node);
}

function numbered(rows) {
  const numbers = rows.map(() => null);
  const open = [];
  const close = (level) => {
    while (open.length > level) {
      const group = open.pop();
      group?.forEach((at, position) => { numbers[at] = [position + 1, group.length]; });
    }
  };
  rows.forEach(({ level }, at) => {
    close(level + 1);
    (open[level] ??= []).push(at);
  });
  close(0);
  return numbers;
}

/** The item of a row: the one that is there if it shows the same. */
function itemOf(row, [number, count]) {
  const text = JSON.stringify([row, number, count, shown.open.has(row.node)]);
  const known = items.get(row.node);
  if (known?.text === text) return known.item;
  const item = makeItem(row);
  item.setAttribute("aria-posinset", number);
  item.setAttribute("aria-setsize", count);
  known?.item.remove();
  items.set(row.node, { text, item });
  return item;
}

export const isNumberOrText = (row) => row.kind === "int" || row.kind === "hex" || row.kind === "string";
const canOpen = (row) => row.opens && !row.empty;

function makeItem(row) {
  const isOpen = shown.open.has(row.node);
  const isChecked = ["bool", "tristate", "member"].includes(row.kind);
  const item = make("div", {
    role: "treeitem", "data-node": row.node, "data-name": row.name, tabindex: -1,
    class: [row.kind, row.hidden != null && "hidden", row.changeable || "fixed"].filter(Boolean).join(" "),
    "aria-level": row.level + 1, "aria-selected": "false", "aria-expanded": canOpen(row) ? String(isOpen) : null,
    "aria-checked": isChecked ? { y: "true", m: "mixed", n: "false" }[row.value] : null,
    "aria-disabled": row.symbol != null && !row.changeable ? "true" : null,
  },
    make("span", { class: "twist", "aria-hidden": "true" }, canOpen(row) ? (isOpen ? "▾" : "▸") : ""),
    isChecked && make("span", { class: "mark", "data-value": row.value, "aria-hidden": "true" }, { y: "✓", m: "m" }[row.value]),
    make("span", { class: "prompt", dir: "auto" }, row.prompt),
    (isNumberOrText(row) || (row.kind === "choice" && row.value != null))
      && make("span", { class: "value", dir: "auto" }, row.value === "" ? "(empty)" : row.value),
    row.set && make("span", { class: "dot", title: "Set by you; r resets it", role: "img", "aria-label": "set by you" }, "·"),
    row.name != null && row.name !== row.prompt && make("span", { class: "name", title: row.name }, row.name),
    row.hidden != null && make("span", { class: "reason", title: row.hidden }, row.hidden),
  );
  item.style.setProperty("--level", row.level);
  return item;
}

/** Marks the selected item: the tree has one place in the order of the Tab key. */
function pointAtSelected(takesFocus = true) {
  for (const item of tree.querySelectorAll("[aria-selected=true]")) {
    item.setAttribute("aria-selected", "false");
    item.tabIndex = -1;
  }
  const index = indexOf(shown.selected);
  if (index < 0) return;
  if (!items.get(shown.selected)?.item.isConnected) fill(Math.floor(index / PART));
  const { item } = items.get(shown.selected);
  item.setAttribute("aria-selected", "true");
  item.tabIndex = 0;
  if (takesFocus) focusTree();
}

export function focusTree() {
  const item = items.get(shown.selected)?.item;
  if (!item) return;
  if (!item.contains(document.activeElement)) item.focus({ preventScroll: true });
  const distance = item.getBoundingClientRect().top - tree.getBoundingClientRect().top;
  const isFar = distance < -tree.clientHeight || distance > 2 * tree.clientHeight;
  item.scrollIntoView({ block: isFar ? "center" : "nearest" });
}

/** Gives the item of a row away to be edited; it is drawn anew when rows are. */
export function takeItem(node) {
  const known = items.get(node);
  known.text = "";
  return known.item;
}

// ---- What a row does ----

/** Space, and a click on the mark: the next value, or a field. */
export function changeValue(row) {
  if (isNumberOrText(row)) return edit(row);
  if (row.kind === "bool" || row.kind === "tristate") return change("toggle", { symbol: row.symbol });
  if (row.kind === "member") return set(row.symbol, "y");
  if (canOpen(row)) return toggleOpen(row);
}

/** Enter: opens what can be opened, else changes the value. */
export const activate = (row) => (canOpen(row) ? toggleOpen(row) : changeValue(row));

export function move(step) {
  const index = Math.max(0, Math.min(indexOf(shown.selected) + step, shown.rows.length - 1));
  if (shown.rows[index]) select(shown.rows[index].node);
}

/** As many rows as fit into the window. */
export const screen = () => Math.max(1, Math.floor(tree.clientHeight / ROW) - 1);

export function forth(row) {
  return canOpen(row) && !shown.open.has(row.node) ? toggleOpen(row) : move(1);
}

export function back(row) {
  if (canOpen(row) && shown.open.has(row.node)) return toggleOpen(row);
  const parent = shown.rows.slice(0, indexOf(row.node)).findLast((other) => other.level < row.level);
  if (parent) select(parent.node);
}

tree.addEventListener("click", (event) => {
  const item = event.target.closest("[data-node]");
  if (!item || event.target.closest(".edit")) return;
  const part = ["twist", "mark", "value"].find((name) => event.target.classList.contains(name));
  act(async () => {
    const row = rowOf(Number(item.dataset.node));
    if (!row) return;
    select(row.node);
    focusTree();
    if (part === "mark" || (part === "value" && isNumberOrText(row))) return changeValue(row);
    if (canOpen(row) && (part === "twist" || row.symbol == null || row.kind === "choice")) return toggleOpen(row);
  });
});
tree.addEventListener("dblclick", (event) => {
  const isPrompt = event.target.classList.contains("prompt");
  const row = rowOf(Number(event.target.closest("[data-node]")?.dataset.node));
  if (isPrompt && row && !(canOpen(row) && (row.symbol == null || row.kind === "choice"))) act(() => activate(row));
});
