import type { Meta } from "../answer/meta.ts";
import type { AnswerRecord } from "../aws/requests.ts";
import { fromInterval } from "../cost-explorer/periods.ts";
import type { CostAnalysisOutput } from "./output.ts";
import type { BillingQuery } from "./query.ts";

/** What an answer says about itself, with how the question was understood. */
export function aboutQuery(
  meta: Meta,
  query: BillingQuery,
  currency: string,
  answers: readonly AnswerRecord[],
): CostAnalysisOutput["meta"] {
  const { filters, credits } = query;
  return {
    ...meta,
    currency,
    metric: query.metrics[0],
    headline: query.headline,
    groupBy: query.groupBy,
    filters: {
      services: [...filters.services],
      accounts: [...filters.accounts],
      regions: [...filters.regions],
      credits,
    },
    requests: answers.flatMap(({ operation, interval, pages }) =>
      interval === undefined
        ? []
        : [{ operation, ...fromInterval(interval), sent: { ...interval }, pages }],
    ),
    notes: [...query.notes, ...meta.notes],
  };
}
