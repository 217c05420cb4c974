import {
  ProtocolError,
  ProtocolErrorCode,
  type GetPromptResult,
} from "@modelcontextprotocol/server";
import { parseTemplate, type Template } from "../base/template.ts";
import type { Catalogue, CataloguePrompt } from "../host/catalogue.ts";

const templates = new WeakMap<CataloguePrompt, Template>();

/** The prompt of a name. Throws -32602 for an unknown one. */
export function findPrompt(catalogue: Catalogue, name: string): CataloguePrompt {
  const prompt = catalogue.prompts.get(name);
  if (prompt !== undefined) return prompt;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`);
}

/** The arguments with what stands for absent ones. Throws -32602 that names what is missing. */
export function promptArguments(
  { name, manifest }: CataloguePrompt,
  given: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const { name: key, default: value, whenAbsent, required } of manifest.arguments) {
    const own = Object.hasOwn(given, key) ? given[key] : undefined;
    const stands = own ?? value ?? whenAbsent;
    if (stands !== undefined) values[key] = stands;
    else if (required) missing.push(key);
  }
  if (missing.length === 0) return values;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Prompt '${name}' needs the argument${missing.length > 1 ? "s" : ""} ${missing.map((key) => `'${key}'`).join(", ")}`,
  );
}

/** A prompt that is a text with placeholders, filled in; undefined for one that its plugin writes. */
export function renderTemplate(
  prompt: CataloguePrompt,
  values: Readonly<Record<string, string>>,
): GetPromptResult | undefined {
  const template = templateOf(prompt);
  if (template === undefined) return undefined;
  const { description } = prompt.manifest;
  return {
    ...(description !== undefined && { description }),
    messages: [{ role: "user", content: { type: "text", text: template.render(values) } }],
  };
}

function templateOf(prompt: CataloguePrompt): Template | undefined {
  const { template: text } = prompt.manifest;
  if (text === undefined) return undefined;
  let template = templates.get(prompt);
  if (template === undefined) {
    template = parseTemplate(text);
    templates.set(prompt, template);
  }
  return template;
}
