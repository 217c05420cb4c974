import { isBag } from "../base/bag.ts";
import type { PromptArgumentManifest, PromptManifest, Quarantined } from "../base/manifest.ts";
import { messageOf } from "../base/errors.ts";
import { parseTemplate } from "../base/template.ts";
import type { CompleterFunction, LivePrompt } from "./live-plugin.ts";
import { DESCRIBED_FIELDS, plain, readCompleter, readDescribed } from "./read-metadata.ts";
import { fieldSlips } from "./slips.ts";
import { canonical, member, method } from "./spelling.ts";

const PROMPT_FIELDS = [...DESCRIBED_FIELDS, "template", "messages", "arguments"];
const ARGUMENT_FIELDS = ["title", "description", "required", "default", "whenAbsent", "complete"];
const PROMPT_NAME = /^[A-Za-z0-9._-]{1,128}$/u;

export interface ReadPrompts {
  readonly manifests: readonly PromptManifest[];
  readonly prompts: ReadonlyMap<string, LivePrompt>;
  readonly quarantined: readonly Quarantined[];
  readonly warnings: readonly string[];
}

/** Reads `getPrompts()`. */
export function readPrompts(entries: Readonly<Record<string, unknown>>): ReadPrompts {
  const manifests: PromptManifest[] = [];
  const prompts = new Map<string, LivePrompt>();
  const quarantined: Quarantined[] = [];
  const warnings: string[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    try {
      const { manifest, live } = readPrompt(name, entry);
      manifests.push(manifest);
      prompts.set(name, live);
      warnings.push(...oddities(manifest, entry));
    } catch (error) {
      quarantined.push({ kind: "prompt", name, reason: messageOf(error) });
    }
  }
  return { manifests, prompts, quarantined, warnings };
}

/** What works, and is probably not what the author meant. */
function oddities(prompt: PromptManifest, entry: unknown): readonly string[] {
  const where = `the prompt '${prompt.name}'`;
  const described = member(entry, "arguments");
  const names = new Set(prompt.arguments.map(({ name }) => name));
  const unused = Object.keys(isBag(described) ? described : {}).filter((name) => !names.has(name));
  return [
    ...(isBag(entry) ? fieldSlips(where, entry, PROMPT_FIELDS) : []),
    ...unused.map(
      (name) => `${where} describes the argument '${name}', which its template does not use`,
    ),
  ];
}

function readPrompt(
  name: string,
  entry: unknown,
): { readonly manifest: PromptManifest; readonly live: LivePrompt } {
  if (!PROMPT_NAME.test(name)) {
    throw new Error("the name may have letters, digits, '.', '_' and '-', 1 to 128 of them");
  }
  if (typeof entry !== "string" && !isBag(entry)) {
    throw new Error(`is ${typeof entry}, neither text nor a prompt definition`);
  }
  const definition: Readonly<Record<string, unknown>> =
    typeof entry === "string" ? { template: entry } : canonical(entry, PROMPT_FIELDS);
  const messages = method(entry, "messages") as LivePrompt["messages"];
  const { template } = definition;
  if ((typeof template === "string") === (messages !== undefined)) {
    throw new Error("must have either a 'template', which is text, or a function 'messages'");
  }
  const parsed = typeof template === "string" ? parseTemplate(template) : undefined;
  const details = isBag(definition["arguments"]) ? definition["arguments"] : {};
  const completers = new Map<string, CompleterFunction>();
  const args = (parsed?.placeholders ?? Object.keys(details)).map((argument) =>
    readArgument(argument, details[argument], completers),
  );
  return {
    manifest: plain({
      name,
      ...readDescribed(definition),
      ...(typeof template === "string" && { template }),
      arguments: args,
    }),
    live: {
      ...(parsed && { template: parsed }),
      ...(messages && { messages }),
      defaults: promptDefaults(args),
      completers,
    },
  };
}

function readArgument(
  name: string,
  value: unknown,
  completers: Map<string, CompleterFunction>,
): PromptArgumentManifest {
  if (!isBag(value)) return { name, required: true };
  const fields = canonical(value, ARGUMENT_FIELDS);
  const { required, complete, default: fallback, whenAbsent } = fields;
  const texts = Object.entries({
    title: fields["title"],
    description: fields["description"],
    default: fallback,
    whenAbsent,
  }).filter((field): field is [string, string] => typeof field[1] === "string");
  const optional = typeof fallback === "string" || typeof whenAbsent === "string";
  const completer =
    complete === undefined ? undefined : readCompleter(`arguments.${name}.complete`, complete);
  if (completer?.run !== undefined) completers.set(name, completer.run);
  return {
    name,
    ...Object.fromEntries(texts),
    required: optional ? false : required !== false,
    ...(completer && { complete: completer.manifest }),
  };
}

/** What stands for the arguments that a caller leaves out. */
function promptDefaults(args: readonly PromptArgumentManifest[]): Readonly<Record<string, string>> {
  const pairs = args.flatMap(({ name, default: value, whenAbsent }) => {
    const stands = value ?? whenAbsent;
    return stands === undefined ? [] : [[name, stands] as const];
  });
  return Object.fromEntries(pairs);
}
