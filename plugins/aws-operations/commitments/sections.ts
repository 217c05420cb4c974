import { withoutUndefined } from "../aws/objects.ts";
import type { AwsApi } from "../aws/api.ts";
import { isToolError } from "../aws/errors.ts";
import type { CallScope } from "../aws/requests.ts";
import {
  planOffer,
  type PlanTerms,
  reservationCoverage,
  reservationUse,
  savingsPlansCoverage,
  savingsPlansUse,
} from "../cost-explorer/commitments.ts";
import { type Money, percentOf, sum, toNumber } from "../cost-explorer/money.ts";
import { monthOf, type Period } from "../cost-explorer/periods.ts";
import type { CommitmentSection } from "./output.ts";

/** Services in which hours are reserved, by what people call them, and by what the bill does. */
export const reservable = {
  EC2: "Amazon Elastic Compute Cloud - Compute",
  RDS: "Amazon Relational Database Service",
  ElastiCache: "Amazon ElastiCache",
  Redshift: "Amazon Redshift",
  OpenSearch: "Amazon OpenSearch Service",
} as const;

export type Reservable = keyof typeof reservable;

export interface CommitmentQuery {
  readonly kinds: ReadonlySet<"savings_plans" | "reservations">;
  readonly period: Period;
  /** `2026-11`, which is not over. */
  readonly openMonth: string;
  readonly services: readonly Reservable[];
  /** Undefined: no recommendation is asked for. */
  readonly plan:
    | { readonly termYears: 1 | 3; readonly upfront: "none" | "partial" | "all" }
    | undefined;
}

interface Parts {
  readonly api: AwsApi;
  readonly query: CommitmentQuery;
  readonly scope: CallScope;
}

/** The sections that were asked for, each to be run. */
export function sectionsOf(parts: Parts) {
  const { kinds, plan } = parts.query;
  return {
    ...(kinds.has("savings_plans") && {
      savingsPlansCoverage: () => plansCoverageSection(parts),
      savingsPlansUtilization: () => plansUseSection(parts),
    }),
    ...(kinds.has("reservations") && {
      reservationCoverage: () => reservationCoverageSection(parts),
      reservationUtilization: () => reservationUseSection(parts),
    }),
    ...(plan !== undefined && { recommendation: () => recommendationSection(parts, plan) }),
  };
}

async function plansCoverageSection({
  api,
  query,
  scope,
}: Parts): Promise<CommitmentSection<"savingsPlansCoverage">> {
  const rows = await savingsPlansCoverage(api, query.period, scope);
  if (rows === undefined) return { status: "ok", active: false, months: [] };
  const covered = sum(rows.map((row) => row.covered));
  return {
    status: "ok",
    active: covered > 0n,
    ...coverageOf({ covered, onDemand: sum(rows.map((row) => row.onDemand)) }),
    months: rows.map((row) => ({
      ...monthly(row.start, query),
      ...coverageOf(row),
    })),
  };
}

function coverageOf({ covered, onDemand }: { covered: Money; onDemand: Money }) {
  return withoutUndefined({
    percent: percentOf(covered, covered + onDemand),
    covered: toNumber(covered),
    onDemand: toNumber(onDemand),
  });
}

async function plansUseSection({
  api,
  query,
  scope,
}: Parts): Promise<CommitmentSection<"savingsPlansUtilization">> {
  const rows = await savingsPlansUse(api, query.period, scope);
  if (rows === undefined || rows.length === 0) return { status: "ok", active: false, months: [] };
  return {
    status: "ok",
    active: true,
    ...useOf({
      committed: sum(rows.map(({ committed }) => committed)),
      used: sum(rows.map(({ used }) => used)),
      netSavings: sum(rows.map(({ netSavings }) => netSavings)),
    }),
    months: rows.map((row) => ({ ...monthly(row.start, query), ...useOf(row) })),
  };
}

