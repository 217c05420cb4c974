import { z } from "zod";
import { LONGEST_TIMER_S } from "../base/abort.ts";

export const seconds = (): z.ZodNumber => z.number().positive().max(LONGEST_TIMER_S);
const secondsOrNone = (): z.ZodNumber => z.number().min(0).max(LONGEST_TIMER_S);

/** Slots alone, or with the length of the queue. */
export const slots = z.union(
  [
    z.int().positive(),
    z.strictObject({ slots: z.int().positive(), queue: z.int().min(0).optional() }),
  ],
  { error: "a number of slots, or { slots, queue }" },
);

const concurrency = z.union([z.literal(false), ...slots.options], {
  error: "a number of slots, { slots, queue }, or false",
});

const rate = z.union(
  [z.literal(false), z.strictObject({ calls: z.int().positive(), per: seconds() })],
  { error: "{ calls, per } with whole calls and seconds above 0, or false" },
);

const cache = z.union(
  [z.literal(false), secondsOrNone(), z.strictObject({ ttl: secondsOrNone() })],
  {
    error: "a number of seconds, { ttl }, or false",
  },
);

const breaker = z.union(
  [
    z.literal(false),
    z.strictObject({
      failures: z.int().positive().optional(),
      ratio: z.number().positive().max(1).optional(),
      window: seconds().optional(),
      open: seconds().optional(),
    }),
  ],
  { error: "{ failures, ratio, window, open }, each left out or in its range, or false" },
);

/** The policy of a tool as an operator writes it; each level says what it wants, and wins over the ones before. */
export const policyShape = {
  timeout: seconds().optional().describe("Seconds for one attempt."),
  retryCount: z.int().min(0).max(10).optional().describe("Further attempts after the first."),
  deadline: seconds().optional().describe("Seconds for the whole call."),
  softDeadline: seconds()
    .optional()
    .describe("Seconds after which a call leaves its request and becomes a task or a job."),
  longDeadline: seconds()
    .optional()
    .describe("Seconds for a call that has left its request, from then on."),
  long: z
    .union([z.boolean(), z.literal("required")])
    .optional()
    .describe(
      'True: calls leave their requests at once. "required": and the tool is only for clients with tasks.',
    ),
  concurrency: concurrency
    .optional()
    .describe(
      "Calls of the tool that run at a time, and that wait: 4, or { slots: 4, queue: 16 }.",
    ),
  rate: rate
    .optional()
    .describe("Calls that each principal may make in so many seconds: { calls: 10, per: 60 }."),
  cache: cache
    .optional()
    .describe("Seconds for which answers are given again. Only for tools that say readOnlyHint."),
  breaker: breaker
    .optional()
    .describe(
      "When a tool that fails is left alone: after 5 failures in a row or half of at least 20 calls within 10 seconds, for 30 seconds.",
    ),
  dedupSeconds: secondsOrNone()
    .optional()
    .describe("Seconds within which the same call is not carried out again."),
  maxResultChars: z
    .int()
    .min(1_000)
    .optional()
    .describe("Characters of an answer that are sent at once, instead of `limits.maxResultChars`."),
};
