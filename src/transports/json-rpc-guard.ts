import {
  parseJSONRPCMessage,
  PROTOCOL_VERSION_META_KEY,
  UnsupportedProtocolVersionError,
  type RequestId,
} from "@modelcontextprotocol/server";
import { isBag, type Bag } from "../base/bag.ts";
import { isRequestId } from "../base/cancelled-id.ts";

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INVALID_PARAMS = -32_602;

/** As many as the SDK's HTTP transport takes, so that both transports have one limit. */
const MAX_BATCH = 100;
/** The last revision with batches. */
const LAST_WITH_BATCHES = "2025-03-26";
/** From this revision on, an error that answers no known request has no id; JSON-RPC itself wants null there. */
const FIRST_WITHOUT_NULL_ID = "2025-11-25";

/** Revisions in which every request names its own. The SDK has such a list and keeps it to itself. */
const MODERN_REVISIONS: readonly string[] = ["2026-07-28"];
/** Methods that came with them. */
const MODERN_METHODS: ReadonlySet<string> = new Set(["server/discover", "subscriptions/listen"]);

/** Why an input is refused, and the request it stands for where that can be told. */
export interface Fault {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  readonly id?: RequestId;
}

// Fatal: a replaced character would be a changed argument.
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The JSON value in these bytes. A byte order mark before it is skipped, as JSON's own standard allows. */
export function parseBytes(
  bytes: Uint8Array,
): { readonly value: unknown } | { readonly fault: Fault } {
  try {
    return { value: JSON.parse(decoder.decode(bytes)) };
  } catch {
    return { fault: { code: PARSE_ERROR, message: "Parse error: not valid JSON in UTF-8" } };
  }
}

/** What is wrong with a parsed message, if anything. */
export function faultOf(value: unknown): Fault | undefined {
  if (!isMessage(value)) return invalid("not a JSON-RPC 2.0 message");
  const { id, params } = value as { readonly id?: RequestId; readonly params?: Bag };
  if (id === undefined || params === undefined) return undefined;
  const { arguments: args } = params;
  // The SDK drops the key in silence: the call would run with other arguments than the client sent.
  if (!Object.hasOwn(params, "__proto__") && !(isBag(args) && Object.hasOwn(args, "__proto__")))
    return undefined;
  return { code: INVALID_PARAMS, message: "Invalid params: '__proto__' is refused", id };
}

/**
 * What is wrong with the revision that a request names or does not name, if anything, where no `initialize` has agreed on
 * one. The SDK looks at it in the first request alone: it would take a discovery without one for the opening of a client
 * before 2026-07-28 and keep to that, and serve any revision at all later on.
 */
export function faultOfRevision(request: unknown): Fault | undefined {
  if (!isRequest(request) || request.method === "initialize") return undefined;
  const { id, method } = request;
  const requested = claimedRevision(request);
  if (requested === undefined) {
    if (!MODERN_METHODS.has(method)) return undefined;
    const message = `Invalid params: ${method} needs _meta["${PROTOCOL_VERSION_META_KEY}"]`;
    return { code: INVALID_PARAMS, message, id };
  }
  if (MODERN_REVISIONS.includes(requested)) return undefined;
  const { code, message, data } = new UnsupportedProtocolVersionError({
    supported: [...MODERN_REVISIONS],
    requested,
  });
  return { code, message, data, id };
}

/** The revision that a request of 2026-07-28 or later carries in itself. */
export function claimedRevision(request: unknown): string | undefined {
  const params = isBag(request) ? request["params"] : undefined;
  const meta = isBag(params) ? params["_meta"] : undefined;
  const claimed = isBag(meta) ? meta[PROTOCOL_VERSION_META_KEY] : undefined;
  return typeof claimed === "string" ? claimed : undefined;
}

/** What is wrong with a batch in a conversation of this revision, if anything. One bad item refuses all. */
export function faultOfBatch(
  items: readonly unknown[],
  revision: string | undefined,
): Fault | undefined {
  if (items.length === 0) return invalid("an empty batch");
  if (items.length > MAX_BATCH) return invalid(`a batch of more than ${MAX_BATCH} messages`);
  const ids = new Set<RequestId>();
  for (const item of items) {
    const fault = faultOf(item);
    if (fault !== undefined) return { code: fault.code, message: `${fault.message} (in a batch)` };
    if (!isRequest(item)) continue;
    if (item.method === "initialize") return invalid("initialize cannot be part of a batch");
    if (ids.has(item.id)) return invalid(`the id ${JSON.stringify(item.id)} twice in a batch`);
    ids.add(item.id);
  }
  if (revision === undefined || revision > LAST_WITH_BATCHES) {
    return invalid(`batches ended with revision ${LAST_WITH_BATCHES}`);
  }
  return undefined;
}

/** An id that is still waiting for its answer: the error has none, or it would pass for that answer. */
export function duplicateId(id: RequestId): Fault {
  return invalid(`the id ${JSON.stringify(id)} is in use by a request in flight`);
}

export function invalid(reason: string): Fault {
  return { code: INVALID_REQUEST, message: `Invalid Request: ${reason}` };
}

/** The answer to a refused input, as text. */
export function errorText(
  { code, message, data, id }: Fault,
  revision: string | undefined,
): string {
  const known = revision !== undefined && revision >= FIRST_WITHOUT_NULL_ID;
  return JSON.stringify({
    jsonrpc: "2.0",
    ...(id === undefined ? !known && { id: null } : { id }),
    error: { code, message, ...(data !== undefined && { data }) },
  });
}

interface Request {
  readonly id: RequestId;
  readonly method: string;
}

/** Whether a message that has passed the guard asks for an answer. */
export function isRequest(message: unknown): message is Request {
  return isBag(message) && message["method"] !== undefined && message["id"] !== undefined;
}

/**
 * Whether the SDK takes a value for a message: the rules of its schema, at a fraction of the cost. What passed here and
 * failed there would be answered with other codes.
 */
function isMessage(value: unknown): boolean {
  if (!isBag(value) || value["jsonrpc"] !== "2.0") return false;
  const { id, method, params } = value;
  if (method === undefined) return isResponse(value);
  if (typeof method !== "string" || (id !== undefined && !isRequestId(id))) return false;
  if (params !== undefined && !isParams(params)) return false;
  for (const key of Object.keys(value)) if (!REQUEST_KEYS.has(key)) return false;
  return true;
}

const REQUEST_KEYS: ReadonlySet<string> = new Set(["jsonrpc", "id", "method", "params"]);

/** Clients respond seldom: the SDK's own schema may take its time. */
function isResponse(value: Bag): boolean {
  try {
    parseJSONRPCMessage(value);
    return true;
  } catch {
    return false;
  }
}

function isParams(params: unknown): boolean {
  if (!isBag(params)) return false;
  const { _meta: meta } = params;
  if (meta === undefined) return true;
  if (!isBag(meta)) return false;
  const { progressToken, "io.modelcontextprotocol/related-task": task } = meta;
  return (
    (progressToken === undefined || isRequestId(progressToken)) &&
    (task === undefined || (isBag(task) && typeof task["taskId"] === "string"))
  );
}
