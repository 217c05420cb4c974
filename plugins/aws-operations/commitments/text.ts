import { footer } from "../answer/footer.ts";
import { gapLines } from "../answer/gaps.ts";
import { table } from "../answer/markdown.ts";
import { formatMoney } from "../cost-explorer/money.ts";
import type { CommitmentSection, CommitmentsOutput } from "./output.ts";

const titles = {
  savingsPlansCoverage: "Savings Plans coverage",
  savingsPlansUtilization: "Savings Plans utilization",
  reservationCoverage: "Reservation coverage",
  reservationUtilization: "Reservation utilization",
  recommendation: "Recommendation",
};

type Coverage = CommitmentSection<"savingsPlansCoverage">;
type Use = CommitmentSection<"savingsPlansUtilization">;

/** The answer in words: what commitments cover and how well they are used, then month by month, then what to buy. */
export function writeText(data: CommitmentsOutput): string {
  const { timestamp: _, meta, ...sections } = data;
  const { savingsPlansCoverage: coverage, savingsPlansUtilization: use, recommendation } = sections;
  const [covered, used] = [ok(coverage), ok(use)];
  const assumed =
    meta.currencyAssumed === true
      ? [`AWS names no currency here; ${meta.currency} is assumed.`]
      : [];
  const gaps = [...gapLines(sections, titles), ...meta.notes, ...assumed];
  const parts = [
    `## AWS commitments, ${meta.start} to ${meta.end}`,
    plansVerdict(covered, used, meta.currency),
    plansTable(covered, used, meta.currency),
    reservationsText(data),
    recommendation?.status === "ok" ? offerText(recommendation, meta.currency) : "",
    gaps.map((line) => `- ${line}`).join("\n"),
    footer(meta),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function ok<T extends { status: string }>(
  section: T | undefined,
): Extract<T, { status: "ok" }> | undefined {
  return section?.status === "ok" ? (section as Extract<T, { status: "ok" }>) : undefined;
}

function plansVerdict(
  coverage: Coverage | undefined,
  use: Use | undefined,
  currency: string,
): string {
  const money = (amount = 0): string => formatMoney(amount, currency);
  const facts: string[] = [];
  if (use !== undefined) {
    facts.push(
      use.active
        ? `${percent(use.percent)} of what Savings Plans commit to is used: ${money(use.committed)} committed, ${money(use.unused)} unused, ${money(use.netSavings)} saved`
        : "No Savings Plan was active, as far as AWS has data",
    );
  }
  if (coverage?.percent !== undefined) {
    facts.push(
      `${percent(coverage.percent)} of what they could cover is covered, ${money(coverage.onDemand)} was paid on demand`,
    );
  } else if (coverage !== undefined) {
    facts.push("AWS has no usage that a Savings Plan could cover");
  }
  return facts.length === 0 ? "" : `**${facts.join(". ")}.**`;
}

function plansTable(
  coverage: Coverage | undefined,
  use: Use | undefined,
  currency: string,
): string {
  const months = [
    ...new Set([...(coverage?.months ?? []), ...(use?.months ?? [])].map(({ month }) => month)),
  ];
  if (months.length === 0) return "";
  const money = (amount: number | undefined): string =>
    amount === undefined ? "" : formatMoney(amount, currency);
  const rows = months.toSorted().map((month) => {
    const covered = coverage?.months.find((each) => each.month === month);
    const used = use?.months.find((each) => each.month === month);
    const isPartial = (covered ?? used)?.partial === true;
    return [
      isPartial ? `${month} (not over)` : month,
      percent(covered?.percent),
      money(covered?.onDemand),
      percent(used?.percent),
      money(used?.unused),
      money(used?.netSavings),
    ];
  });
  const header = ["Month", "Covered", "On demand", "Used", "Unused", "Saved"];
  return `### Savings Plans by month\n\n${table(header, rows)}`;
}

function reservationsText({
  reservationCoverage,
  reservationUtilization,
}: CommitmentsOutput): string {
  const [coverage, use] = [ok(reservationCoverage), ok(reservationUtilization)];
  if (coverage === undefined && use === undefined) return "";
  const services = [
    ...new Set(
      [...(coverage?.services ?? []), ...(use?.services ?? [])].map(({ service }) => service),
    ),
  ];
  const rows = services.map((service) => {
    const covered = coverage?.services.find((each) => each.service === service);
    const used = use?.services.find((each) => each.service === service);
    return [
      service,
      covered === undefined
        ? ""
        : `${percent(covered.percent)} of ${hours(covered.reservedHours + covered.onDemandHours)}`,
      used === undefined ? "" : used.active ? percent(used.percent) : "nothing reserved",
      used?.active === true ? hours(used.unusedHours) : "",
    ];
  });
  const header = ["Service", "Covered hours", "Used", "Unused"];
  return `### Reservations\n\n${table(header, rows)}`;
}

const upfronts: Readonly<Record<string, string>> = {
  none: "nothing upfront",
  partial: "half upfront",
  all: "all upfront",
};

function offerText(offer: CommitmentSection<"recommendation">, currency: string): string {
  const { termYears, upfront, worthwhile, hourlyCommitment, monthlySavings, savingsPercent } =
    offer;
  const terms = `${termYears} year${termYears === 1 ? "" : "s"}, ${upfronts[upfront] ?? upfront}`;
  const title = `### A Compute Savings Plan (${terms})`;
  if (!worthwhile) return `${title}\n\nAWS recommends none.`;
  const money = (amount = 0): string => formatMoney(amount, currency);
  return (
    `${title}\n\nAWS would commit to ${money(hourlyCommitment)} an hour and estimates to save ${money(monthlySavings)} a month ` +
    `(${percent(savingsPercent)} of ${money(offer.currentSpend)} on demand in the last 30 days). It assumes that usage stays as it was: turn off what is unused first.`
  );
}

function percent(value: number | undefined): string {
  return value === undefined ? "" : `${value.toFixed(1)} %`;
}

function hours(value: number): string {
  return `${value.toLocaleString("en-US", { maximumFractionDigits: 0 })} h`;
}
