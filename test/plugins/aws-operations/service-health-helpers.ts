import type { DemoAccount } from "../../../plugins/aws-operations/demo-account/index.ts";
import { serviceHealthOutput } from "../../../plugins/aws-operations/service-health/output.ts";
import { askTool, pluginOn } from "./helpers.ts";
import type { RequestOptions } from "./helpers-contract.ts";

export const hour = 3_600_000;

/** Asks `aws_service_health` of a plugin on the account, as the host does. */
export function look(
  account: DemoAccount,
  args: Record<string, unknown> = {},
  options: RequestOptions & { readonly settings?: Record<string, unknown> } = {},
) {
  const { settings, ...rest } = options;
  const tool = ["aws_service_health", serviceHealthOutput] as const;
  return askTool(pluginOn(account, settings), tool, args, { retries: 2, ...rest });
}
