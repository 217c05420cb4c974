import { visible } from "../answer/untrusted.ts";
import type { AwsApi } from "../aws/api.ts";
import type { CallScope } from "../aws/requests.ts";
import { formatMoney, toNumber } from "../cost-explorer/money.ts";
import { type Rightsizing, rightsizings } from "../cost-explorer/rightsizing.ts";
import { type Finding, found } from "./finding.ts";
import type { Checked } from "./output.ts";

/** Instances that are larger than what they do, as Cost Explorer sees them. */
export async function rightsizingSection(
  api: AwsApi,
  regions: readonly string[],
  scope: CallScope,
): Promise<Checked> {
  const all = await rightsizings(api, scope);
  const items = all
    .filter(({ region }) => regions.includes(region))
    .toSorted((left, right) => (left.monthlySaving < right.monthlySaving ? 1 : -1))
    .map(toFinding);
  const elsewhere = all.length - items.length;
  const total = items.reduce((sum, { monthlySavingUsd = 0 }) => sum + monthlySavingUsd, 0);
  return {
    status: "ok",
    ...(elsewhere > 0 && {
      warnings: [`AWS would change ${elsewhere} more in regions that were not asked about.`],
    }),
    count: items.length,
    monthlySavingUsd: Math.round(total * 100) / 100,
    isAtMost: false,
    items,
  };
}

function toFinding(one: Rightsizing): Finding {
  const { id, name, region, type, target, maxCpu, account, monthlySaving, currency } = one;
  const saving = toNumber(monthlySaving);
  const isDollars = currency === "USD";
  const busy = maxCpu === undefined ? "" : `, at most ${maxCpu} % of its CPU used`;
  const advice = target === undefined ? "AWS would terminate it" : `${target} would do`;
  const amount = isDollars ? "" : `, which saves ${formatMoney(saving, currency)}`;
  return {
    ...found(id, {
      tags: undefined,
      name: name === "" ? undefined : visible(name),
      reason: `${type}${busy}: ${advice}${amount} (account ${account})`,
      saving: isDollars ? saving : undefined,
    }),
    region,
  };
}
