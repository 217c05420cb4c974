import type { StandardSchemaV1 } from "@modelcontextprotocol/client";

/** Takes a result as it is, where the SDK wants a schema: what the SDK knows of a result is not all that is in it. */
export const unchecked: StandardSchemaV1<unknown, Readonly<Record<string, unknown>>> = {
  "~standard": {
    version: 1,
    vendor: "agentflow",
    validate: (value) => ({ value: value as Readonly<Record<string, unknown>> }),
  },
};
