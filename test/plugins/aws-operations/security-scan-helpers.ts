import {
  analyzersIn,
  type DemoAccount,
} from "../../../plugins/aws-operations/demo-account/index.ts";
import type { Finding, FindingsSection } from "../../../plugins/aws-operations/security/finding.ts";
import type { SecurityScanOutput } from "../../../plugins/aws-operations/security-scan/output.ts";
import { callTool, okay, pluginOn } from "./helpers.ts";
import type { RequestOptions } from "./helpers-contract.ts";

export const everywhere = ["us-east-1", "eu-west-1", "us-west-2"];

export async function scan(
  account: DemoAccount,
  args: Record<string, unknown> = {},
  options: RequestOptions & { readonly settings?: Record<string, unknown> } = {},
) {
  const { settings, ...rest } = options;
  const on = pluginOn(account, { regions: everywhere, ...settings });
  const answer = await callTool(on, "aws_security_scan", args, { retries: 1, ...rest });
  return { ...answer, data: answer.data as unknown as SecurityScanOutput };
}

/** What the account's analyzers have found, as the account has it. */
export function analyzed(account: DemoAccount) {
  return everywhere.flatMap((region) =>
    analyzersIn(account.estate, region).flatMap((analyzer) => analyzer.findings),
  );
}

export function rulesIn(section: FindingsSection | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of okay(section).findings) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}

export function only(section: FindingsSection | undefined, rule: string): Finding[] {
  return okay(section).findings.filter((one) => one.rule === rule);
}
