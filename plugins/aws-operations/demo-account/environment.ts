import type { DemoAccountOptions } from "./account.ts";
import type { Variant } from "./data/ledger.ts";
import { parseFaults } from "./faults.ts";

/** Large enough that a person sees what most questions cost: one request each. AWS does not publish its own size. */
const DEMO_PAGE_SIZE = 10_000;
/** As AWS has it. */
const LOOKUPS_PER_SECOND = 2;
const VARIANTS: readonly Variant[] = ["default", "cny", "new", "empty"];

export interface DemoEnvironment {
  readonly options: DemoAccountOptions;
  /** The fixed clock, if one was asked for. */
  readonly fixedNow: Date | undefined;
}

/**
 * Reads the settings of the demo process:
 * - `AWS_DEMO_NOW`: ISO time at which the account's clock stands still
 * - `AWS_DEMO_VARIANT`: `default`, `cny`, `new` or `empty`
 * - `AWS_DEMO_FAULTS`: a fault or a list of faults, in JSON
 * - `AWS_DEMO_PAGE_SIZE`: result rows on a page, 10,000 unless set
 * - `AWS_DEMO_LOOKUPS_PER_SECOND`: CloudTrail look-ups a second and region, 2 unless set
 * - `AWS_DEMO_CONTROL`: `1` serves `/__fault` and `/__log`
 *
 * Throws an Error that names the variable.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): DemoEnvironment {
  const fixedNow = read(env, "AWS_DEMO_NOW", (text) => {
    const time = new Date(text);
    if (Number.isNaN(time.getTime())) throw new Error("not an ISO time");
    return time;
  });
  const variant = read(env, "AWS_DEMO_VARIANT", (text) => {
    const known = VARIANTS.find((name) => name === text);
    if (known === undefined) throw new Error(`not one of ${VARIANTS.join(", ")}`);
    return known;
  });
  const faults = read(env, "AWS_DEMO_FAULTS", (text) => parseFaults(JSON.parse(text)));
  const pageSize = read(env, "AWS_DEMO_PAGE_SIZE", positiveInteger);
  const perSecond = read(env, "AWS_DEMO_LOOKUPS_PER_SECOND", positiveInteger);
  return {
    fixedNow,
    options: {
      control: env["AWS_DEMO_CONTROL"] === "1",
      ...(fixedNow === undefined ? {} : { now: () => fixedNow }),
      ...(variant === undefined ? {} : { variant }),
      ...(faults === undefined ? {} : { faults }),
      pageSize: pageSize ?? DEMO_PAGE_SIZE,
      lookupLimit: { perSecond: perSecond ?? LOOKUPS_PER_SECOND },
    },
  };
}

function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error("not a positive integer");
  return number;
}

function read<T>(env: NodeJS.ProcessEnv, name: string, parse: (text: string) => T): T | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  try {
    return parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${name}: ${reason}`, { cause });
  }
}
