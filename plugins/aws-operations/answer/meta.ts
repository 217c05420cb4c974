import { z } from "zod";
import type { RequestMeter } from "./request-meter.ts";

/** What every answer says about itself, as members of `meta`. */
export const metaShape = {
  accountId: z.string().optional(),
  region: z.string(),
  asOf: z.string().describe("When the oldest data were fetched"),
  ceRequests: z
    .number()
    .describe("Paid requests this answer waited for, pages and retries included"),
  estimatedApiCostUsd: z.number(),
  cacheAgeSeconds: z.number(),
  truncated: z.boolean().describe("Incomplete"),
  notes: z.array(z.string()),
};

const metaSchema = z.object(metaShape);
export type Meta = z.infer<typeof metaSchema>;

export function buildMeta(
  meter: RequestMeter,
  { now, region, accountId }: { now: Date; region: string; accountId: string | undefined },
): Meta {
  const { answers, ageMs } = meter;
  const stale = answers.filter((answer) => answer.stale);
  return {
    ...(accountId !== undefined && { accountId }),
    region,
    asOf: new Date(now.getTime() - ageMs).toISOString(),
    ceRequests: meter.paidRequests,
    estimatedApiCostUsd: meter.price,
    cacheAgeSeconds: Math.round(ageMs / 1000),
    truncated: answers.some(({ truncated }) => truncated),
    notes: stale.map(
      (answer) =>
        `AWS did not answer ${answer.operation} just now: the data are ${Math.round(answer.ageMs / 60_000)} min old.`,
    ),
  };
}