function useOf(use: { committed: Money; used: Money; netSavings: Money }) {
  return withoutUndefined({
    percent: percentOf(use.used, use.committed),
    committed: toNumber(use.committed),
    unused: toNumber(use.committed - use.used),
    netSavings: toNumber(use.netSavings),
  });
}

async function reservationCoverageSection({
  api,
  query,
  scope,
}: Parts): Promise<CommitmentSection<"reservationCoverage">> {
  const { services, warnings } = await ofEach(query, async (service, asked) => {
    const rows = await reservationCoverage(api, asked, scope);
    const reservedHours = total((rows ?? []).map((row) => row.reservedHours));
    const onDemandHours = total((rows ?? []).map((row) => row.onDemandHours));
    return withoutUndefined({
      service,
      active: rows !== undefined && reservedHours > 0,
      percent: share(reservedHours, reservedHours + onDemandHours),
      reservedHours,
      onDemandHours,
    });
  });
  return { status: "ok", services, ...warnings };
}

async function reservationUseSection({
  api,
  query,
  scope,
}: Parts): Promise<CommitmentSection<"reservationUtilization">> {
  const { services, warnings } = await ofEach(query, async (service, asked) => {
    const rows = (await reservationUse(api, asked, scope)) ?? [];
    const purchasedHours = total(rows.map((row) => row.purchasedHours));
    const usedHours = total(rows.map((row) => row.usedHours));
    return withoutUndefined({
      service,
      active: rows.length > 0 && purchasedHours > 0,
      percent: share(usedHours, purchasedHours),
      purchasedHours,
      unusedHours: rounded(purchasedHours - usedHours),
      netSavings: toNumber(sum(rows.map(({ netSavings }) => netSavings))),
    });
  });
  return { status: "ok", services, ...warnings };
}

/** Each service by itself; only where none could be had is that a failure of the whole. */
async function ofEach<Row>(
  { services, period }: CommitmentQuery,
  ask: (
    service: Reservable,
    asked: { readonly period: Period; readonly service: string },
  ) => Promise<Row>,
): Promise<{ services: Row[]; warnings: { warnings?: string[] } }> {
  const answers = await Promise.allSettled(
    services.map((service) => ask(service, { period, service: reservable[service] })),
  );
  const rows = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const failed = answers.flatMap((answer, index) =>
    answer.status === "rejected" ? [[services[index], answer.reason as unknown] as const] : [],
  );
  const [first] = failed;
  if (first !== undefined && rows.length === 0) throw first[1];
  const warnings = failed.map(
    ([service, reason]) =>
      `Reservations of ${service}: ${isToolError(reason) ? reason.message : "they could not be had."}`,
  );
  return { services: rows, warnings: warnings.length > 0 ? { warnings } : {} };
}

const payments = { none: "NO_UPFRONT", partial: "PARTIAL_UPFRONT", all: "ALL_UPFRONT" } as const;

async function recommendationSection(
  { api, scope }: Parts,
  { termYears, upfront }: NonNullable<CommitmentQuery["plan"]>,
): Promise<CommitmentSection<"recommendation">> {
  const terms: PlanTerms = {
    TermInYears: termYears === 1 ? "ONE_YEAR" : "THREE_YEARS",
    PaymentOption: payments[upfront],
  };
  const offer = await planOffer(api, terms, scope);
  return withoutUndefined({
    status: "ok" as const,
    termYears,
    upfront,
    worthwhile: offer !== undefined,
    currency: offer?.currency,
    hourlyCommitment: offer && toNumber(offer.hourlyCommitment),
    monthlySavings: offer && toNumber(offer.monthlySavings),
    savingsPercent: offer && rounded(offer.savingsPercent),
    currentSpend: offer && toNumber(offer.currentSpend),
  });
}

function monthly(start: string, { openMonth }: CommitmentQuery) {
  const month = monthOf(start);
  return { month, partial: month === openMonth };
}

function total(numbers: readonly number[]): number {
  return rounded(numbers.reduce((all, number) => all + number, 0));
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : rounded((100 * part) / whole);
}

function rounded(number: number): number {
  return Math.round(number * 10) / 10;
}
