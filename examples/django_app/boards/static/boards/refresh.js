// Asking now and then, for a page that is not live: nobody tells it anything.

import { isLive } from "./live.js";

const EVERY_MS = 10_000;

/** Do some work every few seconds while the page is not live and somebody looks at it. */
export function whileNotLive(work) {
  setInterval(() => {
    if (!isLive() && !document.hidden) work();
  }, EVERY_MS);
}

/** Render `[data-refresh]` anew, unless somebody is about to press something in it. */
export async function refresh(part) {
  if (part.contains(document.activeElement)) return;
  try {
    const response = await fetch(part.dataset.refresh);
    if (response.ok && !response.redirected) part.innerHTML = await response.text();
  } catch {
    // The server is away: what is shown stays, and the next time may be better.
  }
}
