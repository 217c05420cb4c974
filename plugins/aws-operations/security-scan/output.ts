import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
import { reviewShape } from "../iam-review/output.ts";
import { complianceSummary } from "../security/compliance.ts";
import { findingsSection, type FindingsSection } from "../security/finding.ts";

const findings = findingsSection.optional();

const scanSections = {
  externalAccess: findings,
  publicResources: findings.describe("Instead of externalAccess, for public_exposure alone"),
  networkExposure: findings,
  unusedAccess: findings,
  iam: findings,
};

export type ScanSections = {
  readonly [Name in keyof typeof scanSections]?: FindingsSection | undefined;
};

const securityScanOutput = z.object({
  timestamp: z.string(),
  meta: z.object({
    ...metaShape,
    checks: z.array(z.string()),
    regions: z.array(z.string()),
    minSeverity: z.string(),
    includeArchived: z.boolean(),
  }),
  ...scanSections,
  compliance: complianceSummary,
});

/** What the tool answers: a scan, or a review of IAM where the question in words is about that. */
export const securityAnswerOutput = securityScanOutput.extend(reviewShape);

export type SecurityAnswerOutput = z.infer<typeof securityAnswerOutput>;

export type SecurityScanOutput = z.infer<typeof securityScanOutput>;
