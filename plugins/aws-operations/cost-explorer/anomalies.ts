import type {
  Anomaly as AwsAnomaly,
  AnomalyMonitor as AwsMonitor,
} from "@aws-sdk/client-cost-explorer";
import { withoutUndefined } from "../aws/objects.ts";
import type { Day } from "./periods.ts";

/** Costs that Cost Anomaly Detection did not expect. It gives its amounts without a currency. */
export interface Anomaly {
  readonly id: string;
  readonly start?: Day;
  readonly end?: Day;
  /** What the monitor watches, mostly a service. */
  readonly dimension?: string;
  /** Cost above what was expected, over all its days so far. */
  readonly impact: number;
  /** Highest of one day. */
  readonly maxDailyImpact: number;
  readonly impactPercent?: number;
  readonly actual?: number;
  readonly expected?: number;
  /** From 0 to 1, how sure AWS is. */
  readonly score?: number;
  readonly feedback?: string;
  readonly rootCauses: RootCause[];
}

interface RootCause {
  readonly service?: string;
  readonly region?: string;
  readonly account?: string;
  readonly accountName?: string;
  readonly usageType?: string;
  readonly contribution?: number;
}

export interface AnomalyMonitor {
  readonly name: string;
  /** `DIMENSIONAL` or `CUSTOM`. */
  readonly type: string;
  readonly dimension?: string;
  /** When it last looked. */
  readonly lastEvaluated?: string;
}

/** The largest impact first. */
export function readAnomalies(anomalies: readonly AwsAnomaly[]): Anomaly[] {
  return anomalies.map(readAnomaly).toSorted((left, right) => right.impact - left.impact);
}

export function readMonitors(monitors: readonly AwsMonitor[]): AnomalyMonitor[] {
  return monitors.map((monitor) => ({
    name: monitor.MonitorName ?? "(no name)",
    type: monitor.MonitorType ?? "UNKNOWN",
    ...(monitor.MonitorDimension !== undefined && { dimension: monitor.MonitorDimension }),
    ...(monitor.LastEvaluatedDate !== undefined && { lastEvaluated: monitor.LastEvaluatedDate }),
  }));
}

function readAnomaly(anomaly: AwsAnomaly): Anomaly {
  const { Impact: impact, RootCauses: causes = [] } = anomaly;
  return withoutUndefined({
    id: anomaly.AnomalyId ?? "",
    start: dayOf(anomaly.AnomalyStartDate),
    end: dayOf(anomaly.AnomalyEndDate),
    dimension: anomaly.DimensionValue,
    // The total is optional; the highest day is the least that it can be.
    impact: cents(impact?.TotalImpact ?? impact?.MaxImpact) ?? 0,
    maxDailyImpact: cents(impact?.MaxImpact) ?? 0,
    impactPercent: cents(impact?.TotalImpactPercentage),
    actual: cents(impact?.TotalActualSpend),
    expected: cents(impact?.TotalExpectedSpend),
    score: anomaly.AnomalyScore?.CurrentScore,
    feedback: anomaly.Feedback,
    rootCauses: causes.map((cause) =>
      withoutUndefined({
        service: cause.Service,
        region: cause.Region,
        account: cause.LinkedAccount,
        accountName: cause.LinkedAccountName,
        usageType: cause.UsageType,
        contribution: cents(cause.Impact?.Contribution),
      }),
    ),
  });
}

/** AWS writes the dates of anomalies with or without a time. */
function dayOf(date: string | undefined): Day | undefined {
  return date?.slice(0, 10);
}

function cents(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 100) / 100;
}
