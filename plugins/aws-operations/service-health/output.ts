import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { type Ok, section } from "../answer/section.ts";
import { regionFailures } from "../ec2/over-regions.ts";

const text = z.string();
const number = z.number();
const flag = z.boolean();

const event = z.object({
  arn: text,
  service: text,
  type: text,
  category: text,
  scope: text,
  region: text,
  zone: text.optional(),
  status: text,
  start: text.optional(),
  end: text.optional(),
  updated: text.optional(),
  actionability: text.optional(),
  concerns: flag.describe("What was asked about"),
  description: text.optional(),
  affected: z.array(z.object({ id: text, status: text.optional() })).optional(),
  affectedCount: number.optional(),
});
export type HealthEventItem = z.infer<typeof event>;

const instance = z.object({
  id: text,
  region: text,
  zone: text.optional(),
  systemCheck: text,
  instanceCheck: text,
  ebsCheck: text.optional(),
  since: text.optional(),
  whose: text,
  scheduled: z.array(text).optional(),
});
export type InstanceItem = z.infer<typeof instance>;

const alarm = z.object({
  name: text,
  region: text,
  since: text.optional(),
  metric: text.optional(),
  resource: text.optional(),
  reason: text.optional(),
  description: text.optional(),
  concerns: flag,
});
export type AlarmItem = z.infer<typeof alarm>;

const measured = z.object({
  metric: text,
  statistic: text,
  unit: text.optional(),
  lastHour: number.optional(),
  dayBefore: number.optional().describe("Of an hour"),
});
export type Measured = z.infer<typeof measured>;

const resource = z.object({
  service: text,
  resource: text,
  region: text,
  state: text.describe("worse, silent, as before, or unknown"),
  why: z.array(text).optional(),
  since: text.optional().describe("When it became worse"),
  values: z.array(measured),
});
export type ResourceItem = z.infer<typeof resource>;

export const serviceHealthOutput = z.object({
  timestamp: text,
  meta: z.object({
    ...metaShape,
    services: z.array(text),
    regions: z.array(text),
    notEnabled: z.array(text),
    resources: z.array(text),
  }),
  verdict: z.object({
    whose: text.describe("AWS's, yours, or cannot tell"),
    confidence: number,
    reasons: z.array(text),
    unknown: z.array(text).describe("What was not seen: no sign that nothing is there"),
  }),
  awsEvents: section({
    endpoint: text,
    complete: flag.describe("False: open issues may be missing"),
    count: number,
    items: z.array(event),
  }),
  instances: section({
    checked: number,
    failing: z.array(instance),
    undecided: z.array(text).describe("Checks without a result yet"),
    failures: regionFailures,
  }),
  alarms: section({
    count: number,
    items: z.array(alarm),
    withoutAlarms: z.array(text).describe("Regions in which none is set up"),
    failures: regionFailures,
  }),
  metrics: section({
    tableAsOf: text,
    from: text,
    to: text,
    items: z.array(resource),
    omitted: number,
    failures: regionFailures,
  }),
});

export type ServiceHealthOutput = z.infer<typeof serviceHealthOutput>;
export type HealthSections = Pick<
  ServiceHealthOutput,
  "awsEvents" | "instances" | "alarms" | "metrics"
>;
export type OkEvents = Ok<HealthSections["awsEvents"]>;
export type OkInstances = Ok<HealthSections["instances"]>;
export type OkAlarms = Ok<HealthSections["alarms"]>;
export type OkMetrics = Ok<HealthSections["metrics"]>;
