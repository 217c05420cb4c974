import type { ToolConfig } from "agentflow-mcp/plugin";
import { z } from "zod";
import { textOrFailure } from "../answer/aws-answers.ts";
import { list, refresh } from "../answer/lenient.ts";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import type { AwsParts } from "../aws-tools.ts";
import { askedRegions } from "../ec2/asked-regions.ts";
import { priceBasis } from "../ec2/prices.ts";
import { askedRegionNames } from "../ec2/region-input.ts";
import { suggestActions } from "./actions.ts";
import { checkNames } from "./checks.ts";
import { type UnusedOutput, unusedOutput, type UnusedSections } from "./output.ts";
import { rightsizingSection } from "./rightsizing-section.ts";
import { sectionsOf, totalsOf } from "./sections.ts";
import { writeText } from "./text.ts";

const unusedInput = z.strictObject({
  regions: askedRegionNames,
  checks: list(
    z.enum(checkNames),
    'What to look for: ["unattached_volumes", "unassociated_addresses"]. Default: all nine.',
    ",",
  ),
  stoppedDays: z
    .int()
    .min(0)
    .max(3650)
    .default(30)
    .describe("An instance that has been stopped for more days than that is reported."),
  snapshotDays: z
    .int()
    .min(0)
    .max(3650)
    .default(90)
    .describe("A snapshot that is more days old than that is reported."),
  rightsizing: z
    .boolean()
    .default(false)
    .describe(
      "Also instances that are larger than what they do, as Cost Explorer sees them. AWS charges $0.01 for it.",
    ),
  refresh,
});
type UnusedInput = z.infer<typeof unusedInput>;

export function awsUnusedResources({ api, answers, config }: AwsParts): ToolConfig {
  return readOnlyTool<UnusedInput, UnusedOutput>({
    title: "AWS unused resources",
    description: `Finds what is paid for and not used in EC2, over as many regions as wanted, and estimates what could be saved: volumes attached to nothing or to stopped instances, Elastic IPs that nothing uses, instances stopped for long, old and orphaned snapshots, gp2 volumes that cost less as gp3, instances of previous generations, NAT gateways that no route leads to, security groups that nothing uses. All arguments are optional.

- Check unused resources: {}
- Everywhere: {"regions": ["all"]}
- Which instances are too large? {"rightsizing": true}
- Old snapshots only: {"checks": ["snapshots"], "snapshotDays": 365}

Savings are estimates from list prices. Read-only, and free without rightsizing; answers are kept for five minutes. To act on it, the prompt aws_change_plan writes a plan.`,
    category: "AWS_RESOURCE_MANAGEMENT",
    inputSchema: unusedInput,
    outputSchema: published(unusedOutput),
    config: { toolName: "aws_unused_resources", timeout: 45, retryCount: 2 },
    handler: (input, context) => {
      const { regions: wanted = [], stoppedDays, snapshotDays } = input;
      const about = {
        intentType: "AWS_RESOURCE_MANAGEMENT",
        toolsUsed: ["aws_unused_resources"],
        refresh: input.refresh,
      };
      return answers.answer(context, about, async ({ now, scope, settle, meta }) => {
        const regions = await askedRegions(api, wanted, config.regions, scope);
        const source = { api, scope, now, stoppedDays, snapshotDays, regions: regions.asked };
        const sections: UnusedSections = await settle({
          ...sectionsOf(input.checks ?? checkNames, source),
          ...(input.rightsizing && {
            rightsizing: () => rightsizingSection(api, regions.asked, scope),
          }),
        });
        const { notes, ...facts } = await meta();
        const data: UnusedOutput = {
          timestamp: now.toISOString(),
          meta: {
            ...facts,
            notes: [...regions.warnings, ...notes],
            regions: [...regions.asked],
            notEnabled: [...regions.notEnabled],
            prices: priceBasis,
            stoppedDays,
            snapshotDays,
          },
          totals: totalsOf(sections),
          ...sections,
        };
        return {
          ...textOrFailure(sections, () => writeText(data)),
          analysisType: "unused_resources",
          data,
          suggestedActions: suggestActions(data, wanted),
        };
      });
    },
  });
}
