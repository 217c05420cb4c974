import { z } from "zod";
import { metaShape } from "../answer/meta.ts";
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

export const securityScanOutput = z.object({
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

export type SecurityScanOutput = z.infer<typeof securityScanOutput>;
