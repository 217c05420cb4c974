import { hostFailure } from "../base/failure.ts";
import { jsonFits, jsonLength } from "../base/json-length.ts";
import { resultUri, type ResultPart } from "../base/kept-result.ts";
import { cutAt } from "../base/pages.ts";
import {
  failed,
  type Envelope,
  type FailedOutcome,
  type Outcome,
  type Reply,
} from "../base/port.ts";
import type { ContentBlock, JsonObject } from "../plugin-api/index.ts";
import type { BudgetLimits } from "./budget.ts";
import type { Call } from "./call.ts";
import type { Kept, Results } from "./results.ts";

type TextBlock = Extract<ContentBlock, { type: "text" }>;
type Fields = Readonly<Record<string, unknown>>;

/** As much of a long text, or of long fields, stands in the answer itself. */
const PREVIEW_CHARS = 4_000;
/** So many blocks get a link of their own; of more, links would be as long as blocks. */
const MOST_LINKS = 20;
const LONGEST_CODE = 200;

/** One answer that may be over its budget, in the parts that go out, each of which is measured by itself. */
export class Spill {
  readonly #call: Call;
  readonly #reply: Reply;
  readonly #limits: BudgetLimits;
  readonly #results: Results;
  readonly #texts: readonly TextBlock[];
  readonly #blocks: readonly ContentBlock[];
  /** What a program reads, as JSON. */
  readonly #data: string | undefined;
  /** What goes out under `_meta`, as JSON. */
  readonly #meta: string | undefined;
  #kept: Kept | undefined;

  constructor(call: Call, reply: Reply, limits: BudgetLimits, results: Results) {
    this.#call = call;
    this.#reply = reply;
    this.#limits = limits;
    this.#results = results;
    this.#texts = reply.content.filter(isText);
    this.#blocks = reply.content.filter((block) => !isText(block));
    const { data, envelope, _meta, verbatim } = reply;
    if (verbatim) {
      this.#data = asJson(data);
      this.#meta = asJson(_meta);
    } else if (call.owesData) {
      // An error gives no data.
      this.#data = envelope?.error === undefined ? asJson(data) : undefined;
      this.#meta = asJson({ ..._meta, ...(envelope && { "agentflow/result": envelope }) });
    } else {
      this.#data = asJson({ ...envelope, ...(data !== undefined && { data }) });
      this.#meta = asJson(_meta);
    }
  }

