// What runs on every page of somebody who is logged in. Each part does nothing where its elements
// are not. All of it comes on top: the pages and their forms work without a script.

import { chat } from "./chat.js";
import { digests } from "./digests.js";
import { localTimes } from "./elements.js";
import { here } from "./here.js";
import { inbox } from "./inbox.js";
import { showConnection } from "./live.js";
import { notes } from "./notes.js";
import { task } from "./task.js";
import { workspace } from "./workspace.js";

localTimes(document);
for (const start of [showConnection, chat, digests, here, inbox, notes, task, workspace]) start();
