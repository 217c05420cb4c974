import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { complianceSummary } from "../security/compliance.ts";
import { findingsSection, type FindingsSection } from "../security/finding.ts";

const text = z.string();
const texts = z.array(text);
const findings = findingsSection.optional();

const reviewSections = {
  admins: findings,
  root: findings,
  mfa: findings,
  accessKeys: findings,
  passwordPolicy: findings,
  wildcardPolicies: findings,
};

export type ReviewSections = {
  readonly [Name in keyof typeof reviewSections]?: FindingsSection | undefined;
};

/** What a review finds. */
export const reviewShape = {
  administrators: z
    .array(
      z.object({
        name: text,
        kind: text,
        level: text.describe("full, or iam: can make itself one"),
        via: texts,
        mfa: z.boolean().optional(),
        activeKeys: z.number().optional(),
        trusts: texts.optional().describe("Who may assume the role"),
        boundary: text.optional(),
      }),
    )
    .optional(),
  ...reviewSections,
};

export const iamReviewOutput = z.object({
  timestamp: text,
  meta: z.object({
    ...metaShape,
    checks: texts,
    maxKeyAgeDays: z.number(),
    reportMadeAt: text.optional().describe("Credential report: IAM renews it every four hours"),
  }),
  ...reviewShape,
  compliance: complianceSummary,
});

export type IamReviewOutput = z.infer<typeof iamReviewOutput>;
