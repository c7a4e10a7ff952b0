// Who is here: the members of the workspace's presence channel.

import { avatar } from "./elements.js";
import { listen } from "./live.js";
import { refresh, whileNotLive } from "./refresh.js";

// Who goes from one page to the next is away for a moment.
const GRACE_MS = 2_000;

export function here() {
  const part = document.querySelector("[data-refresh]");
  if (part) whileNotLive(() => refresh(part));

  const room = listen("presence", {
    missed: show,
    "pusher:member_added": show,
    "pusher:member_removed": () => setTimeout(show, GRACE_MS),
  });

  function show() {
    const members = [];
    room.members.each((member) => members.push(member));
    members.sort((one, other) => one.id - other.id);
    document.querySelector("[data-here]")?.replaceChildren(...members.map(line));
    const faces = document.querySelector("[data-faces]");
    faces?.replaceChildren(...members.map(face));
    if (faces) faces.hidden = false;
  }

  function line({ id, info }) {
    const name = document.createElement("span");
    name.textContent = info.name;
    const item = document.createElement("li");
    item.append(avatar(id, info.name), name);
    if (id === room.members.myID) {
      const you = document.createElement("span");
      you.className = "faint";
      you.textContent = "(you)";
      item.append(you);
    }
    return item;
  }

  function face({ id, info }) {
    const name = document.createElement("span");
    name.className = "name hidden";
    name.textContent = info.name;
    const item = document.createElement("li");
    item.title = id === room.members.myID ? `${info.name} (you)` : info.name;
    item.append(avatar(id, info.name), name);
    return item;
  }
}
