import type { AwsApi } from "../aws/api.ts";
import type { CallScope } from "../aws/requests.ts";
import { overRegions } from "../ec2/over-regions.ts";
import { type CheckName, checks } from "./checks.ts";
import type { CheckContext, Finding } from "./finding.ts";
import type { Checked, UnusedOutput, UnusedSections } from "./output.ts";
import { regionLists } from "./region-lists.ts";

interface Source extends Omit<CheckContext, "warn"> {
  readonly api: AwsApi;
  readonly regions: readonly string[];
  readonly scope: CallScope;
}

/** A section for each check, to be run. */
export function sectionsOf(
  names: readonly CheckName[],
  source: Source,
): Partial<Record<CheckName, () => Promise<Checked>>> {
  return Object.fromEntries(names.map((name) => [name, () => checkSection(name, source)]));
}

async function checkSection(name: CheckName, source: Source): Promise<Checked> {
  const { api, regions, scope, ...context } = source;
  if (regions.length === 0) {
    return { status: "skipped", reason: "The account has enabled none of the regions." };
  }
  const { find, isAtMost = false } = checks[name];
  const warnings: string[] = [];
  const { found, failures } = await overRegions(regions, (region) =>
    find(regionLists(api, region, scope), {
      ...context,
      warn: (text) => warnings.push(`${region}: ${text}`),
    }),
  );
  const items = [...found]
    .flatMap(([region, findings]) => findings.map((one): Finding => ({ ...one, region })))
    .toSorted((left, right) => savingOf(right) - savingOf(left));
  return {
    status: "ok",
    ...(warnings.length > 0 && { warnings }),
    count: items.length,
    monthlySavingUsd: sumOf(items.map(savingOf)),
    isAtMost,
    items,
    ...(failures.length > 0 && { failures: [...failures] }),
  };
}

/** Sums in which a resource that several checks have found counts once, with the larger saving. */
export function totalsOf(sections: UnusedSections): UnusedOutput["totals"] {
  const certain = new Map<string, number>();
  const atMost = new Map<string, number>();
  for (const one of Object.values(sections)) {
    if (one?.status !== "ok") continue;
    const sums = one.isAtMost ? atMost : certain;
    for (const item of one.items) {
      const key = `${item.region} ${item.id}`;
      sums.set(key, Math.max(sums.get(key) ?? 0, savingOf(item)));
    }
  }
  return {
    resources: new Set([...certain.keys(), ...atMost.keys()]).size,
    monthlySavingUsd: sumOf([...certain.values()]),
    snapshotsAtMostUsd: sumOf([...atMost.values()]),
  };
}

function savingOf({ monthlySavingUsd = 0 }: Finding): number {
  return monthlySavingUsd;
}

function sumOf(amounts: readonly number[]): number {
  return Math.round(amounts.reduce((sum, amount) => sum + amount, 0) * 100) / 100;
}
