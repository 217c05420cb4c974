import { z } from "zod";
import type { JsonSchema } from "../plugin-api/index.ts";
import { configSchema, pluginHostKeys, serverSettings } from "./schema.ts";

/** The JSON Schema of a configuration file; each plugin's own keys stand beside the host's. */
export function configJsonSchema(pluginSchemas: ReadonlyMap<string, JsonSchema>): JsonSchema {
  const options = { target: "draft-7", io: "input" } as const;
  const schema = z.toJSONSchema(configSchema, options) as Shaped;
  const host = z.toJSONSchema(z.looseObject(pluginHostKeys.shape), options) as Shaped;
  const { $schema: _dialect, ...server } = z.toJSONSchema(serverSettings, options) as Shaped;
  const own = [...pluginSchemas].map(
    ([id, given]) => [id, moved(given, `#/definitions/${id}`)] as const,
  );
  const plugins = own.map(([id, { properties }]) => [
    id,
    {
      type: "object",
      properties: {
        ...(properties as JsonSchema | undefined),
        ...host.properties,
        config: { $ref: `#/definitions/${id}` },
      },
    },
  ]);
  return {
    title: "mcp.config.json of agentflow-mcp",
    ...schema,
    properties: {
      ...schema.properties,
      plugins: {
        ...schema.properties["plugins"],
        additionalProperties: {
          anyOf: [
            {
              ...(schema.properties["plugins"]?.["additionalProperties"] as JsonSchema),
              not: { properties: { type: server.properties["type"] }, required: ["type"] },
            },
            { ...server, oneOf: [{ required: ["command"] }, { required: ["url"] }] },
          ],
        },
        properties: Object.fromEntries(plugins) as JsonSchema,
      },
    },
    definitions: Object.fromEntries(own),
  };
}

interface Shaped extends JsonSchema {
  readonly properties: Readonly<Record<string, JsonSchema>>;
}

/** A schema for a new place: its references follow, and nothing is required, since the keys may stand beside `config`. */
function moved(schema: JsonSchema, root: string): JsonSchema {
  const { required: _required, $schema: _dialect, ...rest } = schema;
  return rewritten(rest, root) as JsonSchema;
}

function rewritten(value: unknown, root: string): unknown {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, root));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, child]): [string, unknown] =>
    key === "$ref" && typeof child === "string" && child.startsWith("#")
      ? [key, `${root}${child.slice(1)}`]
      : [key, rewritten(child, root)],
  );
  return Object.fromEntries(entries);
}
