import { z } from "zod";
import { refresh } from "../answer/lenient.ts";
import { askedRegionNames } from "../ec2/region-input.ts";

/** CloudTrail's event history goes back so far. */
export const keptDays = 90;

const name = z.string().trim().min(1).max(200).optional();

export const apiActivityInput = z.strictObject({
  user: name.describe(
    'Who did it: a user\'s name ("ben.ortiz"), "root", the session name of a role, a role ("role/deployer" or its ARN), or an access key id. In its exact case.',
  ),
  event: name.describe('One action, as the API names it: "StopInstances", "ConsoleLogin".'),
  service: name.describe('One service: "ec2", "iam", "s3.amazonaws.com"; "signin" for sign-ins.'),
  resource: name.describe(
    'One resource, as the service names it: "i-0a1b2c3d4e5f60006", "sg-…", a bucket, a user.',
  ),
  days: z
    .int()
    .min(1)
    .max(keptDays)
    .default(7)
    .describe("How many days back, from 00:00 UTC on the first: 1 = since yesterday. At most 90."),
  until: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })])
    .optional()
    .describe(
      'The end, instead of now: a day in UTC, included ("2026-11-10"), or a time ("2026-11-10T14:00:00Z"). `days` count back from it.',
    ),
  adminOnly: z
    .boolean()
    .default(false)
    .describe(
      "Only actions of administration: IAM, keys and passwords, security groups, routes, access to data, trails, and all that root did.",
    ),
  includeReads: z
    .boolean()
    .default(false)
    .describe("Also calls that change nothing (Describe…, List…, AssumeRole): there are many."),
  regions: askedRegionNames,
  limit: z.int().min(1).max(200).default(25).describe("Most calls in each list, newest first."),
  refresh,
});
export type ApiActivityInput = z.infer<typeof apiActivityInput>;
