import { resourcesIn, type RegionResources } from "../../data/ec2/resources.ts";
import { AwsError } from "../../protocol/errors.ts";
import {
  booleanText,
  integerText,
  list,
  structure,
  text,
  type Infer,
} from "../../protocol/shape.ts";
import { listPage } from "../list-page.ts";
import { operation, type AccountView, type Operation } from "../service.ts";
import { filterList, filterOf, type FilterPaths } from "./filters.ts";

const ids = list(text());

/** The parameters of all operations together, as the forms name them. */
const request = structure({
  AllRegions: booleanText,
  AllocationId: ids,
  DryRun: booleanText,
  Filter: filterList,
  GroupId: ids,
  GroupName: ids,
  IncludeAllInstances: booleanText,
  InstanceId: ids,
  InternetGatewayId: ids,
  MaxResults: integerText(),
  NatGatewayId: ids,
  NetworkInterfaceId: ids,
  NextToken: text(),
  Owner: ids,
  PublicIp: ids,
  RegionName: ids,
  RestorableBy: ids,
  RouteTableId: ids,
  SnapshotId: ids,
  SubnetId: ids,
  VolumeId: ids,
  VpcId: ids,
});

type DescribeRequest = Infer<typeof request>;
type Parameter = keyof DescribeRequest;

/** A parameter that names resources one by one. */
interface IdParameter<Item> {
  readonly name: {
    [K in Parameter]: DescribeRequest[K] extends readonly string[] | undefined ? K : never;
  }[Parameter];
  readonly of: (item: Item) => string | undefined;
  /** Such as `vol`; undefined where anything may be an id. */
  readonly prefix?: string;
  /** The error codes for an id that is none, and for one that nothing has. */
  readonly malformed?: string;
  readonly notFound: string;
  /** How the error calls what is not there, such as `volume`. */
  readonly noun: string;
}

export interface Description<Item extends object> {
  readonly items: (resources: RegionResources, request: DescribeRequest) => readonly Item[];
  readonly ids: readonly IdParameter<Item>[];
  /** Parameters besides ids and those that all operations have. */
  readonly parameters?: readonly Parameter[];
  readonly filters: FilterPaths;
  /** The largest `MaxResults`, the smallest being 5; undefined where nothing is paged. */
  readonly maxResults: number | undefined;
  readonly output: (items: readonly Item[]) => object;
}

const MIN_RESULTS = 5;

/** An operation that lists resources: by id, by filter, page by page. */
export function describe<Item extends object>(description: Description<Item>): Operation {
  const accepted = new Set<string>([
    "Action",
    "Version",
    "DryRun",
    "Filter",
    ...description.ids.map(({ name }) => name),
    ...(description.parameters ?? []),
    ...(description.maxResults === undefined ? [] : ["MaxResults", "NextToken"]),
  ]);
  const run = operation(request, (asked, account) => answer(description, asked, account));
  return (input, account) => {
    const unknown = Object.keys(input as object).find((name) => !accepted.has(name));
    if (unknown !== undefined) {
      throw new AwsError("UnknownParameter", `The parameter ${unknown} is not recognized`);
    }
    return run(input, account);
  };
}

function answer<Item extends object>(
  { items, ids: idParameters, filters, maxResults, output }: Description<Item>,
  asked: DescribeRequest,
  account: AccountView,
): object {
  const isWanted = filterOf(asked.Filter ?? [], filters);
  checkMaxResults(asked, maxResults, idParameters);
  let found = items(resourcesIn(account.estate, account.region), asked);
  for (const parameter of idParameters) found = named(found, parameter, asked[parameter.name]);
  found = found.filter((item) => isWanted(item));
  if (asked.DryRun) {
    throw new AwsError(
      "DryRunOperation",
      "Request would have succeeded, but DryRun flag is set.",
      412,
    );
  }
  if (maxResults === undefined) return output(found);
  const { NextToken: token, ...rest } = asked;
  const identity = [account.region, Object.keys(filters), rest];
  const page = listPage(found, asked.MaxResults, { token, identity }, account);
  return { ...output(page.items), NextToken: page.nextToken };
}

/** The items with one of the ids, in the items' own order; all items if there are no ids. */
function named<Item>(
  items: readonly Item[],
  { of, prefix, malformed = "InvalidParameterValue", notFound, noun }: IdParameter<Item>,
  wanted: readonly string[] | undefined,
): readonly Item[] {
  if (wanted === undefined) return items;
  for (const id of wanted) {
    if (prefix !== undefined && !isId(id, prefix)) {
      throw new AwsError(malformed, `Invalid id: "${id}" (expecting "${prefix}-...")`);
    }
    if (items.every((item) => of(item) !== id)) {
      throw new AwsError(notFound, `The ${noun} '${id}' does not exist`);
    }
  }
  return items.filter((item) => wanted.includes(of(item) ?? ""));
}

const isId = (id: string, prefix: string): boolean =>
  id.startsWith(`${prefix}-`) && /^(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id.slice(prefix.length + 1));

function checkMaxResults<Item>(
  asked: DescribeRequest,
  largest: number | undefined,
  idParameters: readonly IdParameter<Item>[],
): void {
  if (largest === undefined || asked.MaxResults === undefined) return;
  const byId = idParameters.find(({ name }) => asked[name] !== undefined);
  if (byId !== undefined) {
    throw new AwsError(
      "InvalidParameterCombination",
      `The parameter ${byId.name} cannot be used with the parameter MaxResults`,
    );
  }
  const limit =
    asked.MaxResults < MIN_RESULTS
      ? `greater than or equal to ${MIN_RESULTS}`
      : `smaller than or equal to ${largest}`;
  if (asked.MaxResults < MIN_RESULTS || asked.MaxResults > largest) {
    throw new AwsError(
      "InvalidParameterValue",
      `Value ( ${asked.MaxResults} ) for parameter MaxResults is invalid. Expecting a value ${limit}.`,
    );
  }
}
