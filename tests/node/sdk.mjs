// The npm package `pusher`: calls its methods.

import Publisher from "pusher";

import { answer } from "./lines.mjs";

let sdk = null;

answer({
  create(options) {
    sdk = new Publisher(options);
  },
  // Methods that answer with a response of node-fetch.
  async request(method, ...args) {
    const response = await sdk[method](...args);
    return { status: response.status, text: await response.text() };
  },
  call: (method, ...args) => sdk[method](...args),
  webhook(headers, rawBody, extraTokens) {
    const webhook = sdk.webhook({ headers, rawBody });
    const valid = webhook.isValid(extraTokens);
    return { valid, events: valid ? webhook.getEvents() : null, time: valid ? webhook.getTime() : null };
  },
});
