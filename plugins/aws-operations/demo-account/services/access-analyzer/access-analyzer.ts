import type {
  FindingSummary,
  GetFindingsStatisticsResponse,
  GetFindingV2Response,
  ListAnalyzersResponse,
  ListFindingsResponse,
  ListFindingsV2Response,
} from "@aws-sdk/client-accessanalyzer";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import { analyzersIn, type Analyzer, type Finding } from "../../data/access-analyzer/analyzers.ts";
import { ENABLED_REGIONS } from "../../data/regions.ts";
import { AwsError } from "../../protocol/errors.ts";
import { restJson } from "../../protocol/rest-json.ts";
import {
  integer,
  integerText,
  oneOf,
  required,
  structure,
  text,
  type Infer,
} from "../../protocol/shape.ts";
import { listPage } from "../list-page.ts";
import { operation, type AccountView, type Service } from "../service.ts";
import { filterMap, filterOf } from "./filter.ts";
import { statisticsOf } from "./statistics.ts";

const analyzerArn = text({ pattern: /[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:analyzer\/.{1,255}/ });

const findingsRequest = structure({
  analyzerArn: required(analyzerArn),
  filter: filterMap,
  maxResults: integer({ min: 1 }),
  nextToken: text(),
  sort: structure({
    attributeName: oneOf(["createdAt", "id", "resource", "resourceType", "status", "updatedAt"]),
    orderBy: oneOf(["ASC", "DESC"]),
  }),
});

type FindingsRequest = Infer<typeof findingsRequest>;

export const accessAnalyzer: Service = {
  signingName: "access-analyzer",
  regions: ENABLED_REGIONS,
  protocol: restJson,
  // Both versions of an operation need the permission of the first.
  permission: (name) => ({
    action: `access-analyzer:${name.replace(/V2$/, "")}`,
    resource: `arn:aws:access-analyzer:*:${DEMO_ACCOUNT_ID}:*`,
  }),
  operations: new Map([
    [
      "ListAnalyzers",
      operation(
        structure({
          maxResults: integerText({ min: 1 }),
          nextToken: text(),
          type: oneOf([
            "ACCOUNT",
            "ORGANIZATION",
            "ACCOUNT_UNUSED_ACCESS",
            "ORGANIZATION_UNUSED_ACCESS",
            "ACCOUNT_INTERNAL_ACCESS",
            "ORGANIZATION_INTERNAL_ACCESS",
          ]),
        }),
        (request, account): ListAnalyzersResponse => {
          const all = analyzersOf(account)
            .map(({ summary }) => summary)
            .filter(({ type }) => (request.type ?? type) === type);
          const { items, nextToken } = pageOf("ListAnalyzers", all, request, account);
          return { analyzers: items, nextToken };
        },
      ),
    ],
    [
      "GetFindingsStatistics",
      operation(
        structure({ analyzerArn: required(analyzerArn) }),
        (request, account): GetFindingsStatisticsResponse => ({
          findingsStatistics: [statisticsOf(analyzerOf(request.analyzerArn, account))],
          lastUpdatedAt: account.now,
        }),
      ),
    ],
    [
      "ListFindingsV2",
      operation(findingsRequest, (request, account): ListFindingsV2Response => {
        const found = findingsOf(analyzerOf(request.analyzerArn, account), request);
        const { items, nextToken } = pageOf("ListFindingsV2", found, request, account);
        return { findings: items.map(({ summary }) => summary), nextToken };
      }),
    ],
    [
      "ListFindings",
      operation(findingsRequest, (request, account): ListFindingsResponse => {
        const analyzer = analyzerOf(request.analyzerArn, account);
        if (isUnusedAccess(analyzer)) {
          throw new AwsError(
            "ValidationException",
            "ListFindings does not support analyzers of unused access. Use ListFindingsV2.",
            400,
            { reason: "notSupported" },
          );
        }
        const found = findingsOf(analyzer, request);
        const { items, nextToken } = pageOf("ListFindings", found, request, account);
        return { findings: items.map(firstVersion), nextToken };
      }),
    ],
    [
      "GetFindingV2",
      operation(
        structure({
          analyzerArn: required(analyzerArn),
          id: required(text()),
          maxResults: integerText({ min: 1 }),
          nextToken: text(),
        }),
        (request, account): GetFindingV2Response => {
          const { findings } = analyzerOf(request.analyzerArn, account);
          const finding = findings.find(({ summary }) => summary.id === request.id);
          if (finding === undefined) throw notFound(request.id, "Finding");
          const { items, nextToken } = pageOf("GetFindingV2", finding.details, request, account);
          return { ...finding.summary, findingDetails: items, nextToken };
        },
      ),
    ],
  ]),
};

/** The analyzers of the request's region, as far as there are any yet. */
function analyzersOf({ estate, region, conditions }: AccountView): readonly Analyzer[] {
  if (conditions.has("no-analyzer")) return [];
  const analyzers = analyzersIn(estate, region);
  return conditions.has("analyzer-creating")
    ? analyzers.map(({ summary }) => {
        const { lastResourceAnalyzed: _, lastResourceAnalyzedAt: __, ...begun } = summary;
        return { summary: { ...begun, status: "CREATING" }, findings: [] };
      })
    : analyzers;
}

function analyzerOf(arn: string, account: AccountView): Analyzer {
  const analyzer = analyzersOf(account).find(({ summary }) => summary.arn === arn);
  if (analyzer === undefined) throw notFound(arn, "Analyzer");
  return analyzer;
}

const isUnusedAccess = ({ summary }: Analyzer): boolean => summary.type === "ACCOUNT_UNUSED_ACCESS";

function findingsOf(analyzer: Analyzer, { filter, sort }: FindingsRequest): readonly Finding[] {
  const isWanted = filterOf(filter ?? new Map(), isUnusedAccess(analyzer));
  const found = analyzer.findings.filter((finding) => isWanted(finding));
  if (sort === undefined) return found;
  const { attributeName = "updatedAt", orderBy = "ASC" } = sort;
  const key = ({ summary }: Finding): string | number => {
    const value = summary[attributeName];
    return typeof value === "string" ? value : value.getTime();
  };
  const direction = orderBy === "ASC" ? 1 : -1;
  return found.toSorted((a, b) => direction * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function firstVersion({ summary, details }: Finding): FindingSummary {
  const { findingType: _, ...common } = summary;
  const { action, condition, isPublic, principal, sources } =
    details[0]?.externalAccessDetails ?? {};
  return { ...common, action, condition: condition ?? {}, isPublic, principal, sources };
}

interface PagedRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

function pageOf<T>(
  name: string,
  all: readonly T[],
  { nextToken: token, ...rest }: PagedRequest,
  account: AccountView,
): { readonly items: T[]; readonly nextToken: string | undefined } {
  const identity = [name, account.region, rest];
  const { items, nextToken } = listPage(all, rest.maxResults, { token, identity }, account);
  return { items: [...items], nextToken };
}

const notFound = (id: string, type: "Analyzer" | "Finding"): AwsError =>
  new AwsError("ResourceNotFoundException", `${type} not found`, 404, {
    resourceId: id,
    resourceType: type,
  });
