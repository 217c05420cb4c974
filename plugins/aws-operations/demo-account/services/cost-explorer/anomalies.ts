import type {
  Anomaly,
  AnomalyMonitor,
  GetAnomaliesResponse,
  GetAnomalyMonitorsResponse,
} from "@aws-sdk/client-cost-explorer";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import type { Spike } from "../../data/anomaly.ts";
import { ANOMALY_USAGE_TYPE, EC2_OTHER, PRODUCTION } from "../../data/catalogue.ts";
import { dayOf, formatDay, type Day } from "../../data/days.ts";
import { toUnits } from "../../data/money.ts";
import { AwsError, validation } from "../../protocol/errors.ts";
import { isManagement, type AccountView } from "../service.ts";
import { readDay } from "./periods.ts";
import type { AnomaliesRequest, AnomalyMonitorsRequest } from "./shapes.ts";

const RETENTION_DAYS = 90;
const DEFAULT_PAGE_SIZE = 100;
const MONITORED_SERVICES = 15;
const MONITOR_AGE_DAYS = 200;

const monitorArn = (id: string): string => `arn:aws:ce::${DEMO_ACCOUNT_ID}:anomalymonitor/${id}`;

const SERVICES_MONITOR = monitorArn("5d0e1a6c-0000-4000-8000-00000000de01");
const PRODUCTION_MONITOR = monitorArn("5d0e1a6c-0000-4000-8000-00000000de02");

export function getAnomalyMonitors(
  request: AnomalyMonitorsRequest,
  account: AccountView,
): GetAnomalyMonitorsResponse {
  const all = monitors(account);
  const wanted = request.MonitorArnList;
  const unknown = wanted?.find((arn) => all.every((monitor) => monitor.MonitorArn !== arn));
  if (unknown !== undefined) {
    throw new AwsError("UnknownMonitorException", `Unknown monitor ${unknown}`);
  }
  const found = all.filter(({ MonitorArn = "" }) => wanted?.includes(MonitorArn) ?? true);
  const { NextPageToken: token, ...identity } = request;
  const size = request.MaxResults ?? DEFAULT_PAGE_SIZE;
  const page = account.pages.page(found, size, { token, identity });
  return { AnomalyMonitors: [...page.items], ...nextPage(page.nextToken) };
}

export function getAnomalies(
  request: AnomaliesRequest,
  account: AccountView,
): GetAnomaliesResponse {
  const today = dayOf(account.now);
  const { StartDate, EndDate } = request.DateInterval;
  // Unlike in every other operation of Cost Explorer, the end date is inclusive.
  const start = Math.max(readTime(StartDate), today - RETENTION_DAYS);
  const end = EndDate === undefined ? today : readTime(EndDate);
  if (readTime(StartDate) > end) throw validation("Start date should be before end date");
  const { MonitorArn, Feedback } = request;
  const isWanted = readImpactFilter(request.TotalImpact);
  const { spike } = account.ledger;
  const found =
    !hasMonitors(account) || spike === undefined || spike.end < start || spike.end > end
      ? []
      : [describeSpike(spike, account)].filter(
          (anomaly) =>
            (MonitorArn === undefined || anomaly.MonitorArn === MonitorArn) &&
            (Feedback === undefined || anomaly.Feedback === Feedback) &&
            isWanted(anomaly.Impact?.TotalImpact ?? 0),
        );
  const { NextPageToken: token, ...identity } = request;
  const size = request.MaxResults ?? DEFAULT_PAGE_SIZE;
  const page = account.pages.page(found, size, { token, identity });
  return { Anomalies: [...page.items], ...nextPage(page.nextToken) };
}

const hasMonitors = (account: AccountView): boolean =>
  isManagement(account) && !account.conditions.has("no-monitors");

