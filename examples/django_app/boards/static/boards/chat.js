// The chat of a task: shown before it is sent, told to other tabs, heard of by id, caught up on.

import { Refused, get, post, withId } from "./api.js";
import { coalesced } from "./coalesce.js";
import { copyOf, fill } from "./elements.js";
import { listen } from "./live.js";
import { Messages } from "./messages.js";
import { whileNotLive } from "./refresh.js";

// Ids are given out before messages are committed: a lower one may be seen after a higher one.
const OVERLAP = 20;
const AGAIN_MS = 5_000;

export function chat() {
  const list = document.querySelector("[data-messages]");
  if (!list) return;
  const { messages: url, message: messageUrl } = list.dataset;
  const { user, name } = document.body.dataset;
  const form = document.querySelector("form.compose");
  const place = `boards user ${user} ${url}`;

  const messages = new Messages({ insert, draft, forget }, sessionStorage, place);
  for (const item of list.querySelectorAll("li[id]")) {
    messages.know(idOf(item), item.dataset.clientId);
  }
  messages.restore();

  // News of a message, from this tab or from another one of the same person.
  const tabs = new BroadcastChannel(place);
  tabs.onmessage = ({ data }) => take(data);

  function take({ drafted, saved, discarded }) {
    if (drafted) messages.draft(drafted);
    if (saved) messages.save(saved);
    if (discarded) messages.discard(discarded);
  }

  function tell(news) {
    take(news);
    tabs.postMessage(news);
  }

  // Sending ----------------------------------------------------------------------------------

  // The follow-up questions are said in the chat by forms of their own, which come and go.
  document.addEventListener("submit", (event) => {
    if (event.target.action !== form.action) return;
    event.preventDefault();
    const text = new FormData(event.target).get("text").trim();
    if (!text) return;
    if (event.target === form) form.reset();
    send({ clientId: newName(), text });
    list.scrollTop = list.scrollHeight;
  });

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  async function send({ clientId, text }) {
    tell({ drafted: { clientId, text, state: "sending" } });
    try {
      tell({ saved: await post(url, { clientId, text }) });
    } catch (error) {
      const reason = error instanceof Refused ? error.message : "the server does not answer";
      tell({ drafted: { clientId, text, state: "failed", reason } });
    }
  }

  // Hearing ----------------------------------------------------------------------------------

  let complete = messages.newest; // up to here nothing is missing

  const catchUp = coalesced(async () => {
    try {
      for (let more = true; more; ) {
        const after = Math.max(0, complete - OVERLAP);
        const answer = await get(`${url}?after=${after}`);
        answer.messages.forEach((message) => messages.save(message));
        const last = Number(answer.messages.at(-1)?.id ?? 0);
        more = answer.more && last > complete;
        complete = Math.max(complete, last);
      }
    } catch (error) {
      if (!(error instanceof Refused)) setTimeout(catchUp, AGAIN_MS);
    }
  });

  listen("task", {
    missed: catchUp,
    "new-message": async ({ messageId }) => {
      if (messages.has(messageId)) return;
      try {
        messages.save(await get(withId(messageUrl, messageId)));
      } catch (error) {
        if (!(error instanceof Refused)) catchUp();
      }
    },
  });
  whileNotLive(catchUp);

  // Showing ----------------------------------------------------------------------------------

  list.classList.add("scrolls");
  if (!location.hash) list.scrollTop = list.scrollHeight;

  function insert(message) {
    const item = fill(copyOf("message-template"), message);
    item.id = `message-${message.id}`;
    if (message.authorId === user) item.classList.add("mine");
    const isLater = (other) => other.dataset.draft || idOf(other) > idOf(item);
    show(item, [...list.children].find(isLater));
  }

  function draft({ clientId, text, state, reason }) {
    const item = fill(copyOf("message-template"), { author: name, authorId: user, text });
    item.dataset.draft = clientId;
    item.classList.add("mine", state);
    const fate = item.querySelector(".fate");
    fate.hidden = false;
    if (state === "sending") {
      fate.textContent = "Sending …";
    } else {
      fate.append(
        `Not sent: ${reason.replace(/\.$/, "")}.`,
        button("Retry", () => send({ clientId, text })),
        button("Discard", () => tell({ discarded: clientId })),
      );
    }
    const before = find(clientId);
    if (before) before.replaceWith(item);
    else show(item);
  }

  function forget(clientId) {
    find(clientId)?.remove();
  }

  function find(clientId) {
    return list.querySelector(`[data-draft="${clientId}"]`);
  }

  function show(item, later = null) {
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.querySelector("[data-empty]")?.remove();
    list.insertBefore(item, later);
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
}

const idOf = (item) => Number(item.id.replace("message-", ""));

function button(words, work) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "link";
  element.textContent = words;
  element.addEventListener("click", work);
  return element;
}

// `crypto.randomUUID` is for secure pages only, which http://192.168.0.7 is not.
function newName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
