// Drives pusher-js clients, writes down all that they are told, and waits for it. Runs in Node and
// in browsers alike; the Python side is clients.py.

const PATIENCE = 10_000; // milliseconds, for what takes a few

export class Recorder {
  // `sign(signing)` makes the options of a client that needs no endpoint; browsers have none.
  constructor(Pusher, sign) {
    this.Pusher = Pusher;
    this.sign = sign;
    this.clients = new Map();
  }

  create(name, key, options, signing) {
    const signed = signing ? this.sign(signing) : {};
    this.clients.set(name, new Watched(new this.Pusher(key, { ...options, ...signed })));
  }

  // Ends all clients, and forgets them.
  clear() {
    for (const { pusher } of this.clients.values()) pusher.disconnect();
    this.clients.clear();
    this.Pusher.instances.length = 0;
  }

  do(name, method, ...args) {
    return this.clients.get(name)[method](...args);
  }
}

class Watched {
  constructor(pusher) {
    this.pusher = pusher;
    this.log = [];
    this.waiting = new Set();
    // Whatever a transport hears, heartbeats of the HTTP ones included.
    pusher.connection.bind("connected", () => {
      pusher.connection.connection.bind("activity", () => this.note("activity", "activity"));
    });
    pusher.connection.bind_global((event, data) => {
      if (event === "message") this.note("message", data.event, data);
      else this.note("connection", event, data);
    });
    pusher.bind_global((event, data) => this.note("global", event, data));
    pusher.user.bind_global((event, data) => this.note("user", event, data));
    pusher.user.watchlist.bind_global((event, data) => this.note("watchlist", event, data));
  }

  note(where, event, data, metadata) {
    this.log.push({ where, event, data: plain(data), metadata });
    for (const look of [...this.waiting]) look();
  }

  // What was heard, in order: [event, data] of one place.
  heard(where) {
    return this.log.filter((one) => one.where === where).map(({ event, data }) => [event, data]);
  }

  // The data of the first such event that was not taken before; it may have yet to come.
  async take(where, event, patience = PATIENCE) {
    return (await this.first(where, event, patience)).data;
  }

  // Whether there is one within so many milliseconds.
  came(where, event, patience) {
    return this.take(where, event, patience).then(() => true, () => false);
  }

  // The same of an event that `bind()` was told to listen to: [data, metadata].
  async bound(channel, event, patience = PATIENCE) {
    const { data, metadata } = await this.first(`bound ${channel}`, event, patience);
    return [data, metadata];
  }

  first(where, event, patience) {
    return new Promise((resolve, reject) => {
      let timer = null;
      const look = () => {
        const found = this.log.find(
          (one) => one.where === where && one.event === event && !one.taken,
        );
        if (!found) return;
        found.taken = true;
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(found);
      };
      timer = setTimeout(() => {
        this.waiting.delete(look);
        const heard = this.log.map((one) => `  ${one.where}: ${one.event} ${text(one.data)}`);
        const { state } = this.pusher.connection;
        const problem = `no ${event} of ${where} within ${patience} ms; ${state}; heard`;
        reject(new Error([problem, ...heard].join("\n")));
      }, patience);
      this.waiting.add(look);
      look();
    });
  }

  // Waits until all that the server had to say by now has been heard.
  async fence() {
    this.pusher.send_event("pusher:ping", {});
    await this.take("message", "pusher:pong");
  }

  subscribe(name) {
    const known = this.pusher.channel(name);
    const channel = this.pusher.subscribe(name);
    if (channel !== known) channel.bind_global((event, data) => this.note(name, event, data));
  }

  bind(name, event) {
    this.pusher
      .channel(name)
      .bind(event, (data, metadata) => this.note(`bound ${name}`, event, data, metadata));
  }

  unsubscribe(name) {
    this.pusher.unsubscribe(name);
  }

  trigger(name, event, data) {
    return this.pusher.channel(name).trigger(event, data);
  }

  // As no client of pusher-js would.
  send(event, data, channel) {
    return this.pusher.send_event(event, data, channel);
  }

  signin() {
    this.pusher.signin();
  }

  connect() {
    this.pusher.connect();
  }

  disconnect() {
    this.pusher.disconnect();
  }

  state() {
    const { state, socket_id, connection } = this.pusher.connection;
    const channels = this.pusher.allChannels();
    return {
      state,
      socket_id,
      transport: connection && connection.transport ? connection.transport.name : null,
      tls: this.pusher.connection.isUsingTLS(),
      user: plain(this.pusher.user.user_data),
      subscribed: channels.filter((one) => one.subscribed).map((one) => one.name),
      counts: Object.fromEntries(channels.map((one) => [one.name, one.subscriptionCount ?? null])),
    };
  }

  members(name) {
    const { members } = this.pusher.channel(name);
    return { count: members.count, me: members.me, members: plain(members.members) };
  }
}

function text(value) {
  const json = JSON.stringify(value);
  return json.length > 200 ? `${json.slice(0, 200)}…` : json;
}

function plain(value) {
  try {
    return JSON.parse(JSON.stringify(value ?? null));
  } catch {
    return String(value); // an error that refers to itself
  }
}
