import type { SigningName } from "./sigv4.ts";

/** What an account may be like on request. Each changes the answers it bears on, and lasts. */
const CONDITIONS = [
  /** The account has no anomaly monitors, and so no anomalies. */
  "no-monitors",
  /** Health: nobody pays for the support plan that it asks for. */
  "subscription-required",
  /** IAM and CloudTrail: the root user signs in with a password alone. */
  "root-without-mfa",
  /** IAM: nobody has set a password policy. */
  "no-password-policy",
  /** Access Analyzer: there is none. */
  "no-analyzer",
  /** Access Analyzer: it has not begun to look. */
  "analyzer-creating",
] as const;

/** What can go wrong on request; see `Fault` for what each kind needs. */
const FAULT_KINDS = [
  /** The service's throttling error: LimitExceededException, Throttling, RequestLimitExceeded… */
  "throttle",
  /** An HTML page with `status`, default 503, as a proxy in between would send. */
  "http",
  /** The right answer after `ms` milliseconds. */
  "slow",
  /** No answer until the caller gives up. */
  "hang",
  /** The connection is reset after half of the body. */
  "reset",
  /** A complete HTTP response whose JSON or XML stops in the middle. */
  "truncated",
  /** Status 200 without a body. */
  "empty",
  /** Status 200 with an HTML page, as a captive portal would send. */
  "wrong-content-type",
  "expired-token",
  /** The caller's key is not known. */
  "bad-credentials",
  /** The caller may not perform this operation. */
  "access-denied",
  /** The request's signature is judged too old. */
  "clock-skew",
  "data-unavailable",
  /** Cost Explorer was never enabled. This and the one before hit Cost Explorer only. */
  "not-enabled",
  /** Refuses the next request that carries a page token. */
  "request-changed",
  /** As `request-changed`, with the error for a token that is no longer valid. */
  "expired-page-token",
  /** An error of the caller's choice: `code`, `message`, `status`. */
  "error",
  ...CONDITIONS,
] as const;

export type Condition = (typeof CONDITIONS)[number];
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  /** Operation name such as `GetCostAndUsage`, or `*`, the default, for every operation. */
  readonly operation?: string;
  /** The region that the request is signed for; default any. */
  readonly region?: string;
  readonly kind: FaultKind;
  /** How many requests it hits. Default 1; for a condition `"always"`. */
  readonly times?: number | "always";
  /** How many matching requests pass before the first hit. Default 0. */
  readonly skip?: number;
  /** For `slow`: the delay in milliseconds. Default 1,000. */
  readonly ms?: number;
  /** For `http` and `error`: the HTTP status. Default 503 and 400. */
  readonly status?: number;
  /** For `throttle` and `error`: the error code, instead of the service's own. */
  readonly code?: string;
  /** For `error`: the error's text. */
  readonly message?: string;
}

interface Pending {
  readonly fault: Fault;
  skip: number;
  left: number;
}

/** What a fault is matched against. */
export interface FaultTarget {
  readonly service: SigningName;
  readonly region: string;
  readonly operation: string;
  readonly hasPageToken: boolean;
}

/** The faults waiting to happen. Of several that match a request, the one added first hits; conditions all do. */
export class FaultControl {
  readonly #pending: Pending[] = [];

  /** Returns a function that withdraws what was added. */
  add(...faults: readonly Fault[]): () => void {
    const added = faults.map((fault): Pending => {
      const times = fault.times ?? (isCondition(fault.kind) ? "always" : 1);
      return { fault, skip: fault.skip ?? 0, left: times === "always" ? Infinity : times };
    });
    this.#pending.push(...added.filter(({ left }) => left > 0));
    return () => this.#remove((pending) => added.includes(pending));
  }

  clear(): void {
    this.#pending.length = 0;
  }

  /** Faults that have hits left. */
  get pending(): readonly Fault[] {
    return this.#pending.map(({ fault }) => fault);
  }

