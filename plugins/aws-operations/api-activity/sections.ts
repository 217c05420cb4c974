import type {
  ActivitySections,
  CallRow,
  CallsSection,
  SignInsSection,
  SummarySection,
  Tally,
} from "./output.ts";
import { hasSignIns, mayBeRoot } from "./query.ts";
import type { ActivitySource } from "./source.ts";
import type { TrailCall } from "./trail-call.ts";

/** Rows of each list of the summary; the rest is in none. */
const mostTallies = 10;

type Runs = {
  readonly [Name in keyof ActivitySections]?: () => Promise<NonNullable<ActivitySections[Name]>>;
};

/** The parts of an answer; all are made of the same events. */
export function sectionsOf(source: ActivitySource): Runs {
  const { query } = source;
  return {
    summary: () => summarise(source),
    adminActions: () => list(source, ({ admin }) => admin !== undefined),
    ...(hasSignIns(query) && { signIns: () => signInsOf(source) }),
    ...(mayBeRoot(query) && { rootUse: () => rootUse(source) }),
    errors: () => list(source, ({ ok, event }) => ok === false && event !== "ConsoleLogin"),
    ...(!query.adminOnly && { otherCalls: () => list(source, isOther) }),
  };
}

function isOther({ admin, ok, event }: TrailCall): boolean {
  return admin === undefined && ok !== false && event !== "ConsoleLogin";
}

async function summarise(source: ActivitySource): Promise<SummarySection> {
  const { calls, failures } = await source.asked();
  const count = (is: (call: TrailCall) => boolean): number => calls.filter(is).length;
  const errors = grouped(
    calls.filter(({ ok }) => ok === false),
    ({ errorCode = "Error" }) => errorCode,
  );
  return {
    status: "ok",
    calls: calls.length,
    succeeded: count(({ ok }) => ok === true),
    failed: count(({ ok }) => ok === false),
    denied: count(({ isDenied }) => isDenied),
    unknown: count(({ ok }) => ok === undefined),
    admin: count(({ admin }) => admin !== undefined),
    byUser: talliesOf(calls, nameOf),
    byEvent: talliesOf(calls, ({ service, event }) => `${service}:${event}`),
    byError: [...errors]
      .map(([code, all]) => ({
        code,
        calls: all.length,
        denied: all.some(({ isDenied }) => isDenied),
      }))
      .toSorted((a, b) => b.calls - a.calls)
      .slice(0, mostTallies),
    ...(failures.length > 0 && { failures: [...failures] }),
  };
}

function talliesOf(calls: readonly TrailCall[], nameIn: (call: TrailCall) => string): Tally[] {
  return [...grouped(calls, nameIn)]
    .map(([name, all]) => ({
      name,
      calls: all.length,
      failed: all.filter(({ ok }) => ok === false).length,
      admin: all.filter(({ admin }) => admin !== undefined).length,
    }))
    .toSorted((a, b) => b.calls - a.calls || b.admin - a.admin)
    .slice(0, mostTallies);
}

function grouped(
  calls: readonly TrailCall[],
  nameIn: (call: TrailCall) => string,
): ReadonlyMap<string, readonly TrailCall[]> {
  const groups = new Map<string, TrailCall[]>();
  for (const call of calls) {
    const name = nameIn(call);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [call]);
    else group.push(call);
  }
  return groups;
}

interface CallerName {
  readonly who: string;
  readonly role?: string | undefined;
}

/** `ben.ortiz`; `chen.li as demo-operations`. */
export function nameOf({ who, role }: CallerName): string {
  const name = who === "" ? "unknown" : who;
  return role === undefined ? name : `${name} as ${role}`;
}

async function list(
  source: ActivitySource,
  is: (call: TrailCall) => boolean,
): Promise<CallsSection> {
  const found = (await source.asked()).calls.filter(is);
  return {
    status: "ok",
    count: found.length,
    items: found.slice(0, source.query.limit).map(rowOf),
  };
}

async function signInsOf(source: ActivitySource): Promise<SignInsSection> {
  const { query } = source;
  const found = (await source.asked()).calls.filter(({ event }) => event === "ConsoleLogin");
  const failed = found.filter(({ ok }) => ok === false);
  const others = found.filter(({ ok }) => ok !== false);
  return {
    status: "ok",
    ...elsewhere(source, "Sign-ins of the root user, and most others, are"),
    count: found.length,
    failed: failed.length,
    withoutMfa: others.filter(({ mfa }) => mfa === false).length,
    items: [...failed, ...others].slice(0, query.limit).map(rowOf),
  };
}

async function rootUse(source: ActivitySource): Promise<CallsSection> {
  const section = await list(source, ({ kind }) => kind === "root");
  return { ...section, ...elsewhere(source, "Sign-ins of the root user are") };
}

function elsewhere(
  { regions, globalRegion }: ActivitySource,
  what: string,
): { readonly warnings?: string[] } {
  if (regions.includes(globalRegion)) return {};
  return { warnings: [`${what} recorded in ${globalRegion}, where nobody has looked now.`] };
}

function rowOf(call: TrailCall): CallRow {
  const { ok, isDenied: _, reads: __, resourceNames: ___, resources, ...row } = call;
  const outcome = ok === undefined ? "unknown" : ok ? "ok" : "failed";
  return { ...row, resources: [...resources], outcome };
}
