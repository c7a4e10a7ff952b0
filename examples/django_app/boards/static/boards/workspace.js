// The workspace: what its lists and its map show is the server's to say.

import { listen } from "./live.js";
import { hasPart, renew } from "./parts.js";

export function workspace() {
  if (!hasPart("tasks")) return;

  listen("workspace", {
    missed: renew,
    "workspace-task-title-update": renew,
    "workflow-status-update": renew,
    "highlight-nodes": renew,
    "recommendations-updated": renew,
    "connection-count": ({ count }) => {
      const line = document.querySelector("[data-count]");
      line.textContent = `Last counted: ${count === 1 ? "1 person" : `${count} people`}.`;
      line.hidden = false;
    },
  });
}
