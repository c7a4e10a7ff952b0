// Parts of the page that only the server can make, forms above all: when an event says that they
// have changed, the page is fetched again and they are taken from it.

import { coalesced } from "./coalesce.js";
import { localTimes } from "./elements.js";

const BURST_MS = 50;

// What the server sent last. Its forms have another token each time; that is no change.
const sent = new WeakMap();
const source = (part) => part.innerHTML.replaceAll(/(name="csrfmiddlewaretoken" value=)"\w+"/g, "$1");
const parts = () => document.querySelectorAll("[data-part]");

for (const part of parts()) sent.set(part, source(part));

export const hasPart = (name) => document.querySelector(`[data-part="${name}"]`) !== null;

export const renew = coalesced(async () => {
  let fetched;
  try {
    const response = await fetch(location.href, { cache: "no-store" });
    if (!response.ok || response.redirected) return; // gone, or logged out: what is shown stays
    fetched = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return; // the server is away: the next event, or the next connection, asks again
  }
  document.title = fetched.title;
  for (const part of parts()) {
    const fresh = fetched.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!fresh || source(fresh) === sent.get(part)) continue;
    if (part.contains(document.activeElement)) {
      part.addEventListener("focusout", renew, { once: true }); // nobody is interrupted
      continue;
    }
    sent.set(part, source(fresh));
    part.replaceChildren(...fresh.childNodes);
    localTimes(part);
  }
}, BURST_MS);
