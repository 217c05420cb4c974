import type { SuggestedAction } from "agentflow-mcp/plugin";
import { remediesFor } from "../answer/remedies.ts";
import { changePlanAction } from "../change-plan/action.ts";
import { asSections } from "../ec2/over-regions.ts";
import { topicNames, topics } from "./checks.ts";
import type { UnusedOutput } from "./output.ts";

/** Next steps that follow from what was found. */
export function suggestActions(data: UnusedOutput, regions: readonly string[]): SuggestedAction[] {
  const { timestamp: _, meta: __, totals, ...sections } = data;
  const [largest] = topicNames
    .flatMap((name) => {
      const one = sections[name];
      return one?.status === "ok" && one.count > 0 ? [{ name, ...one }] : [];
    })
    .toSorted((left, right) => right.monthlySavingUsd - left.monthlySavingUsd);
  const isEverywhere = regions.includes("all");
  return [
    ...remediesFor({ ...sections, ...asSections(sections) }),
    ...(largest === undefined
      ? []
      : [
          {
            ...changePlanAction,
            title: `Begin with: ${topics[largest.name].title.toLowerCase()}. The prompt aws_change_plan writes the plan`,
          },
          {
            title: "See what this storage and these addresses really cost",
            reason: "The savings are estimates from list prices; the bill has the amounts.",
            tool: "aws_cost_analysis",
            arguments: { analysis: "breakdown", services: ["EC2 - Other"], groupBy: "USAGE_TYPE" },
          },
        ]),
    ...(isEverywhere || totals.resources > 0
      ? []
      : [
          {
            title: "Look in all regions",
            reason: "What is forgotten is often where nobody looks.",
            tool: "aws_unused_resources",
            arguments: { regions: ["all"] },
          },
        ]),
  ].slice(0, 4);
}
