import type { ToolContext, ToolError } from "agentflow-mcp/plugin";
import { type CacheEntry, type CacheOptions, partialTtlMs, RequestCache } from "./cache.ts";
import {
  type AwsErrorCode,
  awsError,
  isToolError,
  type RequestInfo,
  toAwsError,
} from "./errors.ts";
import { Lane, raceAbort } from "./flight.ts";
import { Pace } from "./pace.ts";

/** What the requests of one call have in common. */
export interface CallScope {
  /** Fires when the answer is no longer wanted. */
  readonly signal?: AbortSignal;
  /** Repeats what fails in passing; default: each request is sent once. */
  readonly retry?: ToolContext["retry"];
  /** Asks AWS again even if the answer is still fresh. */
  readonly refresh?: boolean;
  /** As whom: a profile of the settings. Default: the plugin's own credentials. */
  readonly profile?: string | undefined;
  /** Told about each answer that was used. */
  readonly onAnswer?: (record: AnswerRecord) => void;
  /** Told about each request that was sent on behalf of this call, alone or together with others, when it is sent. */
  readonly onSend?: (request: RequestInfo) => void;
}

/** Where an answer came from. */
export interface AnswerRecord extends RequestInfo {
  /** Pages it consists of. */
  readonly pages: number;
  /** Milliseconds since it was fetched; 0 if it was fetched for this call. */
  readonly ageMs: number;
  /** If it had expired: the code of the error that came instead of a newer one. */
  readonly staleBecause?: string;
  /** True if AWS had more pages than are read. */
  readonly truncated: boolean;
  /** If the rest of the pages could not be had: the code of the error that came instead. */
  readonly stoppedBy?: string;
}

/** A request to AWS in as many pages as it takes. */
export interface PagedRequest<Page, Value> extends RequestInfo {
  /** Two requests with the same key have the same pages. */
  readonly key: string;
  readonly ttlMs: number;
  /** Default 50. */
  readonly maxPages?: number;
  /** How many AWS takes in a second, in each region. Default: as many as it likes. */
  readonly perSecond?: number;
  /** True if some pages are better than none: what came before a failure that passes is the answer, and is truncated. */
  readonly isOfUseInPart?: boolean;
  send(token: string | undefined, signal: AbortSignal): Promise<Page>;
  nextToken(page: Page): string | undefined;
  /** What is missing in a page that AWS cannot have meant; undefined if it is whole. */
  missing(page: Page): string | undefined;
  read(pages: readonly Page[]): Value;
}

/** What is kept of an answer: its pages, which everybody reads for what they want to know. */
interface Kept<Page> {
  readonly pages: readonly Page[];
  readonly truncated: boolean;
  /** AWS has said that there is none, which stays as true as an answer does. */
  readonly none?: ToolError;
}

export interface Answer<Value> extends AnswerRecord {
  readonly value: Value;
}

/** Each page costs $0.01: more than this is a question put wrongly. */
const maxPages = 50;
/** How long an expired answer may stand in for one that AWS does not give. */
const maxStaleMs = 24 * 3_600_000;

export interface RequestsOptions extends CacheOptions {
  /** Takes out of a text what must not be shown. */
  readonly conceal?: (text: string) => string;
  /** Told about each request when it is about to be sent; throws if it may not be. */
  readonly onSend?: (request: RequestInfo) => void;
}

/** Sends requests: cached, shared between callers, page by page, each page under the caller's own retry. */
export class AwsRequests {
  readonly #cache: RequestCache;
  // Cost Explorer throttles early and charges per request, so its requests go one after the other: a lane for each
  // operation and profile, since one that does not answer says nothing about the others.
  readonly #lanes = new Map<string, Lane>();
  // By operation and region, whoever asks: two profiles may be of the same account.
  readonly #paces = new Map<string, Pace>();
  readonly #onSend: (request: RequestInfo) => void;
  readonly #conceal: ((text: string) => string) | undefined;

  constructor(options: RequestsOptions = {}) {
    const { onSend = () => undefined, conceal, ...cache } = options;
    this.#cache = new RequestCache(cache);
    this.#conceal = conceal;
    this.#onSend = onSend;
  }

