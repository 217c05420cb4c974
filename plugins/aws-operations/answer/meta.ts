import { z } from "zod";
import type { AnswerRecord } from "../aws/requests.ts";
import type { RequestMeter } from "./request-meter.ts";

/** What every answer says about itself, as members of `meta`. */
export const metaShape = {
  accountId: z.string().optional(),
  profile: z.string().optional(),
  region: z.string(),
  asOf: z.string().describe("When the oldest data were fetched"),
  ceRequests: z
    .number()
    .describe("Paid requests this answer waited for, pages and retries included"),
  estimatedApiCostUsd: z.number(),
  cacheAgeSeconds: z.number(),
  truncated: z.boolean(),
  notes: z.array(z.string()),
};

const metaSchema = z.object(metaShape);
export type Meta = z.infer<typeof metaSchema>;

export function buildMeta(
  meter: RequestMeter,
  call: {
    now: Date;
    region: string;
    accountId: string | undefined;
    profile: string | undefined;
  },
): Meta {
  const { now, region, accountId, profile } = call;
  const { answers, ageMs } = meter;
  return {
    ...(accountId !== undefined && { accountId }),
    ...(profile !== undefined && { profile }),
    region,
    asOf: new Date(now.getTime() - ageMs).toISOString(),
    ceRequests: meter.paidRequests,
    estimatedApiCostUsd: meter.price,
    cacheAgeSeconds: Math.round(ageMs / 1000),
    truncated: answers.some(({ truncated }) => truncated),
    notes: answers.flatMap(staleNote),
  };
}

function staleNote({ operation, ageMs, staleBecause }: AnswerRecord): string[] {
  if (staleBecause === undefined) return [];
  const why =
    staleBecause === "REQUEST_BUDGET_SPENT"
      ? `Today's budget for paid requests is spent, ${operation} was not asked`
      : `AWS did not answer ${operation} just now`;
  return [`${why}: the data are ${Math.round(ageMs / 60_000)} min old.`];
}
