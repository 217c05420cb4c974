import { LONGEST_TIMER_S } from "./abort.ts";
import type { AttemptFailure } from "./retry.ts";

const NETWORK_CODES = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_SOCKET",
]);
const TRANSIENT_STATUS = new Set([408, 429, 500, 502, 503, 504]);
const THROTTLING = /throttl|toomanyrequests|requestlimitexceeded|slowdown/iu;

/** Whether an error passes by itself, told by what the usual clients put on it: codes, statuses, names, causes. */
export function classifyError(error: unknown, depth = 0): AttemptFailure {
  if (typeof error !== "object" || error === null || depth > 3) return { transient: false };
  const bag = error as Record<string, unknown>;
  if (typeof bag["retryable"] === "boolean") {
    return {
      transient: bag["retryable"],
      throttled: isThrottling(bag),
      retryAfterMs: finite(bag["retryAfterMs"]),
    };
  }
  const status = statusOf(bag);
  const throttled = status === 429 || isThrottling(bag);
  if (throttled || (status !== undefined && TRANSIENT_STATUS.has(status))) {
    return { transient: true, throttled, retryAfterMs: retryAfterOf(bag) };
  }
  if (typeof bag["code"] === "string" && NETWORK_CODES.has(bag["code"])) return { transient: true };
  return classifyError(bag["cause"], depth + 1);
}

function isThrottling(bag: Record<string, unknown>): boolean {
  return [bag["name"], bag["code"]].some(
    (text) => typeof text === "string" && THROTTLING.test(text),
  );
}

function statusOf(bag: Record<string, unknown>): number | undefined {
  const metadata = bag["$metadata"] as { httpStatusCode?: unknown } | undefined;
  const response = bag["response"] as { status?: unknown } | undefined;
  const candidates = [bag["status"], bag["statusCode"], metadata?.httpStatusCode, response?.status];
  return candidates.find((value): value is number => typeof value === "number");
}

function retryAfterOf(bag: Record<string, unknown>): number | undefined {
  const direct = finite(bag["retryAfterMs"]);
  if (direct !== undefined) return direct;
  const response = bag["response"] as { headers?: unknown } | undefined;
  const headers = response?.headers ?? bag["headers"];
  const raw =
    headers instanceof Headers
      ? headers.get("retry-after")
      : (headers as Record<string, unknown> | undefined)?.["retry-after"];
  return typeof raw === "string" ? parseRetryAfter(raw) : undefined;
}

/** Seconds or an HTTP date; undefined for anything else, negatives included. */
function parseRetryAfter(text: string): number | undefined {
  const isSeconds = /^\d+$/u.test(text);
  return finite(isSeconds ? Number(text) * 1_000 : Date.parse(text) - Date.now());
}

/** No wait is longer than a timer can be. */
function finite(value: unknown): number | undefined {
  if (typeof value !== "number" || Number.isNaN(value) || value < 0) return undefined;
  return Math.min(value, LONGEST_TIMER_S * 1_000);
}
