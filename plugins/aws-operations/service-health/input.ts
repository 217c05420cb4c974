import { z } from "zod";
import { list, refresh } from "../answer/lenient.ts";
import { region } from "../config/connection.ts";

const statuses = ["open", "upcoming", "closed"] as const;
export type EventStatus = (typeof statuses)[number];

const categories = ["issue", "investigation", "scheduledChange", "accountNotification"] as const;
const scopes = ["PUBLIC", "ACCOUNT_SPECIFIC"] as const;

export const serviceHealthInput = z.strictObject({
  services: list(
    z.string().min(1).max(60),
    'What is in trouble: ["rds"], ["lambda", "api gateway"]. Its errors and latency of the last hour are then compared with the day before. Default: nothing is compared, everything else is looked at.',
    ",",
  ),
  regions: list(
    z.union([z.literal("all"), region]),
    'Where: ["us-west-2"], or ["all"] for every region that the account has enabled. Default: outageConfig.healthCheckRegions.',
    ",",
  ),
  resources: list(
    z.string().min(1).max(300),
    'Only these, by id, name or ARN: ["i-0123456789abcdef0"], ["orders-db"]. Default: all.',
    ",",
  ),
  message: z
    .string()
    .optional()
    .describe(
      "The trouble in words: chooses services, regions and resources that are not given. Example: RDS in us-west-2 connection failed with a timeout",
    ),
  status: list(
    z.enum(statuses),
    "Which events of AWS Health. Default: open and upcoming ones, and those closed within the last day.",
    ",",
  ),
  category: list(z.enum(categories), "Which kinds of events. Default: all.", ","),
  scope: z
    .enum(scopes)
    .optional()
    .describe("PUBLIC: events of a whole service; ACCOUNT_SPECIFIC: of this account alone."),
  sinceDays: z
    .int()
    .min(1)
    .max(90)
    .optional()
    .describe("Closed events of so many days. Default 1; 7 if `status` names closed."),
  includeDetails: z
    .boolean()
    .default(true)
    .describe("AWS's own description of the ten events that concern the question most."),
  includeAffected: z.boolean().default(true).describe("The resources that those events name."),
  refresh,
});

export type ServiceHealthInput = z.infer<typeof serviceHealthInput>;
