import { z } from "zod";
import { isBag, type Bag } from "../base/bag.ts";
import type { Manifest } from "../base/manifest.ts";
import type { Outcome, ProgressNote } from "../base/port.ts";
import type { Json } from "../plugin-api/index.ts";
import { checkBlock } from "../runtime/content-blocks.ts";
import type { ValidatorCode } from "../runtime/validator-code.ts";
import { FrameError } from "./framing.ts";

// A plugin can do in its process what it likes, also with what is ours there. What comes from it is as good as its word.

const text = z.string();
const name = z.string().regex(/^(?!__proto__$)[A-Za-z0-9._-]{1,128}$/u);
const bag = z.record(z.string(), z.unknown());
const texts = z.array(text);
const described = { title: text.optional(), description: text.optional() };
const milliseconds = z.number().positive().optional();

const roles = z.array(
  z.looseObject({
    name,
    version: text,
    description: text.optional(),
    className: text.optional(),
    members: texts,
    configSchema: bag.optional(),
  }),
);

const manifest = z.looseObject({
  info: z.looseObject({ name: text, version: text, dynamic: z.boolean().optional() }),
  tools: z.array(
    z.looseObject({
      ...described,
      name,
      category: text.optional(),
      inputSchema: z.looseObject({ type: z.literal("object") }),
      outputSchema: bag.optional(),
      annotations: z.looseObject({
        readOnlyHint: z.boolean().optional(),
        destructiveHint: z.boolean().optional(),
        idempotentHint: z.boolean().optional(),
      }),
      permissions: texts,
      settings: z.looseObject({
        timeoutMs: milliseconds,
        deadlineMs: milliseconds,
        retryCount: z.int().min(0).max(10).optional(),
      }),
    }),
  ),
  prompts: z.array(
    z.looseObject({
      ...described,
      name,
      template: text.optional(),
      arguments: z.array(z.looseObject({ name: text, required: z.boolean() })),
    }),
  ),
  resources: z.array(
    z.looseObject({ ...described, uri: text, name: text, isTemplate: z.boolean(), complete: bag }),
  ),
  categories: z.array(
    z.looseObject({
      name: text,
      description: text,
      examples: texts,
      keywords: texts,
      patterns: texts,
      confidenceThreshold: z.number(),
    }),
  ),
  agents: roles,
  llmBackends: roles,
  storageBackends: roles,
  quarantined: z.array(z.looseObject({ kind: text, name: text, reason: text })),
  warnings: texts,
  configSchema: bag.optional(),
});

/** Throws a {@link FrameError} for what cannot be a manifest. */
export function checkManifest(value: unknown): Manifest {
  const { success } = manifest.safeParse(value);
  if (!success) throw new FrameError("a description that is none");
  return value as Manifest;
}

/** Throws a {@link FrameError} for what cannot be the code of validators. */
export function checkValidators(value: unknown): ValidatorCode {
  if (!isBag(value) || !Object.values(value).every((code) => typeof code === "string")) {
    throw new FrameError("validators that are none");
  }
  return value as ValidatorCode;
}

/** Throws a {@link FrameError} for what cannot be an outcome. Runs for every call, so by hand. */
export function checkOutcome(value: unknown): Outcome {
  if (!isBag(value) || !isWhole(value)) throw new FrameError("an answer that is none");
  return value as unknown as Outcome;
}

function isWhole(outcome: Bag): boolean {
  switch (outcome["kind"]) {
    case "reply": {
      const { reply } = outcome;
      return (
        isBag(reply) &&
        isBlocks(reply["content"]) &&
        isOptionalBag(reply["envelope"]) &&
        isOptionalBag(reply["_meta"])
      );
    }
    case "messages":
      return isList(outcome["messages"], (item) => isBag(item) && isBlocks([item["content"]]));
    case "contents":
      return isList(outcome["contents"], (item) => isBag(item) && typeof item["uri"] === "string");
    case "values":
      return isList(outcome["values"], (item) => typeof item === "string");
    case "value":
      return true;
    case "input_required":
      return isBag(outcome["requests"]) && Object.values(outcome["requests"]).every(isBag);
    case "failure": {
      const { failure } = outcome;
      return (
        isBag(failure) &&
        typeof failure["code"] === "string" &&
        typeof failure["message"] === "string" &&
        typeof failure["retryable"] === "boolean"
      );
    }
    default:
      return false;
  }
}

/** Throws a {@link FrameError} for what cannot be a note of how far the work is. */
export function checkProgress(value: unknown): ProgressNote {
  const isNote =
    isBag(value) &&
    typeof value["done"] === "number" &&
    (value["total"] === undefined || typeof value["total"] === "number") &&
    (value["message"] === undefined || typeof value["message"] === "string");
  if (!isNote) throw new FrameError("a note of its progress that is none");
  return value as unknown as ProgressNote;
}

function isOptionalBag(value: unknown): boolean {
  return value === undefined || isBag(value);
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isBlocks(value: unknown): boolean {
  return isList(value, (block) => {
    try {
      checkBlock(block as Json, "");
      return true;
    } catch {
      return false;
    }
  });
}
