// What Pusher's HTTP API checks before it answers, and nothing else: signature, MD5 of the body,
// age of the request, JSON.
//
//   node verify.mjs PORT

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const KEY = "mock-pusher-key";
const SECRET = "mock-pusher-secret";
const TEN_MINUTES = 600;

function refusal(request, body) {
  const mark = request.url.indexOf("?");
  const path = mark < 0 ? request.url : request.url.slice(0, mark);
  const given = new URLSearchParams(mark < 0 ? "" : request.url.slice(mark + 1));
  const pairs = [];
  for (const [name, value] of given) if (name !== "auth_signature") pairs.push(`${name}=${value}`);
  const text = `${request.method}\n${path}\n${pairs.sort().join("&")}`;
  const expected = createHmac("sha256", SECRET).update(text).digest();
  const signature = Buffer.from(given.get("auth_signature") ?? "", "hex");
  if (given.get("auth_key") !== KEY) return [401, "unknown key"];
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
    return [401, "wrong signature"];
  if (!(Math.abs(Date.now() / 1000 - given.get("auth_timestamp")) <= TEN_MINUTES))
    return [401, "too old"];
  if (given.get("body_md5") !== createHash("md5").update(body).digest("hex"))
    return [401, "wrong body_md5"];
  try {
    const event = JSON.parse(body);
    if (typeof event.name !== "string" || typeof event.data !== "string")
      return [400, "no name or data"];
  } catch {
    return [400, "not JSON"];
  }
  return [200, "{}"];
}

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const health = request.method === "GET" && request.url === "/health";
    const body = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const [status, text] = health ? [200, "{}"] : refusal(request, body);
    response.writeHead(status, {
      "Content-Type": "application/json",
      "Content-Length": text.length,
    });
    response.end(text);
  });
});
server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
