import { hostFailure } from "../base/failure.ts";
import { jsonFits } from "../base/json-length.ts";
import { cutAt } from "../base/pages.ts";
import { failed, type Outcome, type Reply } from "../base/port.ts";
import { resultUri, type ResultPart } from "../base/kept-result.ts";
import type { ContentBlock, Json } from "../plugin-api/index.ts";
import type { Call, Stage } from "./call.ts";
import type { Results } from "./results.ts";

export interface BudgetLimits {
  /** Text, and structured content, that a tool's answer may bring at once, in characters each. */
  readonly maxResultChars: number;
  /** Everything else, and everything together. */
  readonly maxMessageBytes: number;
}

/** As much of a long text stands in the answer itself. */
const PREVIEW_CHARS = 4_000;

/**
 * Holds an answer to its size. Nothing is cut away: what is over is kept for whoever asked, and the answer says where. Only
 * what a program reads cannot be shortened: there, the whole answer becomes an error with the link.
 */
export function createBudget(limits: BudgetLimits, results: Results): Stage {
  const { maxMessageBytes } = limits;
  return async (call, next) => {
    const outcome = await next(call);
    const maxResultChars = call.policy.maxResultChars ?? limits.maxResultChars;
    if (outcome.kind === "left") return outcome;
    // Another tool takes it whole.
    if (call.depth > 0) return outcome;
    if (outcome.kind === "failure") {
      const { message } = outcome.failure;
      return message.length <= maxResultChars ? outcome : tooLarge(call, maxResultChars);
    }
    if (outcome.kind === "reply") {
      // Another call has brought it here, and has seen to its size.
      if (outcome.of !== undefined) return outcome;
      // Most answers are short; what they bring is measured once.
      const least = Math.min(maxResultChars, maxMessageBytes);
      if (jsonFits(outcome, least)) return outcome;
      const spill = new Spill(call, outcome.reply, { maxResultChars, maxMessageBytes }, results);
      return spill.outcome(outcome);
    }
    if (jsonFits(outcome, maxMessageBytes)) return outcome;
    return tooLarge(call, maxMessageBytes);
  };
}

/** One answer over its budget. */
class Spill {
  readonly #call: Call;
  readonly #reply: Reply;
  readonly #limits: BudgetLimits;
  readonly #results: Results;
  readonly #texts: readonly string[];
  readonly #blocks: readonly ContentBlock[];
  #id: string | undefined;

  constructor(call: Call, reply: Reply, limits: BudgetLimits, results: Results) {
    this.#call = call;
    this.#reply = reply;
    this.#limits = limits;
    this.#results = results;
    this.#texts = reply.content.flatMap((block) => (block.type === "text" ? [block.text] : []));
    this.#blocks = reply.content.filter(({ type }) => type !== "text");
  }

  outcome(whole: Extract<Outcome, { kind: "reply" }>): Outcome {
    const { maxResultChars, maxMessageBytes } = this.#limits;
    const text = this.#texts.join("\n\n");
    const structured = this.#structured();
    const data = structured === undefined ? undefined : JSON.stringify(structured);
    const isLong = {
      text: text.length > maxResultChars,
      data: data !== undefined && data.length > maxResultChars,
      blocks: !jsonFits(this.#blocks, maxMessageBytes),
    };
    if (!isLong.text && !isLong.data && !isLong.blocks) return whole;
    this.#id = this.#results.keep(this.#call.principal.id, {
      text,
      ...(data !== undefined && { data }),
      blocks: this.#blocks,
    });
    if (this.#id === undefined) return tooLarge(this.#call, maxResultChars);
    if (isLong.data && this.#call.owesData) return this.#dataTooLarge(data?.length ?? 0);
    const { data: _data, envelope, ...rest } = this.#reply;
    const content = [
      ...(isLong.text ? this.#preview(text) : this.#texts.map((one) => textBlock(one))),
      ...(isLong.data ? this.#link("data", "The structured answer", data?.length ?? 0) : []),
      ...(isLong.blocks
        ? this.#blocks.flatMap((block, index) =>
            this.#link(`blocks/${index + 1}`, `The ${block.type}`, JSON.stringify(block).length),
          )
        : this.#blocks),
    ];
    const reply = isLong.data ? { ...rest, ...shortened(envelope) } : this.#reply;
    return { ...whole, reply: { ...reply, content } };
  }

  /** What a program would read: the data where the tool promises it, everything but the content else. */
  #structured(): Json | undefined {
    const { data, envelope } = this.#reply;
    if (this.#call.owesData) return data;
    const all = { ...envelope, ...(data !== undefined && { data }) };
    return Object.keys(all).length === 0 ? undefined : (all as Json);
  }

  #preview(text: string): readonly ContentBlock[] {
    const most = Math.min(PREVIEW_CHARS, this.#limits.maxResultChars);
    const beginning = text.slice(0, cutAt(text, 0, most)).trimEnd();
    return [
      textBlock(`${beginning}\n…`),
      ...this.#link("text", "This is only the beginning. The whole answer", text.length),
    ];
  }

  #link(part: ResultPart, what: string, chars: number): readonly ContentBlock[] {
    const uri = resultUri(this.#id ?? "", part);
    const minutes = Math.round(this.#results.retentionMs / 60_000);
    const text = `${what} has ${chars} characters: read the resource ${uri} (kept for ${minutes} min), or ask for less.`;
    return [textBlock(text), { type: "resource_link", uri, name: part, size: chars }];
  }

  #dataTooLarge(chars: number): Outcome {
    const { maxResultChars } = this.#limits;
    const uri = resultUri(this.#id ?? "", "data");
    const text =
      `The structured answer of '${this.#call.name}' has ${chars} characters, more than the ${maxResultChars} that are sent at once. ` +
      `Ask for less (a shorter period, a filter, a lower limit), or read its JSON: resource ${uri}.`;
    return failed(hostFailure("result_too_large", text, { resultUri: uri }));
  }
}

/** The envelope without its long parts; an error stays whatever it takes. */
function shortened(envelope: Reply["envelope"]): Pick<Reply, "envelope"> {
  if (envelope === undefined) return {};
  const entries = Object.entries(envelope).filter(
    ([key, value]) => key === "error" || jsonFits(value, PREVIEW_CHARS),
  );
  return { envelope: Object.fromEntries(entries) };
}

function tooLarge(call: Call, most: number): Outcome {
  const text =
    `The answer of '${call.name}' is longer than the ${most} characters that this server delivers. ` +
    "Ask for less: a shorter period, a filter or a lower limit.";
  return failed(hostFailure("result_too_large", text));
}

function textBlock(text: string): ContentBlock {
  return { type: "text", text };
}
