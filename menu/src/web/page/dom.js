// Making elements. Text from the server only ever becomes text.

export const $ = (id) => document.getElementById(id);

/** `text` with characters that show nothing, or that reorder what stands beside them, made visible. */
export function visible(text) {
  return text
    .replace(/[\0-\x08\x0b-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replace(/[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** Makes an element. Names of attributes that begin with `on` are events; children are elements, texts, or nothing. */
export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child != null && child !== false) element.append(typeof child === "string" ? visible(child) : child);
  }
  return element;
}