  /** The fault that hits this request, if any; counts it as a hit. */
  take(request: FaultTarget): Fault | undefined {
    const hit = this.#pending.find(
      (pending) => !isCondition(pending.fault.kind) && isDue(pending, request),
    );
    this.#count(hit === undefined ? [] : [hit]);
    return hit?.fault;
  }

  /** What the account is like for this request; counts each condition as a hit. */
  conditions(request: FaultTarget): ReadonlySet<Condition> {
    const hits = this.#pending.filter(
      (pending) => isCondition(pending.fault.kind) && isDue(pending, request),
    );
    this.#count(hits);
    return new Set(hits.map(({ fault }) => fault.kind).filter(isCondition));
  }

  #count(hits: readonly Pending[]): void {
    for (const hit of hits) hit.left -= 1;
    this.#remove(({ left }) => left <= 0);
  }

  #remove(isGone: (pending: Pending) => boolean): void {
    const kept = this.#pending.filter((pending) => !isGone(pending));
    this.#pending.splice(0, this.#pending.length, ...kept);
  }
}

/** Where a kind makes sense; a kind that is not listed does everywhere. */
const FITS: Partial<Record<FaultKind, (request: FaultTarget) => boolean>> = {
  "no-monitors": ({ operation }) => operation.startsWith("GetAnomal"),
  "subscription-required": ({ service }) => service === "health",
  "root-without-mfa": ({ operation }) =>
    ["GetAccountSummary", "GetCredentialReport", "LookupEvents"].includes(operation),
  "no-analyzer": ({ service }) => service === "access-analyzer",
  "analyzer-creating": ({ service }) => service === "access-analyzer",
  "no-password-policy": ({ operation }) => operation === "GetAccountPasswordPolicy",
  "request-changed": ({ hasPageToken }) => hasPageToken,
  "expired-page-token": ({ hasPageToken }) => hasPageToken,
  "data-unavailable": ({ service }) => service === "ce",
  "not-enabled": ({ service }) => service === "ce",
};

/** Whether it hits this request; lets the request pass where some have to pass first. */
function isDue(pending: Pending, request: FaultTarget): boolean {
  if (!matches(pending.fault, request)) return false;
  pending.skip -= 1;
  return pending.skip < 0;
}

const isCondition = (kind: FaultKind): kind is Condition =>
  CONDITIONS.some((condition) => condition === kind);

function matches({ operation = "*", region, kind }: Fault, request: FaultTarget): boolean {
  if (region !== undefined && region !== request.region) return false;
  if (operation !== "*" && operation !== request.operation) return false;
  return FITS[kind]?.(request) ?? true;
}

/** Reads faults from outside: one object or a list. Throws an Error that names what is wrong. */
export function parseFaults(value: unknown): Fault[] {
  return (Array.isArray(value) ? value : [value]).map((item: unknown, index) => {
    if (typeof item !== "object" || item === null) {
      throw new Error(`fault ${index + 1} is not an object`);
    }
    const members = new Map<string, unknown>(Object.entries(item));
    const fault = Object.fromEntries(
      [...members].map(([name, member]) => {
        if (!MEMBERS.has(name)) throw new Error(`fault ${index + 1}: unknown member "${name}"`);
        if (!MEMBERS.get(name)?.(member)) {
          throw new Error(`fault ${index + 1}: "${name}" may not be ${JSON.stringify(member)}`);
        }
        return [name, member];
      }),
    );
    if (!members.has("kind")) throw new Error(`fault ${index + 1}: "kind" is missing`);
    return fault as unknown as Fault;
  });
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const MEMBERS = new Map<string, (value: unknown) => boolean>([
  ["operation", isText],
  ["region", isText],
  ["kind", (value) => FAULT_KINDS.some((kind) => kind === value)],
  ["times", (value) => value === "always" || isCount(value)],
  ["skip", isCount],
  ["ms", isCount],
  ["status", (value) => isCount(value) && Number(value) >= 200 && Number(value) <= 599],
  ["code", isText],
  ["message", isText],
]);
