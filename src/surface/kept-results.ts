import { ResourceNotFoundError, type ReadResourceResult } from "@modelcontextprotocol/server";
import type { ResourceTemplateType } from "@modelcontextprotocol/server";
import { pagesOf } from "../base/pages.ts";
import {
  parseResultUri,
  RESULT_TEMPLATES,
  resultUri,
  type KeptResult,
} from "../base/kept-result.ts";
import type { Host } from "../host/host.ts";

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
];

export function isResultUri(uri: string): boolean {
  return uri.startsWith("result:");
}

/** Reads a page of a kept answer. Throws for what is not there, or not there for this principal. */
export function readKeptResult(
  host: Host,
  uri: string,
  principal: string,
  pageChars: number,
): ReadResourceResult {
  const address = parseResultUri(uri);
  const result = address && host.results.find(address.id, principal);
  if (address === undefined || result === undefined) throw new ResourceNotFoundError(uri);
  const { part, page, id } = address;
  if (part !== "text" && part !== "data") {
    const contents = blockContents(result, Number(part.split("/")[1]), uri);
    if (contents === undefined || page !== 1) throw new ResourceNotFoundError(uri);
    return { contents: [contents] };
  }
  const pages = pagesOf((part === "text" ? result.text : result.data) ?? "", pageChars);
  const text = pages[page - 1];
  if (text === undefined) throw new ResourceNotFoundError(uri);
  const whole = pages.length === 1;
  const next = page < pages.length ? resultUri(id, part, page + 1) : undefined;
  return {
    contents: [
      // A part of a JSON text is none.
      { uri, mimeType: part === "data" && whole ? "application/json" : "text/plain", text },
      ...(next === undefined
        ? []
        : [
            {
              uri: next,
              mimeType: "text/plain",
              text: `Page ${page} of ${pages.length}; next: ${next}`,
            },
          ]),
    ],
    _meta: {
      "agentflow/page": { page, pages: pages.length, ...(next !== undefined && { next }) },
    },
  };
}

function blockContents(
  { blocks }: KeptResult,
  number: number,
  uri: string,
): ReadResourceResult["contents"][number] | undefined {
  const block = blocks[number - 1];
  if (block === undefined) return undefined;
  if (block.type === "image" || block.type === "audio") {
    return { uri, mimeType: block.mimeType, blob: block.data };
  }
  if (block.type === "resource") {
    const { mimeType, ...contents } = block.resource;
    return { ...contents, uri, ...(mimeType !== undefined && { mimeType }) };
  }
  return { uri, mimeType: "application/json", text: JSON.stringify(block) };
}
