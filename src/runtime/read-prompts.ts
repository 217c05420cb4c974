import type { PromptArgument } from "../plugin-api/index.ts";
import type { PromptManifest, Quarantined } from "../base/manifest.ts";
import { messageOf } from "../base/errors.ts";
import { parseTemplate } from "../base/template.ts";
import type { LivePrompt } from "./live-plugin.ts";
import { canonical, isRecord } from "./spelling.ts";

const PROMPT_FIELDS = ["title", "description", "template", "arguments"];
const ARGUMENT_FIELDS = ["title", "description", "default", "whenAbsent"];
const PROMPT_NAME = /^[A-Za-z0-9._-]{1,128}$/u;

export interface ReadPrompts {
  readonly manifests: readonly PromptManifest[];
  readonly prompts: ReadonlyMap<string, LivePrompt>;
  readonly quarantined: readonly Quarantined[];
}

/** Reads `getPrompts()`. */
export function readPrompts(entries: Readonly<Record<string, unknown>>): ReadPrompts {
  const manifests: PromptManifest[] = [];
  const prompts = new Map<string, LivePrompt>();
  const quarantined: Quarantined[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    try {
      const manifest = readPrompt(name, entry);
      manifests.push(manifest);
      prompts.set(name, {
        template: parseTemplate(manifest.template),
        defaults: promptDefaults(manifest),
      });
    } catch (error) {
      quarantined.push({ kind: "prompt", name, reason: messageOf(error) });
    }
  }
  return { manifests, prompts, quarantined };
}

/** What stands for the arguments that a caller leaves out. */
function promptDefaults(prompt: PromptManifest): Readonly<Record<string, string>> {
  const pairs = prompt.arguments.flatMap(({ name, default: value, whenAbsent }) => {
    const stands = value ?? whenAbsent;
    return stands === undefined ? [] : [[name, stands] as const];
  });
  return Object.fromEntries(pairs);
}

function readPrompt(name: string, entry: unknown): PromptManifest {
  if (!PROMPT_NAME.test(name)) {
    throw new Error("the name may have letters, digits, '.', '_' and '-', 1 to 128 of them");
  }
  if (typeof entry !== "string" && !isRecord(entry)) {
    throw new Error(`is ${typeof entry}, neither text nor a prompt definition`);
  }
  const definition: Readonly<Record<string, unknown>> =
    typeof entry === "string" ? { template: entry } : canonical(entry, PROMPT_FIELDS);
  const { template, title, description, arguments: described } = definition;
  if (typeof template !== "string") throw new Error("'template' must be text");
  const details = isRecord(described) ? described : {};
  return {
    name,
    ...(typeof title === "string" && { title }),
    ...(typeof description === "string" && { description }),
    template,
    arguments: parseTemplate(template).placeholders.map((placeholder) => ({
      name: placeholder,
      ...readArgument(details[placeholder]),
    })),
  };
}

function readArgument(value: unknown): PromptArgument {
  if (!isRecord(value)) return {};
  const fields = Object.entries(canonical(value, ARGUMENT_FIELDS));
  return Object.fromEntries(
    fields.filter(([key, field]) => ARGUMENT_FIELDS.includes(key) && typeof field === "string"),
  );
}
