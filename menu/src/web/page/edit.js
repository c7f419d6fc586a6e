// A field in the row of a number or text, which says what is wrong while one types.

import { make } from "./dom.js";
import { get } from "./server.js";
import { act, jump, refresh, selectedRow, set, shown } from "./model.js";
import { focusTree, takeItem } from "./tree.js";

/** Opens it. */
export async function edit({ node }) {
  if (shown.selected !== node) await jump(node);
  const row = selectedRow();
  const { definitions } = await get("explain", { node });
  if (definitions.every((definition) => definition.prompt == null)) throw new Error(`${row.name} ${row.hidden}`);

  const note = make("small", { id: "note", role: "status" });
  const field = make("input", {
    type: "text", value: row.value, "aria-label": row.prompt, "aria-describedby": "note", dir: "auto", spellcheck: "false",
    autocomplete: "off",
  });
  let latest = 0;
  /** Says what is wrong with the text, or what is expected; returns what is wrong. */
  const judge = async () => {
    const mine = ++latest;
    const { error, expected } = await get("check", { symbol: row.symbol, text: field.value });
    if (mine === latest) {
      note.textContent = error ?? expected;
      note.classList.toggle("error", error != null);
      field.setAttribute("aria-invalid", String(error != null));
    }
    return error;
  };
  let isOpen = true;
  const close = async (isWanted) => {
    isOpen = false;
    takeItem(node);
    if (isWanted && field.value !== row.value) await set(row.symbol, field.value);
    else await refresh();
  };
  const leave = async (isWanted) => {
    if (!isOpen || !field.isConnected) return;
    // What cannot be set at all now is refused with a way to make it possible, which is more than an error.
    if (isWanted && (await judge()) != null && row.changeable) return;
    await close(isWanted);
    focusTree();
  };

  field.addEventListener("input", () => judge().catch((error) => act(() => { throw error; })));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") act(() => leave(false));
    if (event.key === "Enter") act(() => leave(true));
  });
  // Whoever goes elsewhere on the page means what was typed, if it is a value.
  field.addEventListener("blur", () => act(async () => {
    if (!isOpen || !field.isConnected || document.activeElement === field) return;
    const error = await judge();
    await close(error == null);
    if (error != null) throw new Error(`${row.name ?? row.prompt} stays ${row.value}: ${error}`);
  }));

  takeItem(node).querySelector(".value").replaceWith(make("span", { class: "edit" }, field, note));
  field.select();
  await judge();
}
