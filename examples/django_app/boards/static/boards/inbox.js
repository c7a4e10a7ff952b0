// The inbox: its number on every page, its list on its own.

import { get, withId } from "./api.js";
import { listen } from "./live.js";
import { hasPart, renew } from "./parts.js";

const SHOWN_MS = 12_000;

export function inbox() {
  const number = () => document.getElementById("unread");
  if (!number()) return;

  listen("user", {
    missed: renew,
    notification: hear,
    "notifications-read": ({ unreadCount }) => count(unreadCount),
  });

  async function hear({ notificationId }) {
    try {
      const notification = await get(withId(number().dataset.notification, notificationId));
      count(notification.unreadCount);
      announce(notification);
    } catch {
      renew(); // it can still be counted
    }
  }

  function count(unread) {
    const element = number();
    element.textContent = unread;
    element.title = `${unread} unread`;
    element.hidden = !unread;
    renew.again();
    if (hasPart("inbox")) renew();
  }

  function announce({ text, link }) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = text;
    const toast = document.createElement("p");
    toast.className = "toast";
    toast.role = "status";
    toast.append(anchor);
    document.body.append(toast);
    setTimeout(() => toast.remove(), SHOWN_MS);
  }
}
