import type { CostLine, RecordType } from "../../data/billing.ts";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { LINKED_ACCOUNTS } from "../../data/catalogue.ts";
import { validation } from "../../protocol/errors.ts";

export type Attribute = (line: CostLine) => string;

const PURCHASE_TYPES: Partial<Record<RecordType, string>> = {
  Usage: "On Demand Instances",
  SavingsPlanCoveredUsage: "Savings Plans",
  SavingsPlanNegation: "Savings Plans",
  SavingsPlanRecurringFee: "Savings Plans",
};

const accountName = (id: string): string =>
  LINKED_ACCOUNTS.find((account) => account.id === id)?.name ?? id;

const instanceType: Attribute = (line) =>
  /(?:BoxUsage|InstanceUsage|NodeUsage):(.+)$/.exec(line.usageType)?.[1] ?? "NoInstanceType";

const KNOWN = new Map<string, Attribute>([
  ["SERVICE", (line) => line.service],
  ["LINKED_ACCOUNT", (line) => line.account],
  ["LINKED_ACCOUNT_NAME", (line) => accountName(line.account)],
  ["PAYER_ACCOUNT", () => DEMO_ACCOUNT_ID],
  ["REGION", (line) => line.region],
  ["USAGE_TYPE", (line) => line.usageType],
  ["OPERATION", (line) => line.operation],
  ["RECORD_TYPE", (line) => line.recordType],
  ["PURCHASE_TYPE", (line) => PURCHASE_TYPES[line.recordType] ?? "NoPurchaseType"],
  ["INSTANCE_TYPE", instanceType],
  [
    "INSTANCE_TYPE_FAMILY",
    // db.r6g.large and cache.r6g.large are of the family r6g as well.
    (line) => /^(?:db\.|cache\.)?([^.]+)\./.exec(instanceType(line))?.[1] ?? "NoInstanceTypeFamily",
  ],
  ["AZ", () => "NoAZ"],
  ["BILLING_ENTITY", () => "AWS"],
  ["LEGAL_ENTITY_NAME", () => "Amazon Web Services, Inc."],
]);

const TAGS = new Map<string, Attribute>([
  ["Environment", (line) => line.environment],
  ["Team", (line) => line.team],
]);

/** How to read a dimension off a line; throws for one that the demo account does not keep. */
export function dimension(key: string): Attribute {
  const attribute = KNOWN.get(key);
  if (attribute === undefined) {
    throw validation(
      `Dimension ${key} is not supported by the demo account. It keeps: ${[...KNOWN.keys()].join(", ")}`,
    );
  }
  return attribute;
}

/** How to read a tag off a line. A tag nobody uses is empty on every line. */
export const tag = (key: string): Attribute => TAGS.get(key) ?? (() => "");

/** What Cost Explorer says about the values of a dimension besides their names. */
export function describeValues(
  key: string,
  values: readonly string[],
): { Value: string; Attributes: Record<string, string> }[] {
  return values.map((value) => ({
    Value: value,
    Attributes: key === "LINKED_ACCOUNT" ? { description: accountName(value) } : {},
  }));
}
