// The connection to Pusher, made of what the server has put into the page.
//
// Without pusher-js (not installed, or the mock is in the server's memory) there is none: then
// nothing is heard, and what wants to be current asks the server now and then (`refresh.js`).

const embedded = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "{}");

const { key, ...options } = embedded("pusher-config");
const channels = embedded("page-channels");
const pusher = window.Pusher ? new window.Pusher(key, options) : null;

/** What Django wants of every request that changes something; pusher-js sends it as well. */
export const csrf = options.channelAuthorization?.headers ?? {};

export const isLive = () => pusher?.connection.state === "connected";

/** Tells the server which connection need not hear what this page itself has caused. */
export const sender = () => (isLive() ? { "X-Socket-ID": pusher.connection.socket_id } : {});

/**
 * Subscribe to one of the page's channels.
 *
 * @param name which, as in `page-channels`.
 * @param work functions by the name of their event. `missed` runs after each subscription, the first
 *   one too: what happened since the page was made, or while the connection was down, nobody told.
 * @returns the channel of pusher-js, if there is one.
 */
export function listen(name, { missed, ...work }) {
  if (!pusher || !channels[name]) return null;
  const channel = pusher.subscribe(channels[name]);
  for (const [event, react] of Object.entries(work)) channel.bind(event, react);
  if (missed) channel.bind("pusher:subscription_succeeded", missed);
  return channel;
}

/** Keep the badge in the header true. */
export function showConnection() {
  const badge = document.getElementById("connection");
  if (!badge) return;
  let before = false;

  function show() {
    const state = pusher?.connection.state;
    const [name, words] =
      state === "connected"
        ? ["live", "Live"]
        : !pusher || !navigator.onLine || ["disconnected", "failed"].includes(state)
          ? ["offline", "Offline"]
          : ["reconnecting", before ? "Reconnecting …" : "Connecting …"];
    before ||= isLive();
    badge.dataset.state = name;
    badge.textContent = words;
  }

  pusher?.connection.bind("state_change", show);
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
