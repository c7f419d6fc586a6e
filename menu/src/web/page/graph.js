// The dependency graph: the server draws the neighbourhood of a symbol, the page walks from one to the next.

import { $, make } from "./dom.js";
import { get } from "./server.js";
import { act, jumpToSymbol } from "./model.js";

const dialog = $("graph");
/** The symbols that were walked through, the last is in the middle. */
let way = [];

export async function openGraph(symbol) {
  way = [symbol];
  await draw(false);
  if (!dialog.open) dialog.showModal();
  settle();
}

async function draw(isWhole) {
  const symbol = way.at(-1);
  const [svg, entry] = await Promise.all([get("graph", { symbol, all: Number(isWhole) }), get("explain", { symbol })]);
  // Parsed as XML and with every text escaped by the server: there is nothing in it that could run.
  const picture = document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
  const prompt = entry.definitions.find((definition) => definition.prompt != null)?.prompt;
  dialog.replaceChildren(
    make("div", { class: "bar" },
      make("h2", null, entry.name || prompt || "choice", make("small", { dir: "auto" }, entry.name && prompt ? ` ${prompt}` : "")),
      make("button", { id: "graph-back", disabled: way.length < 2, title: "To the one before (Backspace)", onclick: () => act(back) }, "Back"),
      make("button", { id: "graph-entry", title: "Leave the graph, to this entry of the tree", onclick: () => act(leave) }, "Go to entry"),
      make("button", { title: "Close (Escape)", onclick: () => dialog.close() }, "Close")),
    make("div", { class: "picture" }, picture),
    make("p", { class: "legend" },
      ["needs", "selects", "implies"].map((word) => make("span", null, make("i", { class: word }), word)),
      "Click a box, or move with the arrow keys and press Enter."),
  );
}

/** Brings the middle into view and the focus to it. */
function settle() {
  const centre = dialog.querySelector(".centre");
  centre?.scrollIntoView({ block: "nearest", inline: "center" });
  centre?.focus({ preventScroll: true });
}

async function walk(symbol) {
  if (symbol === way.at(-1)) return;
  way.push(symbol);
  await draw(false);
  settle();
}

async function back() {
  if (way.length < 2) return;
  way.pop();
  await draw(false);
  settle();
}

async function leave() {
  dialog.close();
  await jumpToSymbol(way.at(-1));
}

function follow(target) {
  const box = target.closest?.("[data-symbol], [data-all]");
  if (box) act(async () => (box.dataset.all ? (await draw(true), settle()) : walk(Number(box.dataset.symbol))));
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The nearest box in a direction. */
function neighbour(box, [dx, dy]) {
  const middle = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  };
  const [x, y] = middle(box);
  let best = null, least = Infinity;
  for (const other of dialog.querySelectorAll("[data-symbol], [data-all]")) {
    const [otherX, otherY] = middle(other);
    const along = (otherX - x) * dx + (otherY - y) * dy;
    const across = Math.abs((otherX - x) * dy) + Math.abs((otherY - y) * dx);
    // Up and down stay in the column; left and right go to the next one.
    if (along < 1 || (dx === 0 && across > 1)) continue;
    const distance = dx === 0 ? along : along * 10 + across;
    if (distance < least) [best, least] = [other, distance];
  }
  return best;
}

dialog.addEventListener("click", (event) => follow(event.target));
dialog.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-symbol], [data-all]");
  if (event.key === "Backspace") act(back);
  else if (box && (event.key === "Enter" || event.key === " ")) follow(box);
  else if (box && ARROWS[event.key]) neighbour(box, ARROWS[event.key])?.focus();
  else return;
  event.preventDefault();
});
