import { isBag } from "../base/bag.ts";
import type { ContentBlock, Json } from "../plugin-api/index.ts";
import { NotJsonError } from "./json-value.ts";

type Bag = Readonly<Record<string, Json>>;

interface Shape {
  /** Members that must be text. */
  readonly texts: readonly string[];
  /** Members that must be text where they are given. */
  readonly optional: readonly string[];
}

/** Clients refuse a whole answer for one member of the wrong type; it is found here instead, with its place. */
const SHAPES: Readonly<Record<string, Shape>> = {
  text: { texts: ["text"], optional: [] },
  image: { texts: ["data", "mimeType"], optional: [] },
  audio: { texts: ["data", "mimeType"], optional: [] },
  resource: { texts: [], optional: [] },
  resource_link: { texts: ["uri", "name"], optional: ["title", "description", "mimeType"] },
};
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/u;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/u;

export function checkBlocks(items: readonly Json[], pointer: string): readonly ContentBlock[] {
  items.forEach((item, index) => checkBlock(item, `${pointer}/${index}`));
  return items as unknown as readonly ContentBlock[];
}

/** Throws {@link NotJsonError} for what is no content block. */
export function checkBlock(block: Json, pointer: string): void {
  const type = isBag(block) ? block["type"] : undefined;
  const shape = typeof type === "string" && Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
  if (shape === undefined) {
    const types = Object.keys(SHAPES).join(", ");
    throw new NotJsonError(pointer, `no content block; its 'type' must be one of ${types}`);
  }
  const bag = block as Bag;
  for (const name of shape.texts) {
    if (typeof bag[name] !== "string") throw new NotJsonError(`${pointer}/${name}`, "not text");
  }
  if (!hasTexts(bag, shape.optional)) {
    throw new NotJsonError(pointer, `wrong: ${shape.optional.join(", ")} must be text`);
  }
  if (type === "image" || type === "audio") checkBase64(bag["data"], `${pointer}/data`);
  if (bag["size"] !== undefined && typeof bag["size"] !== "number") {
    throw new NotJsonError(`${pointer}/size`, "not a number of bytes");
  }
  if (bag["_meta"] !== undefined && !isBag(bag["_meta"])) {
    throw new NotJsonError(`${pointer}/_meta`, "not an object");
  }
  checkAnnotations(bag["annotations"], pointer);
  if (type === "resource") checkResource(bag["resource"], `${pointer}/resource`);
}

/** Whether each of the members is text or not there. */
export function hasTexts(
  bag: Readonly<Record<string, unknown>>,
  names: readonly string[],
): boolean {
  return names.every((name) => bag[name] === undefined || typeof bag[name] === "string");
}

function checkBase64(data: Json | undefined, pointer: string): void {
  if (typeof data !== "string" || !BASE64.test(data)) throw new NotJsonError(pointer, "not base64");
}

function checkResource(resource: Json | undefined, pointer: string): void {
  const whole =
    isBag(resource) &&
    typeof resource["uri"] === "string" &&
    hasTexts(resource, ["mimeType"]) &&
    (typeof resource["text"] === "string" || typeof resource["blob"] === "string");
  if (!whole) {
    throw new NotJsonError(pointer, "not a resource with 'uri', 'mimeType'? and 'text' or 'blob'");
  }
  if (resource["blob"] !== undefined) checkBase64(resource["blob"], `${pointer}/blob`);
}

function checkAnnotations(annotations: Json | undefined, pointer: string): void {
  if (annotations === undefined) return;
  const { audience, priority, lastModified } = isBag(annotations)
    ? annotations
    : { priority: Number.NaN };
  const isFine =
    (audience === undefined ||
      (Array.isArray(audience) &&
        audience.every((one) => one === "user" || one === "assistant"))) &&
    (priority === undefined || (typeof priority === "number" && priority >= 0 && priority <= 1)) &&
    (lastModified === undefined ||
      (typeof lastModified === "string" && ISO_TIME.test(lastModified)));
  if (isFine) return;
  throw new NotJsonError(
    `${pointer}/annotations`,
    "not { audience?, priority? (0 to 1), lastModified? (an ISO time) }",
  );
}