  async run<Page, Value>(
    request: PagedRequest<Page, Value>,
    scope: CallScope = {},
  ): Promise<Answer<Value>> {
    let entry = this.#cache.open<Kept<Page>>(request.key, request.ttlMs, scope.refresh === true);
    let restarted = false;
    let keepPages = false;
    try {
      for (;;) {
        try {
          if (entry.complete === undefined) {
            const { stoppedBy, ...kept } = await this.#collect(request, entry, scope);
            const fetchedAt = entry.leftAt === undefined ? this.#cache.now() : entry.startedAt;
            const ageMs = this.#cache.now() - fetchedAt;
            if (stoppedBy !== undefined) {
              keepPages = true;
              return answer(request, kept, { ageMs, stoppedBy }, scope);
            }
            entry.finish(kept, fetchedAt);
            return answer(request, kept, { ageMs }, scope);
          }
          const { value, fetchedAt } = entry.complete;
          return answer(request, value, { ageMs: this.#cache.now() - fetchedAt }, scope);
        } catch (error) {
          if (hasCode(error, "PAGING_RESTARTED") && !restarted) {
            restarted = true;
            entry = this.#cache.restart(request.key, entry);
            continue;
          }
          if (isNone(error)) {
            entry.finish({ pages: [], truncated: false, none: error }, this.#cache.now());
            throw error;
          }
          keepPages = isPassing(error);
          const { previous } = entry;
          const ageMs = previous === undefined ? 0 : this.#cache.now() - previous.fetchedAt;
          if (previous !== undefined && ageMs < maxStaleMs && mayBeStale(error)) {
            const age = { ageMs, staleBecause: error.code };
            return answer(request, previous.value, age, scope);
          }
          throw keepPages ? withPages(error, request, entry.pageCount) : error;
        }
      }
    } finally {
      this.#cache.close(request.key, entry, keepPages);
    }
  }

  /** Aborts what is being fetched and forgets the rest. */
  close(): void {
    this.#cache.clear();
  }

  async #collect<Page, Value>(
    request: PagedRequest<Page, Value>,
    entry: CacheEntry<unknown>,
    scope: CallScope,
  ): Promise<{ pages: Page[]; truncated: boolean; stoppedBy?: string }> {
    const pages: Page[] = [];
    const seen = new Set<string>();
    const onSend = (): void => scope.onSend?.(request);
    let token: string | undefined;
    do {
      const at = token;
      const key = at ?? "";
      let known = entry.failuresOf(key).length;
      let page: Page;
      try {
        page = await this.#attempt(scope, async (signal) => {
          const missed = entry.failuresOf(key)[known];
          known += 1;
          // Somebody else who waits for this page has tried again in the meantime: that attempt counts for all.
          if (missed !== undefined) {
            onSend();
            throw missed;
          }
          return entry.page(key, { signal, onSend }, (flightSignal, sent) =>
            this.#send(request, at, flightSignal, sent),
          );
        });
      } catch (error) {
        if (request.isOfUseInPart !== true || pages.length === 0 || !isPassing(error)) throw error;
        const stoppedBy = isToolError(error) ? error.code : "INTERNAL";
        return { pages, truncated: true, stoppedBy };
      }
      pages.push(page);
      token = request.nextToken(page);
      if (token === undefined) return { pages, truncated: false };
      if (seen.has(token)) {
        throw awsError(
          "UPSTREAM",
          `AWS ${request.service} gave the same page of ${request.operation} twice.`,
        );
      }
      seen.add(token);
    } while (pages.length < (request.maxPages ?? maxPages));
    return { pages, truncated: true };
  }

