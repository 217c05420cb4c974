import { writeSync } from "node:fs";
import { faulty, tool } from "./_parts.mjs";

const frame = (text) => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([head, Buffer.from(text)]);
};

const kinds = {
  bytes: () => Buffer.from("no frame at all, only some text"),
  json: () => frame("{ no json"),
  forged: () => frame(JSON.stringify({ id: 4_711, result: { kind: "reply" } })),
  note: () => frame(JSON.stringify({ method: "log", params: { plugin: "canary", level: "info" } })),
};

export default faulty("garbles", {
  garble: tool(async ({ kind }) => {
    writeSync(3, kinds[kind]());
    await new Promise(() => setTimeout(() => undefined, 60_000));
  }),
});
