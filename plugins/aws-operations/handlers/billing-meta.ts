import type { CostAnalysisOutput } from "../tools/cost-analysis-output.ts";
import { fromInterval } from "../tools/periods.ts";
import type { AnswerRecord } from "../tools/requests.ts";
import type { RequestInfo } from "../tools/errors.ts";
import type { BillingQuery } from "./billing-query.ts";

const pricePerRequestUsd = 0.01;

/** Writes down what an answer rests on and what it cost. */
export class RequestMeter {
  readonly #sent: RequestInfo[] = [];
  readonly #answers = new Map<string, AnswerRecord>();

  readonly onSend = (request: RequestInfo): void => {
    this.#sent.push(request);
  };

  readonly onAnswer = (record: AnswerRecord): void => {
    this.#answers.set(JSON.stringify([record.operation, record.interval]), record);
  };

  /** Requests to Cost Explorer that were sent for this answer: pages and retries count. */
  get costExplorerRequests(): number {
    return this.#sent.filter(({ service }) => service === "Cost Explorer").length;
  }

  get answers(): readonly AnswerRecord[] {
    return [...this.#answers.values()];
  }
}

export interface MetaContext {
  readonly meter: RequestMeter;
  readonly query: BillingQuery;
  readonly now: Date;
  readonly region: string;
  readonly currency: string;
  readonly accountId: string | undefined;
}

export function buildMeta(context: MetaContext): CostAnalysisOutput["meta"] {
  const { meter, query, now, region, currency, accountId } = context;
  const answers = meter.answers.filter(({ service }) => service !== "STS");
  const ageMs = Math.max(0, ...answers.map((answer) => answer.ageMs));
  const sent = meter.costExplorerRequests;
  return {
    ...(accountId !== undefined && { accountId }),
    region,
    asOf: new Date(now.getTime() - ageMs).toISOString(),
    currency,
    metric: query.metrics[0],
    headline: query.headline,
    ceRequests: sent,
    estimatedApiCostUsd: Math.round(sent * pricePerRequestUsd * 100) / 100,
    cacheAgeSeconds: Math.round(ageMs / 1000),
    groupBy: query.groupBy,
    filters: {
      services: [...query.filters.services],
      accounts: [...query.filters.accounts],
      regions: [...query.filters.regions],
      credits: query.credits,
    },
    requests: answers.flatMap(({ operation, interval, pages }) =>
      interval === undefined
        ? []
        : [{ operation, ...fromInterval(interval), sent: { ...interval }, pages }],
    ),
    truncated: answers.some(({ truncated }) => truncated),
    notes: [
      ...query.notes,
      ...answers
        .filter(({ stale }) => stale)
        .map(
          (answer) =>
            `AWS did not answer ${answer.operation} just now: the data are ${Math.round(answer.ageMs / 60_000)} min old.`,
        ),
    ],
  };
}
