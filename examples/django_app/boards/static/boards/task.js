// The task itself: its title and status, its runs, what they ask. (Its messages are in `chat.js`.)

import { listen } from "./live.js";
import { renew } from "./parts.js";

export function task() {
  const title = document.getElementById("title");
  if (!title) return;

  listen("task", {
    missed: renew,
    "task-title-update": ({ newTitle }) => {
      title.textContent = newTitle;
      renew(); // the form shows it as well
    },
    "workflow-status-update": renew,
    "stakwork-run-update": renew,
    "stakwork-run-decision": renew,
    "follow-up-questions": renew,
  });
}
