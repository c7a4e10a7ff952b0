// The REST side: an event brings an id, this brings the rest.

import { csrf, sender } from "./live.js";

const PATIENCE_MS = 10_000;

/** The server has answered, and said no. */
export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

export const get = (url) => ask(url, {});

export const post = (url, fields) =>
  ask(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { ...csrf, ...sender() },
  });

/** `/api/messages/0/`, as Django writes it into the page, with the id in its place. */
export const withId = (url, id) => url.replace("/0/", `/${encodeURIComponent(id)}/`);

async function ask(url, options) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (response.ok) return response.json();
  throw new Refused(response.status, await reason(response));
}

async function reason(response) {
  try {
    const { error } = await response.json();
    return typeof error === "string" ? error : Object.values(error).flat().join(" ");
  } catch {
    return `the server answered with ${response.status}`;
  }
}
