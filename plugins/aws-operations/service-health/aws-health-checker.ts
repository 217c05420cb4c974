import type {
  CompositeAlarm,
  Metric,
  MetricAlarm,
  MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import type { InstanceStatus } from "@aws-sdk/client-ec2";
import type { AwsApi, Question } from "../aws/api.ts";
import { isToolError } from "../aws/errors.ts";
import type { CallScope } from "../aws/requests.ts";
import type { OperationOf } from "../aws/services.ts";

const minute = 60_000;
const day = 1440 * minute;
/** Who asks about an outage wants to know what is. */
const ttlMs = minute;

/** How long the first of Health's endpoints is waited for. */
const patienceMs = 5000;
/** How long the second one is asked first, once the first has not answered. */
const failoverMs = 5 * minute;

/** AWS moves Health between these; both are asked with the same words. */
const [primary, secondary] = ["us-east-1", "us-east-2"] as const;

type HealthQuestion<Op extends OperationOf<"health">, Value> = Omit<
  Question<"health", Op, Value>,
  "service" | "region" | "pinned" | "ttlMs"
>;

/** What Health has said, and which of its endpoints. */
export interface HealthAnswer<Value> {
  readonly value: Value;
  readonly truncated: boolean;
  readonly endpoint: string;
}

export interface Alarms {
  readonly metric: readonly MetricAlarm[];
  readonly composite: readonly CompositeAlarm[];
  readonly truncated: boolean;
}

/** Values of one metric, the oldest first. */
export interface MetricValues {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Reads how AWS and the account's own resources do: Health, status checks, alarms, metrics. */
export class AWSHealthChecker {
  readonly api: AwsApi;
  /** By profile: until when there is no support plan, as far as is known. */
  readonly #noPlan = new Map<
    string | undefined,
    { readonly until: number; readonly error: Error }
  >();
  #secondaryUntil = 0;

  constructor({ api }: { readonly api: AwsApi }) {
    this.api = api;
  }

  /**
   * Asks Health. If its first endpoint does not answer, the second is asked. That an account has no support plan is remembered for
   * a day.
   */
  async askHealth<Op extends OperationOf<"health">, Value>(
    question: HealthQuestion<Op, Value>,
    scope: CallScope,
  ): Promise<HealthAnswer<Value>> {
    const known = this.#noPlan.get(scope.profile);
    if (known !== undefined && scope.refresh !== true && this.#now() < known.until)
      throw known.error;
    try {
      return await this.#eitherEndpoint(question, scope);
    } catch (error) {
      if (isToolError(error) && error.code === "HEALTH_NEEDS_SUPPORT_PLAN") {
        this.#noPlan.set(scope.profile, { until: this.#now() + day, error });
      }
      throw error;
    }
  }

  async instanceStatuses(
    region: string,
    scope: CallScope,
  ): Promise<{ readonly value: readonly InstanceStatus[]; readonly truncated: boolean }> {
    return this.api.ask(
      {
        service: "ec2",
        operation: "DescribeInstanceStatus",
        region,
        input: { MaxResults: 1000 },
        ttlMs,
        missing: ({ InstanceStatuses }) => (InstanceStatuses === undefined ? "a list" : undefined),
        read: (pages) => pages.flatMap(({ InstanceStatuses = [] }) => InstanceStatuses),
      },
      scope,
    );
  }

  /** The alarms that are in ALARM. */
  async alarms(region: string, scope: CallScope): Promise<Alarms> {
    const { value, truncated } = await this.api.ask(
      {
        service: "cloudwatch",
        operation: "DescribeAlarms",
        region,
        input: {
          StateValue: "ALARM",
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
          MaxRecords: 100,
        },
        ttlMs,
        missing: ({ MetricAlarms }) => (MetricAlarms === undefined ? "MetricAlarms" : undefined),
        read: (pages) => ({
          metric: pages.flatMap(({ MetricAlarms = [] }) => MetricAlarms),
          composite: pages.flatMap(({ CompositeAlarms = [] }) => CompositeAlarms),
        }),
      },
      scope,
    );
    return { ...value, truncated };
  }

  /** Whether anybody has set up an alarm at all. */
  async hasAlarms(region: string, scope: CallScope): Promise<boolean> {
    const { value } = await this.api.ask(
      {
        service: "cloudwatch",
        operation: "DescribeAlarms",
        region,
        input: { AlarmTypes: ["MetricAlarm", "CompositeAlarm"], MaxRecords: 1 },
        ttlMs,
        maxPages: 1,
        read: ([page]) =>
          (page?.MetricAlarms ?? []).length + (page?.CompositeAlarms ?? []).length > 0,
      },
      scope,
    );
    return value;
  }

  /** The resources that a metric is reported for. */
  async metrics(
    {
      namespace,
      name,
      dimensions,
    }: {
      readonly namespace: string;
      readonly name: string;
      readonly dimensions: readonly string[];
    },
    region: string,
    scope: CallScope,
  ): Promise<{ readonly value: readonly Metric[]; readonly truncated: boolean }> {
    return this.api.ask(
      {
        service: "cloudwatch",
        operation: "ListMetrics",
        region,
        input: {
          Namespace: namespace,
          MetricName: name,
          Dimensions: dimensions.map((Name) => ({ Name })),
        },
        ttlMs: 5 * minute,
        maxPages: 4,
        missing: ({ Metrics }) => (Metrics === undefined ? "Metrics" : undefined),
        read: (pages) => pages.flatMap(({ Metrics = [] }) => Metrics),
      },
      scope,
    );
  }

  /** Values by the ids of the queries. AWS charges for each query. */
  async values(
    queries: readonly MetricDataQuery[],
    { from, to }: { readonly from: Date; readonly to: Date },
    region: string,
    scope: CallScope,
  ): Promise<{ readonly value: ReadonlyMap<string, MetricValues>; readonly truncated: boolean }> {
    return this.api.ask(
      {
        service: "cloudwatch",
        operation: "GetMetricData",
        region,
        input: {
          MetricDataQueries: [...queries],
          StartTime: from,
          EndTime: to,
          ScanBy: "TimestampAscending",
        },
        ttlMs,
        missing: ({ MetricDataResults }) =>
          MetricDataResults === undefined ? "MetricDataResults" : undefined,
        read: (pages) => {
          const found = new Map<string, { times: number[]; values: number[] }>();
          for (const { Id = "", Timestamps = [], Values = [] } of pages.flatMap(
            ({ MetricDataResults = [] }) => MetricDataResults,
          )) {
            const known = found.get(Id) ?? { times: [], values: [] };
            known.times.push(...Timestamps.map((time) => new Date(time).getTime()));
            known.values.push(...Values);
            found.set(Id, known);
          }
          return found;
        },
      },
      scope,
    );
  }

  async #eitherEndpoint<Op extends OperationOf<"health">, Value>(
    question: HealthQuestion<Op, Value>,
    scope: CallScope,
  ): Promise<HealthAnswer<Value>> {
    const whole = { ...question, service: "health", ttlMs } as const;
    const ask = async (region: string, limits: CallScope): Promise<HealthAnswer<Value>> => {
      const { value, truncated } = await this.api.ask({ ...whole, region, pinned: true }, limits);
      return { value, truncated, endpoint: region };
    };
    const own = this.api.regionOf(scope.profile);
    if (/^(cn|us-gov)-/.test(own)) {
      const { value, truncated, region } = await this.api.ask(whole, scope);
      return { value, truncated, endpoint: region };
    }
    if (this.#now() < this.#secondaryUntil) return this.#second(ask, scope);
    const patience = AbortSignal.timeout(patienceMs);
    try {
      const { retry: _, ...once } = scope;
      return await ask(primary, { ...once, signal: anyOf(scope.signal, patience) });
    } catch (error) {
      if (scope.signal?.aborted === true) throw error;
      if (isToolError(error) && !movesAway.has(error.code)) {
        // Neither the endpoint's fault nor that of the time it took.
        if (error.retryable) return ask(primary, scope);
        throw error;
      }
    }
    return this.#second(ask, scope);
  }

  async #second<T>(
    ask: (region: string, scope: CallScope) => Promise<T>,
    scope: CallScope,
  ): Promise<T> {
    try {
      const answer = await ask(secondary, scope);
      this.#secondaryUntil = this.#now() + failoverMs;
      return answer;
    } catch (error) {
      // The next call begins with the first again.
      this.#secondaryUntil = 0;
      throw error;
    }
  }

  #now(): number {
    return this.api.clock().getTime();
  }
}

/** What another endpoint may do better. */
const movesAway: ReadonlySet<string> = new Set(["UPSTREAM", "TIMEOUT", "CANCELLED"]);

function anyOf(signal: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return signal === undefined ? other : AbortSignal.any([signal, other]);
}
