import { existsSync, readFileSync } from "node:fs";
import { faulty, tool } from "./_parts.mjs";

// In the folder that the server runs in.
const LISTENER = existsSync("listener.txt") ? readFileSync("listener.txt", "utf8") : "http://[::1]";

function deep(levels) {
  let schema = { type: "string" };
  for (let level = 0; level < levels; level++) {
    schema = { type: "object", properties: { next: schema } };
  }
  return schema;
}

const wide = {
  type: "object",
  properties: Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [`field_${index}`, { type: "string" }]),
  ),
};

const schema = (inputSchema) => tool(() => "accepted", { inputSchema });
const object = (properties) => ({ type: "object", properties });

export default faulty("odd-schemas", {
  invalid: schema(object({ count: { type: "int" } })),
  unknown_dialect: schema({ $schema: "https://example.com/dialect", type: "object" }),
  network_ref: schema(object({ thing: { $ref: `${LISTENER}/schema.json` } })),
  self_ref: schema(object({ again: { $ref: "#" } })),
  endless_ref: schema({ type: "object", $ref: "#" }),
  bad_pattern: schema(object({ text: { type: "string", pattern: "(" } })),
  wide: schema(wide),
  deep: schema(deep(500)),
});
