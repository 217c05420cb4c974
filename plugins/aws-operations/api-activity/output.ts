import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { section } from "../answer/section.ts";
import { regionFailures } from "../ec2/over-regions.ts";

const text = z.string();
const texts = z.array(text);
const number = z.number();
const maybe = text.optional();

const call = z
  .object({
    time: text,
    event: text,
    service: text,
    who: text,
    kind: text.describe("user, role (who = its session), root, service, account, unknown"),
    role: maybe,
    account: maybe.describe("If another"),
    region: text,
    sourceIp: maybe,
    userAgent: maybe,
    via: maybe.describe("Service that called for them"),
    resources: texts,
    details: maybe,
    outcome: text.describe("ok, failed, unknown"),
    errorCode: maybe,
    errorMessage: maybe,
    mfa: z.boolean().optional(),
    admin: maybe.describe("Why it is an administrative action"),
  })
  .meta({ id: "Call" });
export type CallRow = z.infer<typeof call>;

const calls = section({ count: number, items: z.array(call).describe("Newest first") }).meta({
  id: "Calls",
});
export type CallsSection = z.infer<typeof calls>;

const tally = z
  .object({ name: text, calls: number, failed: number, admin: number })
  .meta({ id: "Tally" });
export type Tally = z.infer<typeof tally>;

const signIns = section({
  count: number,
  failed: number,
  withoutMfa: number,
  items: z.array(call).describe("Failed ones first"),
});
export type SignInsSection = z.infer<typeof signIns>;

const summary = section({
  calls: number,
  succeeded: number,
  failed: number,
  denied: number.describe("Of the failed"),
  unknown: number.describe("Record unreadable"),
  admin: number,
  byUser: z.array(tally),
  byEvent: z.array(tally),
  byError: z.array(z.object({ code: text, calls: number, denied: z.boolean() })),
  failures: regionFailures,
});
export type SummarySection = z.infer<typeof summary>;

export const apiActivityOutput = z.object({
  timestamp: text,
  meta: z.object({
    ...metaShape,
    from: text,
    to: text,
    regions: texts,
    notEnabled: texts,
    filters: z.record(text, z.union([text, z.boolean()])),
    lookup: maybe.describe("The one filter CloudTrail applied; the others were applied to that"),
    read: z
      .array(
        z.object({
          region: text,
          events: number,
          readBackTo: text.describe("Older events of the window are unknown"),
          complete: z.boolean(),
          stoppedBy: maybe,
        }),
      )
      .describe("What was read in each region"),
    adminActionsAsOf: text,
  }),
  summary: summary.optional(),
  adminActions: calls.optional(),
  signIns: signIns.optional(),
  rootUse: calls.optional(),
  errors: calls.optional(),
  otherCalls: calls.optional(),
});
export type ApiActivityOutput = z.infer<typeof apiActivityOutput>;
export type ActivitySections = Omit<ApiActivityOutput, "timestamp" | "meta">;
