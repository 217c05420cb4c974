import type { ToolConfig } from "agentflow-mcp/plugin";
import type { z } from "zod";

/** The JSON Schema that clients see. */
export function publishedBy({ outputSchema }: ToolConfig): object {
  const standard = (outputSchema as z.ZodType)["~standard"];
  return standard.jsonSchema.output({ target: "draft-2020-12" });
}

/** The text without the parts that hold what others have written. */
export function ownWords(text: string): string {
  return text.replaceAll(/<aws-data[^>]*>[\s\S]*?<\/aws-data>/g, "");
}
