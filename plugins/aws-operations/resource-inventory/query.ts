import { awsError } from "../aws/errors.ts";
import { regionsIn } from "../aws/regions-in.ts";
import { nearest } from "../aws/nearest.ts";
import type { InventoryInput } from "./tool.ts";
import { type ResourceType, resourceTypes, typeNames } from "./types.ts";

/** What is asked for, with what the question in words adds to the arguments. */
export interface InventoryQuery {
  readonly types: readonly ResourceType[];
  /** Empty: the configured ones. */
  readonly regions: readonly string[];
  readonly states: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly limit: number;
  readonly refresh: boolean;
  /** What the question is after, besides a list. */
  readonly wish: "change" | "savings" | undefined;
}

export function toQuery(input: InventoryInput, message: string): InventoryQuery {
  const states = input.state ?? (input.types === undefined ? statesIn(message) : []);
  for (const state of states) if (!allStates.has(state)) throw noSuchState(state);
  const named = input.types ?? typesIn(message);
  const wanted = named.length > 0 ? named : typeNames;
  return {
    types: unique(input.types === undefined ? typesWith(states, wanted) : wanted),
    regions: input.regions ?? placesIn(message),
    states,
    tags: input.tags ?? {},
    limit: input.limit,
    refresh: input.refresh,
    wish: wishIn(message),
  };
}

const allStates: ReadonlySet<string> = new Set(
  typeNames.flatMap((type) => resourceTypes[type].states),
);

/** Who asks for a state without naming types means those that can be in it. */
function typesWith(
  states: readonly string[],
  types: readonly ResourceType[],
): readonly ResourceType[] {
  if (states.length === 0) return types;
  const fitting = types.filter((type) =>
    resourceTypes[type].states.some((state) => states.includes(state)),
  );
  return fitting.length > 0 ? fitting : types;
}

function noSuchState(state: string): Error {
  const near = nearest(state, allStates);
  const advice =
    near === undefined ? `There are: ${[...allStates].join(", ")}.` : `Did you mean ${near}?`;
  return awsError("BAD_REQUEST", `No resource is ever in the state "${state}". ${advice}`);
}

const words: readonly (readonly [RegExp, readonly ResourceType[]])[] = [
  [/\b(ec2|instances?|servers?|virtual machines?)\b/, ["instances"]],
  [/\b(ebs|volumes?|disks?)\b/, ["volumes"]],
  [/\b(elastic ips?|eips?|(ip )?addresses)\b/, ["addresses"]],
  [/\bsnapshots?\b/, ["snapshots"]],
  [/\bnat\b/, ["nat_gateways"]],
  [/\b(vpcs?|networks?)\b/, ["vpcs", "subnets"]],
  [/\bsubnets?\b/, ["subnets"]],
  [/\b(security groups?|firewalls?)\b/, ["security_groups"]],
  [/\brout(e|es|ing)\b/, ["route_tables"]],
  [/\b(internet gateways?|igws?)\b/, ["internet_gateways"]],
];

function typesIn(message: string): ResourceType[] {
  const text = message.toLowerCase();
  return words.flatMap(([pattern, types]) => (pattern.test(text) ? types : []));
}

function statesIn(message: string): string[] {
  const text = message.toLowerCase();
  if (/\bunattached\b/.test(text)) return ["available"];
  return ["running", "stopped", "terminated", "unassociated"].filter((state) =>
    new RegExp(String.raw`\b${state}\b`).test(text),
  );
}

function placesIn(message: string): string[] {
  const text = message.toLowerCase();
  if (/\b(all|every|each) regions?\b|\beverywhere\b/.test(text)) return ["all"];
  return regionsIn(message);
}

function wishIn(message: string): InventoryQuery["wish"] {
  const text = message.toLowerCase();
  if (/\b(unused|idle|waste|wasted|optimi[sz]e|save|savings|clean ?up)\b/.test(text))
    return "savings";
  const change =
    /\b(create|launch|add|delete|terminate|remove|resize|enlarge|shrink|grow|scale|modify|change|stop|start)\b/;
  return change.test(text) ? "change" : undefined;
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
