import type { SuggestedAction } from "agentflow-mcp/plugin";
import type { AnySection } from "./section.ts";

const status = { tool: "aws_account_status" };

const remedies: Readonly<Record<string, SuggestedAction>> = {
  NO_CREDENTIALS: {
    title: "Check AWS credentials",
    reason: "The server process has none: set AWS_PROFILE, or awsAccessKey and awsSecretKey.",
    ...status,
  },
  EXPIRED_TOKEN: { title: "Sign in again", reason: "Run `aws sso login` or refresh the keys." },
  BAD_CREDENTIALS: {
    title: "Check AWS credentials",
    reason: "AWS does not accept them: compare the keys, and this machine's clock.",
    ...status,
  },
  DEMO_CREDENTIALS: {
    title: "Set the demo account's endpoint",
    reason: "Its keys are never sent to AWS.",
  },
  ACCESS_DENIED: {
    title: "Verify permissions",
    reason: "The resource aws://iam-policy allows what the tools need, and nothing more.",
    ...status,
    arguments: { probe: true },
  },
  CE_NOT_ENABLED: {
    title: "Enable Cost Explorer",
    reason: "In Billing → Cost Explorer; data appear after about 24 h.",
  },
  RIGHTSIZING_NOT_ENABLED: {
    title: "Enable rightsizing recommendations",
    reason: "In the payer account's Cost Explorer preferences; the first come after about 24 h.",
  },
  CE_NO_DATA: { title: "Ask again tomorrow", reason: "AWS has no cost data for these days yet." },
  BAD_REQUEST: {
    title: "Change the request",
    reason: "AWS does not take the arguments: see its message.",
  },
  THROTTLED: {
    title: "Ask again in half a minute",
    reason: "AWS lets through only so many requests at a time; Cost Explorer takes the fewest.",
  },
  TIMEOUT: {
    title: "Ask again",
    reason: "AWS did not answer in time; pages that it gave are not asked for again.",
  },
  UPSTREAM: {
    title: "Ask again, or check https://health.aws.amazon.com/health/status",
    reason: "AWS is unreachable or failing.",
  },
  PAGING_RESTARTED: { title: "Ask again", reason: "The data changed while they were read." },
  REQUEST_BUDGET_SPENT: {
    title: "Raise the budget for paid requests, or ask tomorrow",
    reason: "What billingConfig.dailyRequestBudgetUsd allows for today (UTC) is spent.",
    ...status,
  },
  NO_ANOMALY_MONITOR: {
    title: "Create an anomaly monitor",
    reason: "Without one nothing unusual is ever found; it is free.",
  },
  HEALTH_NEEDS_SUPPORT_PLAN: {
    title: "Look at https://health.aws.amazon.com/health/status",
    reason:
      "AWS tells by its API only those who pay for support; the public page shows issues of whole services, not what concerns this account alone.",
  },
  REPORT_NOT_READY: {
    title: "Ask again in a minute",
    reason: "IAM has begun to make the credential report; what was read already is kept.",
  },
};

/** What to do about the sections that failed: each remedy once. */
export function remediesFor(
  sections: Readonly<Record<string, AnySection | undefined>>,
): SuggestedAction[] {
  const codes = Object.values(sections).flatMap((one) =>
    one?.status === "error" ? [one.error.code] : [],
  );
  return [...new Set([...new Set(codes)].flatMap((code) => remedies[code] ?? []))];
}
