import { itemsOf, memberOf, numberOf, textOf } from "./record.ts";

/** Members of a request that say what was done to what. No others are read: passwords and keys stand among them. */
const told = [
  "userName",
  "groupName",
  "roleName",
  "policyName",
  "policyArn",
  "roleArn",
  "instanceType",
  "destinationCidrBlock",
  "status",
] as const;

/** What was asked for, in a few words: `tcp 22 from 0.0.0.0/0`. */
export function detailsOf(event: string, record: object | undefined): string | undefined {
  const request = memberOf(record, "requestParameters");
  const all = /SecurityGroup(Ingress|Egress)$/.test(event)
    ? itemsOf(request, "ipPermissions").map(ruleOf)
    : told.flatMap((name) => {
        const value = textOf(request, name);
        return value === undefined ? [] : [`${name} ${value}`];
      });
  return all.length === 0 ? undefined : all.join("; ").slice(0, 300);
}

function ruleOf(permission: object): string {
  const protocol = textOf(permission, "ipProtocol") ?? "-1";
  const [first, last] = [numberOf(permission, "fromPort"), numberOf(permission, "toPort")];
  const span = first === last ? `${first}` : `${first}–${last}`;
  const ports = first === undefined ? "" : ` ${span}`;
  const sources = [
    ...itemsOf(permission, "ipRanges").map((range) => textOf(range, "cidrIp")),
    ...itemsOf(permission, "ipv6Ranges").map((range) => textOf(range, "cidrIpv6")),
    ...itemsOf(permission, "groups").map((group) => textOf(group, "groupId")),
    ...itemsOf(permission, "prefixListIds").map((list) => textOf(list, "prefixListId")),
  ].filter((source) => source !== undefined);
  const what = protocol === "-1" ? "everything" : `${protocol}${ports}`;
  return `${what} for ${sources.join(", ") || "nobody"}`;
}
