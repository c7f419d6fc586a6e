// Search while one types, and a jump to what was found.

import { $, make } from "./dom.js";
import { get } from "./server.js";
import { act, jump } from "./model.js";
import { focusTree } from "./tree.js";

const field = $("search");
const list = $("hits");
let hits = [];
let at = 0;
/** The text that `hits` answer. */
let answered = "";

/** A text with the characters that match marked. */
function marked({ text, matching }) {
  const places = new Set(matching);
  return [...text].map((character, index) => (places.has(index) ? make("mark", null, character) : character));
}

function draw(q, { total, hits: found }) {
  answered = q;
  hits = found;
  const items = hits.map((hit, index) => make("li", {
    role: "option", id: `hit-${index}`, class: hit.hidden ? "inactive" : null, onclick: () => { at = index; take(); },
  },
    make("span", { class: "prompt", dir: "auto" }, hit.prompt ? marked(hit.prompt) : "(no prompt)"),
    hit.value !== "" && make("span", { class: "value" }, hit.value),
    hit.name && make("span", { class: "name" }, marked(hit.name)),
    hit.help && make("span", { class: "help", dir: "auto" }, marked(hit.help))));
  const rest = total - hits.length;
  if (total === 0) items.push(make("li", { class: "count", role: "status" }, "no match"));
  else if (rest > 0) items.push(make("li", { class: "count" }, `and ${rest} more`));
  list.replaceChildren(...items);
  open(true);
  point(0);
}

function open(isOpen) {
  list.hidden = !isOpen;
  field.setAttribute("aria-expanded", String(isOpen));
}

function point(index) {
  at = Math.max(0, Math.min(index, hits.length - 1));
  list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
  const item = $(`hit-${at}`);
  item?.setAttribute("aria-selected", "true");
  item?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", item?.id ?? "");
}

/** One question at a time; what is typed meanwhile is asked after it. */
let isAsking = false, isStale = false;
async function ask() {
  isStale = isAsking;
  if (isAsking) return;
  isAsking = true;
  try {
    do {
      isStale = false;
      const q = field.value.trim();
      const found = q === "" ? null : await get("search", { q });
      if (isStale) continue;
      if (found && field.value.trim() === q) draw(q, found);
      else if (!found) open(false);
    } while (isStale);
  } finally {
    isAsking = false;
  }
}

/** Leaves the search at once: keys that are typed ahead are meant for the tree. */
function close() {
  field.value = "";
  open(false);
  focusTree();
}

/** Enter: the match that is pointed at, or the best of a text that was typed faster than it could be answered. */
function take() {
  const q = field.value.trim();
  const isAnswered = q === answered;
  if (q === "" || (isAnswered && hits.length === 0)) return;
  const hit = hits[at];
  close();
  act(async () => {
    const best = isAnswered ? hit : (await get("search", { q })).hits[0];
    if (!best) throw new Error(`nothing matches ${q}`);
    await jump(best.node);
    focusTree();
  });
}

const KEYS = {
  ArrowDown: () => point(at + 1),
  ArrowUp: () => point(at - 1),
  PageDown: () => point(at + 10),
  PageUp: () => point(at - 10),
  Enter: take,
  Escape: close,
};

field.addEventListener("input", () => ask().catch((error) => act(() => { throw error; })));
field.addEventListener("focus", () => field.value.trim() !== "" && hits.length && open(true));
field.addEventListener("blur", () => open(false));
// A click on a match must not take the focus away before it counts.
list.addEventListener("mousedown", (event) => event.preventDefault());
field.addEventListener("keydown", (event) => {
  event.stopPropagation();
  const task = !event.ctrlKey && !event.altKey && !event.metaKey && KEYS[event.key];
  if (!task) return;
  event.preventDefault();
  task();
});