  outcome(whole: Extract<Outcome, { kind: "reply" }>): Outcome {
    const { maxResultChars, maxMessageBytes } = this.#limits;
    const text = this.#texts.map((block) => block.text).join("\n\n");
    const data = this.#data?.length ?? 0;
    const meta = this.#meta?.length ?? 0;
    const isLong = {
      text: text.length > maxResultChars || isOver(this.#texts.map(withoutText), maxResultChars),
      data: data > maxResultChars,
      meta: meta > maxResultChars,
      blocks:
        isOver(this.#blocks, maxMessageBytes) ||
        isOver(this.#blocks.map(withoutBinary), maxResultChars),
    };
    if (!Object.values(isLong).includes(true)) return whole;
    this.#kept = this.#results.keep(this.#call.principal.id, {
      text,
      ...(this.#data !== undefined && { data: this.#data }),
      ...(this.#meta !== undefined && { meta: this.#meta }),
      blocks: this.#blocks,
    });
    if (this.#kept === undefined) return tooLarge(this.#call, maxResultChars);
    const { data: given, envelope, _meta, ...rest } = this.#reply;
    const isError = envelope?.error !== undefined || this.#reply.verbatim?.isError === true;
    if (isLong.data && this.#call.owesData && !isError) return this.#dataTooLarge(data);
    const isEnvelopeLong = this.#call.owesData ? isLong.meta : isLong.data;
    const reply: Reply = {
      ...rest,
      content: [
        ...this.#content(isLong, text.length),
        ...(isLong.data ? this.#link("data", "The structured answer", data) : []),
        ...(isLong.meta ? this.#link("meta", "What else the answer brings", meta) : []),
      ],
      ...(given !== undefined && !isLong.data && { data: given }),
      ...(envelope && { envelope: isEnvelopeLong ? shortEnvelope(envelope) : envelope }),
      ...(_meta && { _meta: isLong.meta ? (shortened(_meta) as JsonObject) : _meta }),
    };
    return { ...whole, reply };
  }

  /** The blocks in their order; what is long of them is shortened or left out, with a link in its place. */
  #content(
    isLong: { readonly text: boolean; readonly blocks: boolean },
    textChars: number,
  ): readonly ContentBlock[] {
    let room = isLong.text ? Math.min(PREVIEW_CHARS, this.#limits.maxResultChars) : Infinity;
    let number = 0;
    return this.#reply.content.flatMap((block) => {
      if (!isText(block)) return isLong.blocks ? this.#blockLink(block, (number += 1)) : [block];
      if (room === 0) return [];
      const chars = block.text.length + jsonLength(withoutText(block), room);
      if (chars <= room) {
        room -= chars;
        return [block];
      }
      const last = beginning(block, room);
      room = 0;
      return [
        last,
        ...this.#link("text", "This is only the beginning. The whole answer", textChars),
      ];
    });
  }

  #blockLink(block: ContentBlock, number: number): readonly ContentBlock[] {
    const count = this.#blocks.length;
    if (number <= MOST_LINKS) {
      const chars = JSON.stringify(block).length;
      return this.#link(`blocks/${number}`, `The ${block.type}`, chars);
    }
    if (number > MOST_LINKS + 1) return [];
    const from = this.#uri(`blocks/${number}`);
    return [textBlock(`The other blocks are the resources ${from} to ${count}.`)];
  }

  #link(part: ResultPart, what: string, chars: number): readonly ContentBlock[] {
    const uri = this.#uri(part);
    const text = `${what} has ${chars} characters: read the resource ${uri} (${this.#until()}), or ask for less.`;
    return [textBlock(text), { type: "resource_link", uri, name: part, size: chars }];
  }

  #dataTooLarge(chars: number): Outcome {
    const { maxResultChars } = this.#limits;
    const uri = this.#uri("data");
    const text =
      `The structured answer of '${this.#call.name}' has ${chars} characters, more than the ${maxResultChars} that are sent at once. ` +
      `Ask for less (a shorter period, a filter, a lower limit), or read its JSON: resource ${uri} ` +
      `(${this.#until()}; its text is ${this.#uri("text")}).`;
    return failed(hostFailure("result_too_large", text, { resultUri: uri }));
  }

  #uri(part: ResultPart): string {
    return resultUri(this.#kept?.id ?? "", part);
  }

  /** A time of day stays true, however late the answer is read: a task's answer waits for its client. */
  #until(): string {
    return `kept until ${new Date(this.#kept?.expiresAt ?? 0).toISOString()}`;
  }
}

export function tooLarge({ name }: Call, most: number): FailedOutcome {
  const text =
    `The answer of '${name}' is longer than the ${most} characters that this server delivers. ` +
    "Ask for less: a shorter period, a filter or a lower limit.";
  return failed(hostFailure("result_too_large", text));
}

function isText(block: ContentBlock): block is TextBlock {
  return block.type === "text";
}

/** What a block weighs beside its text. */
function withoutText(block: TextBlock): TextBlock {
  return { ...block, text: "" };
}

/** What a block weighs beside its picture, sound or other binary data. */
function withoutBinary(block: ContentBlock): ContentBlock {
  if (block.type === "image" || block.type === "audio") return { ...block, data: "" };
  if (block.type !== "resource" || !("blob" in block.resource)) return block;
  return { ...block, resource: { ...block.resource, blob: "" } };
}

function isOver(value: unknown, most: number): boolean {
  return !jsonFits(value, most);
}

/** Nothing where there is nothing to send. */
function asJson(value: unknown): string | undefined {
  const json = JSON.stringify(value);
  return json === "{}" ? undefined : json;
}

/** A block that ends where there is no more room. */
function beginning(block: TextBlock, room: number): TextBlock {
  const dressing = jsonLength(withoutText(block), room);
  const most = dressing < room ? room - dressing : room;
  const text = `${cut(block.text, most).trimEnd()}\n…`;
  return dressing < room ? { ...block, text } : { type: "text", text };
}

/** As many fields as there is room for. */
function shortened(fields: Fields): Fields {
  let room = PREVIEW_CHARS;
  const entries = Object.entries(fields).filter(([key, value]) => {
    const chars = jsonLength({ [key]: value }, room);
    if (chars > room) return false;
    room -= chars;
    return true;
  });
  return Object.fromEntries(entries);
}

/** An error stays whatever it takes, if need be with the beginning of its text. */
function shortEnvelope({ error, ...fields }: Envelope): Envelope {
  if (error === undefined) return shortened(fields);
  const { code, message } = error;
  const isShort = message.length <= PREVIEW_CHARS;
  const short = {
    code: cut(code, LONGEST_CODE),
    message: isShort ? message : `${cut(message, PREVIEW_CHARS)}…`,
  };
  return { ...shortened(fields), error: short };
}

function cut(text: string, most: number): string {
  return text.slice(0, cutAt(text, 0, most));
}

function textBlock(text: string): ContentBlock {
  return { type: "text", text };
}
