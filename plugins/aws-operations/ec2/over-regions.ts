import { z } from "zod";
import type { AnySection } from "../answer/section.ts";
import { isToolError } from "../aws/errors.ts";
import { inRegions } from "../aws/regions.ts";

/** Regions of a section that could not be had. */
export const regionFailures = z
  .array(
    z
      .object({ region: z.string(), code: z.string(), message: z.string() })
      .meta({ id: "RegionFailure" }),
  )
  .optional()
  .describe("Where it is unknown");
type RegionFailure = NonNullable<z.infer<typeof regionFailures>>[number];

/** What came of asking several regions. */
export interface OverRegions<Value> {
  readonly found: ReadonlyMap<string, Value>;
  readonly failures: readonly RegionFailure[];
}

/** Asks each region; fails only if none answers. */
export async function overRegions<Value>(
  regions: readonly string[],
  ask: (region: string) => Promise<Value>,
): Promise<OverRegions<Value>> {
  const errors = new Map<string, Error>();
  const found = await inRegions(regions, async (region) => {
    try {
      return await ask(region);
    } catch (error) {
      if (!isToolError(error)) throw error;
      errors.set(region, error);
      return undefined;
    }
  });
  const [first] = errors.values();
  if (first !== undefined && errors.size === new Set(regions).size) throw first;
  return {
    found: found as ReadonlyMap<string, Value>,
    failures: [...errors].map(([region, error]) => ({
      region,
      code: isToolError(error) ? error.code : "INTERNAL",
      message: error.message,
    })),
  };
}

interface PartlyKnown {
  readonly status: string;
  readonly failures?: readonly RegionFailure[] | undefined;
}

/** Says which parts are unknown in which regions, each reason once. */
export function regionGapLines(
  sections: Readonly<Record<string, PartlyKnown | undefined>>,
  titles: Readonly<Record<string, string>>,
): string[] {
  const places = new Map<string, Map<string, string[]>>();
  for (const [name, one] of Object.entries(sections)) {
    for (const { region, code, message } of one?.failures ?? []) {
      const reason = `not available (${code}). ${message}`;
      const byRegion = places.get(reason) ?? new Map<string, string[]>();
      byRegion.set(region, [...(byRegion.get(region) ?? []), titles[name] ?? name]);
      places.set(reason, byRegion);
    }
  }
  return [...places].map(([reason, byRegion]) => {
    const regions = new Map<string, string[]>();
    for (const [region, names] of byRegion) {
      const what = names.join(", ");
      regions.set(what, [...(regions.get(what) ?? []), region]);
    }
    const parts = [...regions].map(([what, where]) => `${what} in ${where.join(", ")}`);
    return `${parts.join("; ")}: ${reason}`;
  });
}

/** What failed in a region, as sections of their own: for those who advise on failures. */
export function asSections(
  sections: Readonly<Record<string, PartlyKnown | undefined>>,
): Readonly<Record<string, AnySection>> {
  const failures = Object.entries(sections).flatMap(([name, one]) =>
    (one?.failures ?? []).map(({ region, code, message }): readonly [string, AnySection] => [
      `${name} in ${region}`,
      { status: "error", error: { code, message, retryable: false } },
    ]),
  );
  return Object.fromEntries(failures);
}
