// Commands in, answers out: one line of JSON each. The other end is runner.py.

import { createInterface } from "node:readline";

export function answer(commands) {
  const input = createInterface({ input: process.stdin });
  input.on("line", async (line) => {
    const { id, command, args } = JSON.parse(line);
    let reply;
    try {
      reply = { id, value: (await commands[command](...args)) ?? null };
    } catch (error) {
      const { name, message, status, body } = error;
      reply = { id, error: { name, message: message ?? String(error), status, body } };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  });
  input.on("close", () => process.exit(0)); // whoever drove us is gone
}
