import type { ToolConfig } from "agentflow-mcp/plugin";
import { z } from "zod";
import { fromJson, list, refresh } from "../answer/lenient.ts";
import { published } from "../answer/published.ts";
import { readOnlyTool } from "../answer/read-only-tool.ts";
import { askedRegionNames } from "../ec2/region-input.ts";
import { inventoryOutput } from "./output.ts";
import { typeNames } from "./types.ts";

const tags = z.preprocess(
  (value) => (typeof value === "string" ? fromJson(value) : value),
  z
    .record(z.string().min(1).max(128), z.string().max(256))
    .optional()
    .describe(
      'Only resources with all of these tags: {"Team": "checkout"}; "*" for any value. Keys and values in their exact case.',
    ),
);

export const inventoryInput = z.strictObject({
  types: list(
    z.preprocess(toTypeName, z.enum(typeNames)),
    'What to list: ["instances"] for EC2 instances, ["security_groups"] for firewall rules. Default: all ten types.',
    ",",
  ),
  message: z
    .string()
    .optional()
    .describe(
      "The question in words. Chooses types, state and regions where they are not given as arguments.",
    ),
  regions: askedRegionNames,
  state: list(
    z.string().min(1),
    'Only resources in this state: ["running"] or ["stopped"] for instances, ["available"] for volumes that are attached to nothing, ["unassociated"] for addresses. Default: all.',
    ",",
  ),
  tags,
  limit: z
    .int()
    .min(1)
    .max(1000)
    .default(200)
    .describe("Resources listed in the data, over all types. The counts are of all."),
  refresh,
});
export type InventoryInput = z.infer<typeof inventoryInput>;

/** `Security Groups`, `security-group`, `EC2 instances`: the names that people use. */
function toTypeName(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const name = value
    .trim()
    .toLowerCase()
    .replace(/^(ec2|ebs|elastic ip)[\s_-]+/, "")
    .replaceAll(/[\s-]+/g, "_");
  return typeNames.find((type) => type === name || type === `${name}s`) ?? synonyms[name] ?? name;
}

const synonyms: Readonly<Record<string, string>> = {
  address: "addresses",
  elastic_ips: "addresses",
  elastic_ip: "addresses",
  eips: "addresses",
  eip: "addresses",
  ec2: "instances",
  ebs: "volumes",
  firewalls: "security_groups",
};

/** Answered by the handler of its category. */
export const awsResourceInventory: ToolConfig = readOnlyTool({
  title: "AWS resource inventory",
  description: `Lists what there is in EC2 and its networks, over as many regions as wanted: instances, volumes, addresses (Elastic IPs), snapshots, nat_gateways, vpcs, subnets, security_groups (with their rules in words), route_tables, internet_gateways. All arguments are optional.

- List all running EC2 instances: {"types": ["instances"], "state": ["running"]}
- Everything of the team checkout, everywhere: {"tags": {"Team": "checkout"}, "regions": ["all"]}
- Security group configuration: {"types": ["security_groups"]}
- How is the network laid out? {"types": ["vpcs", "subnets", "route_tables", "internet_gateways", "nat_gateways"]}

Each type and region that could not be read is said. What could be given up is a question for aws_unused_resources. Read-only and free; answers are kept for five minutes.`,
  category: "AWS_RESOURCE_MANAGEMENT",
  inputSchema: inventoryInput,
  outputSchema: published(inventoryOutput),
  config: { toolName: "aws_resource_inventory", timeout: 30, retryCount: 2 },
});
