// Notes: they arrive with their text, which pusher-js has decrypted.

import { withId } from "./api.js";
import { copyOf, fill } from "./elements.js";
import { listen } from "./live.js";
import { renew } from "./parts.js";

export function notes() {
  const list = document.querySelector('[data-part="notes"]');
  if (!list) return;

  listen("notes", {
    missed: renew,
    "note-added": (note) => {
      if (!find(note)) add(note);
      renew.again(); // a page that is being fetched may be from before
    },
    "note-removed": (note) => {
      find(note)?.remove();
      renew.again();
    },
  });

  const find = ({ noteId }) => document.getElementById(`note-${noteId}`);

  function add(note) {
    const item = fill(copyOf("note-template"), { ...note, created: new Date().toISOString() });
    item.id = `note-${note.noteId}`;
    const form = item.querySelector("form");
    form.action = withId(form.getAttribute("action"), note.noteId);
    list.querySelector("[data-empty]")?.remove();
    list.prepend(item);
  }
}
