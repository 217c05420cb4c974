import type { StandardSchema } from "agentflow-mcp/plugin";
import { z } from "zod";

/** An output schema as a tool shows it to clients: open, so that a later version may add to what they have seen. */
export function published<Schema extends z.ZodType>(
  schema: Schema,
): StandardSchema<z.infer<Schema>> {
  const standard = schema["~standard"];
  const publish = () => z.toJSONSchema(schema, { io: "input" });
  return {
    "~standard": {
      version: standard.version,
      vendor: standard.vendor,
      validate: standard.validate,
      jsonSchema: { input: publish, output: publish },
    },
  };
}
