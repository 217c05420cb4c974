import {
  ProtocolError,
  ProtocolErrorCode,
  type GetPromptResult,
} from "@modelcontextprotocol/server";
import { parseTemplate, type Template } from "../base/template.ts";
import type { Catalogue, CataloguePrompt } from "../host/catalogue.ts";

const templates = new WeakMap<CataloguePrompt, Template>();

/** Fills in a prompt. Throws -32602 that names what is unknown or missing. */
export function getPrompt(
  catalogue: Catalogue,
  name: string,
  args: Readonly<Record<string, string>> = {},
): GetPromptResult {
  const prompt = catalogue.prompts.get(name);
  if (prompt === undefined) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`);
  }
  const { manifest } = prompt;
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const { name: key, default: value, whenAbsent } of manifest.arguments) {
    const given = Object.hasOwn(args, key) ? args[key] : undefined;
    const stands = given ?? value ?? whenAbsent;
    if (stands === undefined) missing.push(key);
    else values[key] = stands;
  }
  if (missing.length > 0) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `Prompt '${name}' needs the argument${missing.length > 1 ? "s" : ""} ${missing.map((key) => `'${key}'`).join(", ")}`,
    );
  }
  return {
    ...(manifest.description !== undefined && { description: manifest.description }),
    messages: [
      { role: "user", content: { type: "text", text: templateOf(prompt).render(values) } },
    ],
  };
}

function templateOf(prompt: CataloguePrompt): Template {
  let template = templates.get(prompt);
  if (template === undefined) {
    template = parseTemplate(prompt.manifest.template);
    templates.set(prompt, template);
  }
  return template;
}