/** A new account has one monitor, which has not looked at anything yet. */
function monitors(account: AccountView): AnomalyMonitor[] {
  if (!hasMonitors(account)) return [];
  const { ledger, now } = account;
  const isNew = ledger.spike === undefined;
  const created = isNew ? ledger.firstDay(now) : dayOf(now) - MONITOR_AGE_DAYS;
  const services: AnomalyMonitor = {
    MonitorArn: SERVICES_MONITOR,
    MonitorName: "demo-services",
    CreationDate: timestamp(created),
    LastUpdatedDate: timestamp(created),
    MonitorType: "DIMENSIONAL",
    MonitorDimension: "SERVICE",
    DimensionalValueCount: MONITORED_SERVICES,
  };
  if (isNew) return [services];
  const evaluated = timestamp(dayOf(now) - 1);
  return [
    { ...services, LastEvaluatedDate: evaluated },
    {
      MonitorArn: PRODUCTION_MONITOR,
      MonitorName: "demo-production-account",
      CreationDate: timestamp(created),
      LastUpdatedDate: timestamp(created),
      LastEvaluatedDate: evaluated,
      MonitorType: "CUSTOM",
      MonitorSpecification: { Dimensions: { Key: "LINKED_ACCOUNT", Values: [PRODUCTION.id] } },
      DimensionalValueCount: 1,
    },
  ];
}

function describeSpike(spike: Spike, { ledger, now }: AccountView): Anomaly {
  const impact = toUnits(spike.totalImpact);
  let spent = 0;
  for (const line of ledger.linesBetween(spike.start, spike.end + 1, now)) {
    if (line.service === EC2_OTHER && line.recordType === "Usage") spent += line.unblended;
  }
  const expected = toUnits(spent - spike.totalImpact);
  return {
    AnomalyId: "0a7e1a6c-0000-4000-8000-00000000a412",
    AnomalyStartDate: timestamp(spike.start),
    AnomalyEndDate: timestamp(spike.end),
    DimensionValue: EC2_OTHER,
    RootCauses: [
      {
        Service: EC2_OTHER,
        Region: "eu-west-1",
        LinkedAccount: PRODUCTION.id,
        LinkedAccountName: PRODUCTION.name,
        UsageType: ANOMALY_USAGE_TYPE,
        Impact: { Contribution: impact },
      },
    ],
    AnomalyScore: { MaxScore: 0.94, CurrentScore: 0.61 },
    Impact: {
      MaxImpact: toUnits(spike.maxImpact),
      TotalImpact: impact,
      TotalActualSpend: toUnits(spent),
      TotalExpectedSpend: expected,
      ...(expected > 0
        ? { TotalImpactPercentage: Math.round((impact / expected) * 10_000) / 100 }
        : {}),
    },
    MonitorArn: SERVICES_MONITOR,
  };
}

type ImpactFilter = (impact: number) => boolean;

function readImpactFilter(filter: AnomaliesRequest["TotalImpact"]): ImpactFilter {
  if (filter === undefined) return () => true;
  const { NumericOperator, StartValue, EndValue } = filter;
  switch (NumericOperator) {
    case "EQUAL":
      return (impact) => impact === StartValue;
    case "GREATER_THAN":
      return (impact) => impact > StartValue;
    case "GREATER_THAN_OR_EQUAL":
      return (impact) => impact >= StartValue;
    case "LESS_THAN":
      return (impact) => impact < StartValue;
    case "LESS_THAN_OR_EQUAL":
      return (impact) => impact <= StartValue;
    case "BETWEEN":
      if (EndValue === undefined) throw validation("EndValue is required for BETWEEN");
      return (impact) => impact >= StartValue && impact <= EndValue;
  }
}

/** Anomaly dates are days but are printed, and accepted, with a time. */
const timestamp = (day: Day): string => `${formatDay(day)}T00:00:00Z`;

const readTime = (text: string): Day => readDay(text.slice(0, 10));

const nextPage = (token: string | undefined): { NextPageToken?: string } =>
  token === undefined ? {} : { NextPageToken: token };
