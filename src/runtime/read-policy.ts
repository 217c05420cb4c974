import { LONGEST_TIMER_S } from "../base/abort.ts";
import { isBag } from "../base/bag.ts";
import { toPolicySettings, type PolicyDoor, type PolicySettings } from "../base/policy-settings.ts";
import type { ConcurrencyPolicy } from "../plugin-api/index.ts";
import { show } from "./read-metadata.ts";
import { fieldSlips } from "./slips.ts";
import { canonical, member } from "./spelling.ts";

const POLICY_FIELDS = [
  "deadline",
  "softDeadline",
  "longDeadline",
  "long",
  "concurrency",
  "rate",
  "cache",
  "breaker",
  "dedupSeconds",
  "maxResultChars",
];
/** Those whose values have fields of their own. */
const PARTS = {
  concurrency: ["slots", "queue"],
  rate: ["calls", "per"],
  cache: ["ttl"],
  breaker: ["failures", "ratio", "window", "open"],
};

type Bag = Readonly<Record<string, unknown>>;

/** Throws an Error that names the field where the value is wrong. */
type Reader<T> = (field: string, value: unknown) => T;

/** Reads `timeout` and `retryCount` beside the policy, and the policy. Throws an Error that names the wrong value. */
export function readPolicy(timeout: unknown, retryCount: unknown, policy: unknown): PolicySettings {
  if (policy !== undefined && !isBag(policy)) {
    throw new Error("'config.policy' is not an object");
  }
  const given = canonical(policy ?? {}, POLICY_FIELDS);
  const said = <T>(name: string, read: Reader<T>): T | undefined =>
    optional(given[name], `config.policy.${name}`, read);
  const door: PolicyDoor = {
    timeout: optional(timeout, "config.timeout", seconds),
    retryCount: optional(retryCount, "config.retryCount", whole(0, 10)),
    deadline: said("deadline", seconds),
    softDeadline: said("softDeadline", seconds),
    longDeadline: said("longDeadline", seconds),
    long: said("long", readLong),
    concurrency: said("concurrency", readConcurrency),
    rate: said("rate", readRate),
    cache: said("cache", readCache),
    breaker: said("breaker", readBreaker),
    dedupSeconds: said("dedupSeconds", secondsOrNone),
    maxResultChars: said("maxResultChars", whole(1_000)),
  };
  return toPolicySettings(door);
}

/** Fields of a policy that are nearly known ones. */
export function policySlips(where: string, policy: unknown): readonly string[] {
  const parts = Object.entries(PARTS).flatMap(([name, known]) =>
    fieldSlips(`${where}.${name}`, member(policy, name), known),
  );
  return [...fieldSlips(where, policy, POLICY_FIELDS), ...parts];
}

function readLong(field: string, value: unknown): boolean | "required" {
  if (typeof value === "boolean" || value === "required") return value;
  throw new Error(`'${field}' must be true, false or "required", found ${show(value)}`);
}

/** A number of slots, or `{ slots, queue }`. Throws an Error that names the wrong value. */
export function readSlots(field: string, value: unknown): number | ConcurrencyPolicy {
  if (!isBag(value)) return whole(1)(field, value);
  const { slots, queue } = value;
  return {
    slots: whole(1)(`${field}.slots`, slots),
    queue: optional(queue, `${field}.queue`, whole(0)),
  };
}

function readConcurrency(field: string, value: unknown): PolicyDoor["concurrency"] {
  return value === false ? false : readSlots(field, value);
}

function readRate(field: string, value: unknown): PolicyDoor["rate"] {
  if (value === false) return false;
  const { calls, per } = bag(field, value, "{ calls, per }");
  return { calls: whole(1)(`${field}.calls`, calls), per: seconds(`${field}.per`, per) };
}

function readCache(field: string, value: unknown): PolicyDoor["cache"] {
  if (value === false) return 0;
  return isBag(value) ? secondsOrNone(`${field}.ttl`, value["ttl"]) : secondsOrNone(field, value);
}

function readBreaker(field: string, value: unknown): PolicyDoor["breaker"] {
  if (value === false) return false;
  const { failures, ratio, window, open } = bag(field, value, "{ failures, ratio, window, open }");
  return {
    failures: optional(failures, `${field}.failures`, whole(1)),
    ratio: optional(ratio, `${field}.ratio`, share),
    window: optional(window, `${field}.window`, seconds),
    open: optional(open, `${field}.open`, seconds),
  };
}

function optional<T>(value: unknown, field: string, read: Reader<T>): T | undefined {
  return value === undefined ? undefined : read(field, value);
}

function bag(field: string, value: unknown, shape: string): Bag {
  if (isBag(value)) return value;
  throw new Error(`'${field}' must be ${shape} or false, found ${show(value)}`);
}

function seconds(field: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value <= LONGEST_TIMER_S) return value;
  throw new Error(`'${field}' must be a positive number of seconds, found ${show(value)}`);
}

function secondsOrNone(field: string, value: unknown): number {
  return value === 0 ? 0 : seconds(field, value);
}

function share(field: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value <= 1) return value;
  throw new Error(`'${field}' must be a number above 0 and at most 1, found ${show(value)}`);
}

function whole(least: number, most = Infinity): Reader<number> {
  return (field, value) => {
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) {
      return value as number;
    }
    const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new Error(`'${field}' must be a whole number ${range}, found ${show(value)}`);
  };
}
