// Digests: how far the worker is, and the text when it is there.

import { listen } from "./live.js";
import { hasPart, renew } from "./parts.js";
import { whileNotLive } from "./refresh.js";

export function digests() {
  if (!hasPart("digests") && !hasPart("text")) return;

  listen("workspace", {
    missed: renew,
    "digest-progress": ({ digestId, done, total }) => {
      const badge = document.querySelector(`[data-digest="${CSS.escape(digestId)}"]`);
      if (badge) badge.textContent = `Being written: ${done} of ${total}`;
      else renew(); // somebody else has asked for it
    },
    "digest-ready": renew,
  });
  whileNotLive(() => {
    if (document.querySelector("[data-waiting]")) renew();
  });
}
