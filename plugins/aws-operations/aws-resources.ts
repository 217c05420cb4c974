import type { ResourceDefinition } from "agentflow-mcp/plugin";
import { leastPrivilegePolicy } from "./aws/services.ts";
import type { SessionCosts } from "./aws/session-costs.ts";
import { costsUri } from "./costs-watch.ts";

/** What can be read about the plugin itself. */
export function resourcesFor(costs: SessionCosts): Readonly<Record<string, ResourceDefinition>> {
  return {
    "aws://iam-policy": {
      name: "iam-policy",
      title: "IAM policy for this plugin",
      description:
        "The least that the plugin's credentials must be allowed, by kind of question. Whoever has profiles with a role also " +
        "allows sts:AssumeRole on these roles.",
      mimeType: "application/json",
      text: JSON.stringify(leastPrivilegePolicy(), undefined, 2),
    },
    [costsUri]: {
      name: "session-costs",
      title: "What asking AWS has cost",
      description:
        "Requests that AWS charges for, by action and profile, since the start and today (UTC), with the budget and what is left of it.",
      mimeType: "application/json",
      read: () => JSON.stringify(costs.report(), undefined, 2),
    },
  };
}
