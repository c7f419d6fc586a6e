// Calls to the server. The token stands behind `#` in the printed address; it is taken out of the address bar and
// kept for a reload of this tab.

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  sessionStorage.setItem("token", given);
  history.replaceState(null, "", location.pathname);
}
export const token = sessionStorage.getItem("token") ?? "";

// The address of a new server, pasted here, differs only behind `#`: that alone loads nothing.
addEventListener("hashchange", () => location.reload());

/** What was asked cannot be done now: `answer` says why, `call` is the name of the call. */
export class Refused extends Error {
  constructor(call, answer) {
    super(answer.refused);
    this.call = call;
    this.answer = answer;
  }
}

/** The server does not answer, or not to this page. */
export class Gone extends Error {}

async function call(name, path, options) {
  let response, text;
  try {
    response = await fetch(`/api/${path}`, { ...options, headers: { ...options?.headers, "X-Kit-Token": token } });
    text = await response.text();
  } catch {
    throw new Gone("kit config web does not answer: it has ended");
  }
  if (response.status === 403) throw new Gone(text.trim());
  const kind = response.headers.get("Content-Type") ?? "";
  if (kind.startsWith("image/svg")) return text;
  if (!kind.startsWith("application/json")) throw new Error(text.trim());
  const answer = JSON.parse(text);
  if (!response.ok) throw new Error(answer.error);
  if (answer.refused != null) throw new Refused(name, answer);
  return answer;
}

export const get = (name, parameters) => call(name, `${name}?${new URLSearchParams(parameters)}`);

export const post = (name, body) =>
  call(name, name, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
