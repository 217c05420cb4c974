import { z } from "zod";
import { list, refresh } from "../answer/lenient.ts";
import { severities } from "../security/severity.ts";

const checks = ["external_access", "unused_access", "public_exposure", "iam"] as const;

export type ScanCheck = (typeof checks)[number];

const severity = z.preprocess(
  (value) => (typeof value === "string" ? value.toUpperCase() : value),
  z.enum(severities),
);

export const securityScanInput = z.strictObject({
  checks: list(
    z.enum(checks),
    'What to look for (default all): external_access = what other accounts or anybody can reach, by IAM Access Analyzer; unused_access = roles, keys and permissions that nobody uses, by its unused-access analyzer; public_exposure = what the whole internet can reach: public resources, and security groups open on sensitive ports; iam = the root user. Example: ["public_exposure"].',
    ",",
  ),
  regions: list(
    // It becomes part of a host's name, to which signed requests go.
    z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, "A region looks like us-east-1"),
    'Regions to look in: ["eu-west-1", "us-east-1"]. Default: those of the configuration. IAM has none.',
    ",",
  ),
  minSeverity: severity
    .optional()
    .describe(
      "Leave out what is less urgent: LOW, MEDIUM, HIGH or CRITICAL. Default as configured, MEDIUM. What is left out is counted.",
    ),
  includeArchived: z
    .boolean()
    .default(false)
    .describe("Also findings that somebody has archived, that is, found to be intended."),
  limit: z.int().min(1).max(200).default(25).describe("Most findings to list, the worst first."),
  message: z
    .string()
    .optional()
    .describe(
      "The question in words. Chooses checks, regions and severity that are not given. One about IAM alone (administrators, policies, MFA, keys, passwords) is answered as aws_iam_review does.",
    ),
  refresh,
});

export type SecurityScanInput = z.infer<typeof securityScanInput>;
