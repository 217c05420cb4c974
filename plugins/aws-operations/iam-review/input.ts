import { z } from "zod";
import { list, refresh } from "../answer/lenient.ts";

export const reviewChecks = [
  "admins",
  "root",
  "mfa",
  "access_keys",
  "password_policy",
  "wildcard_policies",
] as const;

export type ReviewCheck = (typeof reviewChecks)[number];

export const iamReviewInput = z.strictObject({
  checks: list(
    z.enum(reviewChecks),
    'What to review (default all): admins = who can do everything, by themselves, through a group or through a role, and who may assume that role; root = MFA, access keys and use of the root user; mfa = users with a password and without MFA; access_keys = active keys that are too old or never used; password_policy; wildcard_policies = policies of the account\'s own that allow every action, or all of a service, on everything. Example: ["admins", "mfa"].',
    ",",
  ),
  maxKeyAgeDays: z
    .int()
    .min(1)
    .max(3650)
    .default(90)
    .describe("For access_keys: active keys older than this are findings."),
  limit: z.int().min(1).max(200).default(25).describe("Most findings to list, the worst first."),
  refresh,
});

export type IamReviewInput = z.infer<typeof iamReviewInput>;
