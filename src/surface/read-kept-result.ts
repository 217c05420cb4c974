import { ResourceNotFoundError, type ReadResourceResult } from "@modelcontextprotocol/server";
import type { ResourceTemplateType } from "@modelcontextprotocol/server";
import { jsonLength } from "../base/json-length.ts";
import {
  parseResultUri,
  RESULT_TEMPLATES,
  resultUri,
  type KeptResult,
  type ResultPart,
} from "../base/kept-result.ts";
import { pagesOf } from "../base/pages.ts";
import type { Host } from "../host/host.ts";
import type { ContentBlock } from "../plugin-api/index.ts";

export const resultTemplates: readonly ResourceTemplateType[] = [
  {
    name: "result text",
    uriTemplate: RESULT_TEMPLATES.text,
    description: "A page of an answer that was too long to send at once. The answer says where.",
    mimeType: "text/plain",
  },
  {
    name: "result data",
    uriTemplate: RESULT_TEMPLATES.data,
    description: "A page of the structured content of such an answer.",
    mimeType: "application/json",
  },
  {
    name: "result meta",
    uriTemplate: RESULT_TEMPLATES.meta,
    description: "A page of what else such an answer brings, under `_meta`.",
    mimeType: "application/json",
  },
  {
    name: "result block",
    uriTemplate: RESULT_TEMPLATES.block,
    description:
      "A page of a picture, a sound or another block of such an answer. Pages of binary data are joined byte for byte.",
  },
];

/** Longest page of a part, in characters. */
export interface ResultPages {
  readonly text: number;
  /** Of base64, a multiple of 4, so that each page is base64 by itself. */
  readonly binary: number;
}

/** Pages of text are as long as an answer may be; two of binary data make the longest message. */
export function resultPages(limits: {
  readonly maxResultChars: number;
  readonly maxMessageBytes: number;
}): ResultPages {
  return { text: limits.maxResultChars, binary: 4 * Math.floor(limits.maxMessageBytes / 8) };
}

export function isResultUri(uri: string): boolean {
  return uri.startsWith("result:");
}

/** Reads a page of a kept answer. Throws for what is not there, or not there for this principal. */
export function readKeptResult(
  host: Host,
  uri: string,
  principal: string,
  longest: ResultPages,
): ReadResourceResult {
  const address = parseResultUri(uri);
  const result = address && host.results.find(address.id, principal);
  const body = address && result && bodyOf(result, address.part, longest.text);
  if (address === undefined || body === undefined) throw new ResourceNotFoundError(uri);
  const { part, page, id } = address;
  const pages = pagesOf(body.whole, body.isBinary ? longest.binary : longest.text);
  const shown = pages[page - 1];
  if (shown === undefined) throw new ResourceNotFoundError(uri);
  const next = page < pages.length ? resultUri(id, part, page + 1) : undefined;
  const note = `Page ${page} of ${pages.length}; next: ${next}`;
  // A part of a JSON text is none, and neither is a part of a picture one.
  const partType = body.isBinary ? "application/octet-stream" : "text/plain";
  return {
    contents: [
      {
        uri,
        ...body.fields,
        mimeType: pages.length === 1 ? body.mimeType : partType,
        ...(body.isBinary ? { blob: shown } : { text: shown }),
      },
      ...(next === undefined ? [] : [{ uri: next, mimeType: "text/plain", text: note }]),
    ],
    _meta: {
      "agentflow/page": { page, pages: pages.length, ...(next !== undefined && { next }) },
    },
  };
}

/** What is read page by page. */
interface Body {
  readonly whole: string;
  readonly isBinary: boolean;
  readonly mimeType: string;
  /** What else is said of it, on every page. */
  readonly fields?: object;
}

function bodyOf(result: KeptResult, part: ResultPart, longestField: number): Body | undefined {
  if (part === "text") return { whole: result.text, isBinary: false, mimeType: "text/plain" };
  if (part === "data" || part === "meta") {
    const json = result[part];
    return json === undefined ? undefined : jsonBody(json);
  }
  const block = result.blocks[Number(part.split("/")[1]) - 1];
  if (block === undefined) return undefined;
  const body = ownBody(block);
  // What is said beside it may be the long part.
  const { mimeType, fields } = body ?? {};
  const isShort = jsonLength({ mimeType, fields }, longestField) <= longestField;
  return body !== undefined && isShort ? body : jsonBody(JSON.stringify(block));
}

/** A block that holds something of its own, as that; undefined for one that only points somewhere. */
function ownBody(block: ContentBlock): Body | undefined {
  const said = block._meta && { _meta: block._meta };
  if (block.type === "image" || block.type === "audio") {
    return {
      whole: block.data,
      isBinary: true,
      mimeType: block.mimeType,
      ...(said && { fields: said }),
    };
  }
  if (block.type !== "resource") return undefined;
  const { uri: _uri, text, blob, mimeType, ...own } = block.resource as EmbeddedContents;
  const fields = { ...said, ...own };
  return blob === undefined
    ? { whole: text ?? "", isBinary: false, mimeType: mimeType ?? "text/plain", fields }
    : { whole: blob, isBinary: true, mimeType: mimeType ?? "application/octet-stream", fields };
}

interface EmbeddedContents {
  readonly uri: string;
  readonly mimeType?: string;
  readonly text?: string;
  readonly blob?: string;
}

function jsonBody(json: string): Body {
  return { whole: json, isBinary: false, mimeType: "application/json" };
}
