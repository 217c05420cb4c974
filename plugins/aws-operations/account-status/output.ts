import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { section } from "../answer/section.ts";

const text = z.string();
const number = z.number();

const tally = z.object({ requests: number, usd: number });

export const accountStatusOutput = z.object({
  timestamp: text,
  meta: z.object(metaShape),
  identity: section({
    accountId: text,
    arn: text,
    partition: text,
    credentials: text.describe("Where they come from"),
  }),
  tools: z.array(
    z.object({
      name: text,
      state: text.describe("works, partly, fails, unknown (not probed), or off"),
      reason: text.optional(),
    }),
  ),
  services: section({
    items: z.array(
      z.object({
        service: text,
        works: z.boolean(),
        code: text.optional(),
        message: text.optional(),
        statements: z.array(text).describe("Of aws://iam-policy"),
      }),
    ),
    notProbed: z.array(text),
  }),
  profiles: z.array(
    z.object({
      name: text,
      region: text,
      credentials: text,
      accountId: text.optional(),
      arn: text.optional(),
      problem: text.optional(),
    }),
  ),
  settings: z.object({
    demo: z.boolean(),
    endpoint: text.optional(),
    regions: z.array(text),
    healthCheckRegions: z.array(text),
    switchedOff: z.array(z.object({ setting: text, tools: z.array(text) })),
    notActingYet: z.array(z.object({ setting: text, value: text })),
    misspelt: z.array(text),
  }),
  costs: z.object({
    sinceStart: tally,
    today: tally,
    dailyBudgetUsd: number.optional(),
    leftUsd: number.optional(),
  }),
});

export type AccountStatusOutput = z.infer<typeof accountStatusOutput>;
