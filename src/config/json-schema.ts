import { z } from "zod";
import type { JsonSchema } from "../plugin-api/index.ts";
import { configSchema, pluginHostKeys } from "./schema.ts";

/** The JSON Schema of a configuration file; each plugin's own keys stand beside the host's. */
export function configJsonSchema(pluginSchemas: ReadonlyMap<string, JsonSchema>): JsonSchema {
  const options = { target: "draft-7", io: "input" } as const;
  const schema = z.toJSONSchema(configSchema, options) as {
    readonly properties: Readonly<Record<string, JsonSchema>>;
  };
  const host = z.toJSONSchema(z.looseObject(pluginHostKeys.shape), options) as {
    readonly properties: Readonly<Record<string, JsonSchema>>;
  };
  const plugins = [...pluginSchemas].map(([id, own]) => {
    const properties = own["properties"] as JsonSchema | undefined;
    return [
      id,
      {
        type: "object",
        properties: { ...properties, ...host.properties, config: optional(own) },
      },
    ];
  });
  return {
    title: "mcp.config.json of agentflow-mcp",
    ...schema,
    properties: {
      ...schema.properties,
      plugins: {
        ...schema.properties["plugins"],
        properties: Object.fromEntries(plugins) as JsonSchema,
      },
    },
  };
}

/** The keys may stand beside `config` instead, so that none of them is required in it. */
function optional(own: JsonSchema): JsonSchema {
  const { required: _required, $schema: _dialect, ...rest } = own;
  return rest;
}
