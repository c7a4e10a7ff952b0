// The Node `ws` reference: the body of a plain POST is sent to each client with `client.send`.
//
//   node reference.mjs PORT

import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const sockets = new WebSocketServer({ noServer: true });

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    if (request.method === "POST") {
      const body = Buffer.concat(parts).toString();
      for (const client of sockets.clients) client.send(body);
    }
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": 2 });
    response.end("{}");
  });
});
server.on("upgrade", (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.on("error", () => client.terminate());
    sockets.emit("connection", client, request);
  }),
);
server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