  async #attempt<T>(
    scope: CallScope,
    attempt: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const { signal, retry } = scope;
    if (retry === undefined) return attempt(signal);
    const guarded = async (attemptSignal: AbortSignal): Promise<T> => {
      if (signal === undefined) return attempt(attemptSignal);
      try {
        signal.throwIfAborted();
        return await attempt(AbortSignal.any([attemptSignal, signal]));
      } catch (error) {
        // Nobody waits any more: not an error that the host should try again after.
        if (signal.aborted)
          throw awsError("CANCELLED", "The call was cancelled.", { cause: error });
        throw error;
      }
    };
    // The call's own deadline may come before the host's, also while the host waits to try again.
    return raceAbort(retry(guarded), signal);
  }

  async #send<Page, Value>(
    request: PagedRequest<Page, Value>,
    token: string | undefined,
    signal: AbortSignal,
    sent: () => void,
  ): Promise<Page> {
    const send = async (): Promise<Page> => {
      this.#onSend(request);
      sent();
      return request.send(token, signal);
    };
    try {
      const page = await this.#inTurn(request, send, signal);
      const missing = request.missing(page);
      if (missing === undefined) return page;
      throw awsError(
        "UPSTREAM",
        `AWS ${request.service} answered ${request.operation} without ${missing}: this is not an amount of zero.`,
        { retryable: true },
      );
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw toAwsError(error, request, this.#conceal);
    }
  }

  async #inTurn<Page>(
    request: PagedRequest<Page, unknown>,
    send: () => Promise<Page>,
    signal: AbortSignal,
  ): Promise<Page> {
    if (request.service === "Cost Explorer") return this.#lane(request).run(send, signal);
    const { perSecond, operation, region } = request;
    if (perSecond === undefined) return send();
    const key = `${operation} ${region}`;
    const pace = this.#paces.get(key) ?? new Pace(perSecond);
    this.#paces.set(key, pace);
    return pace.run(send, signal);
  }

  #lane({ operation, source }: RequestInfo): Lane {
    const key = `${source?.profile ?? ""} ${operation}`;
    const lane = this.#lanes.get(key) ?? new Lane();
    this.#lanes.set(key, lane);
    return lane;
  }
}

/** Whether the same request may be answered next time: the time ran out, the caller left, or AWS is busy. */
function isPassing(error: unknown): boolean {
  return !isToolError(error) || error.retryable || error.code === "CANCELLED";
}

/** What AWS has no data for now, it will have none for in a minute; but asking is paid for. */
const none: ReadonlySet<string> = new Set(["CE_NO_DATA", "FORECAST_NO_HISTORY"]);

function isNone(error: unknown): error is ToolError {
  return isToolError(error) && none.has(error.code);
}

/** Whether an answer that has expired is better than this: AWS does not answer just now, or may not be asked any more. */
function mayBeStale(error: unknown): error is ToolError {
  return isToolError(error) && (error.retryable || error.code === "REQUEST_BUDGET_SPENT");
}

/** Says what is left of a request that was not answered to its end. */
function withPages(error: unknown, { operation }: RequestInfo, pages: number): unknown {
  if (pages === 0 || !isToolError(error) || error.code === "CANCELLED") return error;
  const kept = `${operation}: ${pages} ${pages === 1 ? "page was" : "pages were"} read and ${pages === 1 ? "is" : "are"} kept for ${partialTtlMs / 60_000} minutes; asking again goes on after ${pages === 1 ? "it" : "them"}.`;
  return awsError(error.code as AwsErrorCode, `${error.message} ${kept}`, {
    retryable: error.retryable,
    cause: error,
  });
}

function answer<Page, Value>(
  request: PagedRequest<Page, Value>,
  kept: Kept<Page>,
  age: Pick<AnswerRecord, "ageMs" | "staleBecause" | "stoppedBy">,
  scope: CallScope,
): Answer<Value> {
  const { service, operation, action, region, interval, source } = request;
  const record: AnswerRecord = {
    service,
    operation,
    action,
    region,
    ...(interval !== undefined && { interval }),
    ...(source !== undefined && { source }),
    pages: kept.pages.length,
    ...age,
    truncated: kept.truncated,
  };
  if (kept.none !== undefined) throw kept.none;
  scope.onAnswer?.(record);
  return { ...record, value: request.read(kept.pages) };
}

function hasCode(error: unknown, code: string): boolean {
  return isToolError(error) && error.code === code;
}
