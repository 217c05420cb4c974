import type { ContentBlock } from "../plugin-api/index.ts";

/** An answer that was too long to send. */
export interface KeptResult {
  /** All of its text. */
  readonly text: string;
  /** Its structured content, as JSON. */
  readonly data?: string;
  /** What else it brings, as JSON: its `_meta`, and the author's fields where the data stand alone. */
  readonly meta?: string;
  /** Blocks that are no text. */
  readonly blocks: readonly ContentBlock[];
  /** When it may be gone, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Which part of a kept answer: its text, its structured content, its `_meta`, or one of its blocks, counted from 1. */
export type ResultPart = "text" | "data" | "meta" | `blocks/${number}`;

export interface ResultAddress {
  readonly id: string;
  readonly part: ResultPart;
  /** From 1. */
  readonly page: number;
}

export const RESULT_TEMPLATES = {
  text: "result://{id}/text/{page}",
  data: "result://{id}/data/{page}",
  meta: "result://{id}/meta/{page}",
  block: "result://{id}/blocks/{number}/{page}",
} as const;

const ADDRESS =
  /^result:\/\/(?<id>[\w-]{1,64})(?:\/(?<part>text|data|meta|blocks\/[1-9]\d{0,5}))?(?:\/(?<page>[1-9]\d{0,8}))?$/u;

/** Where a part of a kept answer is read; its first page has no number. */
export function resultUri(id: string, part: ResultPart, page = 1): string {
  return `result://${id}/${part}${page === 1 ? "" : `/${page}`}`;
}

/** What a `result:` URI names; undefined for one that names nothing. */
export function parseResultUri(uri: string): ResultAddress | undefined {
  const { id, part = "text", page = "1" } = ADDRESS.exec(uri)?.groups ?? {};
  return id === undefined ? undefined : { id, part: part as ResultPart, page: Number(page) };
}
