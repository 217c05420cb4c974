import type { ToolConfig, ToolContext, ToolResult } from "agentflow-mcp/plugin";
import { type AwsAnswers, textOrFailure } from "../answer/aws-answers.ts";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import type { SecurityConfig } from "../config/index.ts";
import type { AWSSecurityAnalyzer } from "../security/aws-security-analyzer.ts";
import { frameworksIn, summarise } from "../security/compliance.ts";
import { type FindingsSection, showWorst } from "../security/finding.ts";
import { suggestReviewActions } from "./actions.ts";
import { type AdministratorRow, reviewAdmins } from "./admin-section.ts";
import { keySection, mfaSection, rootSection } from "./credential-sections.ts";
import { iamReviewInput, type IamReviewInput, type ReviewCheck, reviewChecks } from "./input.ts";
import { iamReviewOutput, type IamReviewOutput } from "./output.ts";
import { passwordSection, wildcardSection } from "./policy-sections.ts";
import { ReviewSource } from "./source.ts";
import { writeReview } from "./text.ts";

export interface IamReviewParts {
  readonly answers: AwsAnswers;
  readonly securityAnalyzer: AWSSecurityAnalyzer;
  readonly config: SecurityConfig;
}

export function awsIamReview(parts: IamReviewParts): ToolConfig {
  return readOnlyTool({
    title: "AWS IAM review",
    description: `Reviews who may do what in the AWS account and how well they prove who they are: administrators (by themselves, through groups, through roles and who may assume those), the root user, MFA, access keys, the password policy, policies that are too wide. Each finding names the SOC 2 and ISO 27001 controls that it bears on. All arguments are optional.

- Who has admin access? {"checks": ["admins"]}
- Review my IAM policies: {"checks": ["wildcard_policies", "admins"]}
- Who signs in without MFA? {"checks": ["mfa", "root"]}
- Which access keys are older than half a year? {"checks": ["access_keys"], "maxKeyAgeDays": 180}

What outsiders can reach, and roles and permissions that nobody uses: aws_security_scan. MFA and keys come from IAM's credential report, which IAM first has to make: if it is not ready in time (REPORT_NOT_READY), the rest is answered; call again in a minute. Read-only and free.`,
    category: "AWS_SECURITY",
    inputSchema: iamReviewInput,
    outputSchema: published(iamReviewOutput),
    handler: (args, context) => reviewIam(args, context, parts),
    config: { toolName: "aws_iam_review", timeout: 45, retryCount: 1 },
  });
}

/** `confidence` is the router's, where it has chosen the question. */
export function reviewIam(
  input: IamReviewInput,
  context: ToolContext,
  { answers, securityAnalyzer, config, confidence }: IamReviewParts & { confidence?: number },
): Promise<ToolResult<IamReviewOutput>> {
  const checks =
    input.checks === undefined || input.checks.length === 0 ? reviewChecks : input.checks;
  const query = {
    checks: [...new Set<ReviewCheck>(checks)],
    maxKeyAgeDays: input.maxKeyAgeDays,
    limit: input.limit,
    frameworkNames: config.complianceFrameworks,
    frameworks: frameworksIn(config.complianceFrameworks),
  };
  const about = {
    intentType: "AWS_SECURITY",
    toolsUsed: ["aws_iam_review"],
    ...(confidence !== undefined && { confidence }),
    refresh: input.refresh,
  };
  return answers.answer(context, about, async ({ now, scope, settle, meta }) => {
    const source = new ReviewSource({
      query,
      now,
      analyzer: securityAnalyzer,
      scope,
      remainingMs: context.remainingMs(),
    });
    let administrators: AdministratorRow[] | undefined;
    const all = await settle(
      runsOf(source, (rows) => {
        administrators = [...rows];
      }),
    );
    const sections = showWorst(all, { minSeverity: "LOW", limit: query.limit });
    const madeAt = needsReport(query.checks) ? await source.reportIfAny() : {};
    const data: IamReviewOutput = {
      timestamp: now.toISOString(),
      meta: {
        ...(await meta()),
        checks: query.checks,
        maxKeyAgeDays: query.maxKeyAgeDays,
        ...(madeAt.report?.madeAt !== undefined && {
          reportMadeAt: madeAt.report.madeAt.toISOString(),
        }),
      },
      ...(administrators !== undefined && { administrators }),
      ...sections,
      compliance: summarise(query.frameworkNames, all),
    };
    return {
      ...textOrFailure(sections, () => writeReview(data)),
      analysisType: "iam_review",
      data,
      suggestedActions: suggestReviewActions(sections),
    };
  });
}

function needsReport(checks: readonly ReviewCheck[]): boolean {
  return checks.some((check) => ["admins", "root", "mfa", "access_keys"].includes(check));
}

type Runs = Readonly<Record<string, () => Promise<FindingsSection>>>;

function runsOf(
  source: ReviewSource,
  onAdministrators: (rows: readonly AdministratorRow[]) => void,
): Runs {
  const asked = new Set(source.query.checks);
  return {
    ...(asked.has("admins") && {
      admins: async () => {
        const { section, rows } = await reviewAdmins(source);
        onAdministrators(rows);
        return section;
      },
    }),
    ...(asked.has("root") && { root: () => rootSection(source) }),
    ...(asked.has("mfa") && { mfa: () => mfaSection(source) }),
    ...(asked.has("access_keys") && { accessKeys: () => keySection(source) }),
    ...(asked.has("password_policy") && { passwordPolicy: () => passwordSection(source) }),
    ...(asked.has("wildcard_policies") && { wildcardPolicies: () => wildcardSection(source) }),
  };
}
