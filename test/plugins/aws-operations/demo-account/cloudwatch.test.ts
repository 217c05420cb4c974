import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type CompositeAlarm,
  type DescribeAlarmsCommandInput,
  type GetMetricDataCommandInput,
  type GetMetricStatisticsCommandInput,
  type ListMetricsCommandInput,
  type Metric,
  type MetricAlarm,
  type MetricDataResult,
} from "@aws-sdk/client-cloudwatch";
import { describe, expect, onTestFinished, test } from "vitest";
import type { DemoAccount } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { failureOf, openDemo, rawRequest, type Demo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";
const HOUR = 3_600_000;

const ago = (hours: number): Date => new Date(Date.parse(NOW) - hours * HOUR);

function watchIn({ endpoint, accessKeyId, secretAccessKey }: DemoAccount, region: string) {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new CloudWatchClient({ endpoint, region, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

async function alarmsOf(
  client: CloudWatchClient,
  input: DescribeAlarmsCommandInput = {},
): Promise<{
  readonly metric: readonly MetricAlarm[];
  readonly composite: readonly CompositeAlarm[];
  readonly pages: number;
}> {
  const metric: MetricAlarm[] = [];
  const composite: CompositeAlarm[] = [];
  let pages = 0;
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeAlarmsCommand({ ...input, NextToken }));
    metric.push(...(page.MetricAlarms ?? []));
    composite.push(...(page.CompositeAlarms ?? []));
    NextToken = page.NextToken;
    pages += 1;
  } while (NextToken !== undefined);
  return { metric, composite, pages };
}

async function metricsOf(
  client: CloudWatchClient,
  input: ListMetricsCommandInput = {},
): Promise<readonly Metric[]> {
  const metrics: Metric[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListMetricsCommand({ ...input, NextToken }));
    metrics.push(...(page.Metrics ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return metrics;
}

/** All pages of a request, the values of each query joined. */
async function dataOf(
  client: CloudWatchClient,
  input: GetMetricDataCommandInput,
): Promise<{ readonly results: ReadonlyMap<string, MetricDataResult>; readonly pages: number }> {
  const results = new Map<string, MetricDataResult>();
  let pages = 0;
  let NextToken: string | undefined;
  do {
    const page = await client.send(new GetMetricDataCommand({ ...input, NextToken }));
    for (const part of page.MetricDataResults ?? []) {
      const known = results.get(part.Id ?? "");
      results.set(part.Id ?? "", {
        ...part,
        Timestamps: [...(known?.Timestamps ?? []), ...(part.Timestamps ?? [])],
        Values: [...(known?.Values ?? []), ...(part.Values ?? [])],
      });
    }
    NextToken = page.NextToken;
    pages += 1;
  } while (NextToken !== undefined);
  return { results, pages };
}

const query = (
  Id: string,
  Namespace: string,
  MetricName: string,
  dimensions: Record<string, string>,
  Stat: string,
  Period = 3_600,
) => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace,
      MetricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period,
    Stat,
  },
});

const CHECKOUT = { FunctionName: "checkout-api" };

/** The last hour, and the same hour of the day before. */
async function hourAgainstYesterday(
  client: CloudWatchClient,
  ...[namespace, name, dimensions, stat]: [string, string, Record<string, string>, string]
): Promise<{ now: number; before: number }> {
  const at = async (start: Date) => {
    const { results } = await dataOf(client, {
      MetricDataQueries: [query("q", namespace, name, dimensions, stat)],
      StartTime: start,
      EndTime: new Date(start.getTime() + HOUR),
    });
    return results.get("q")?.Values?.[0] ?? 0;
  };
  return { now: await at(ago(1)), before: await at(ago(25)) };
}

describe("alarms", () => {
  test("are those of metrics unless others are asked for, in short pages", async () => {
    const { cloudWatch } = await openDemo(NOW);
    const { metric, composite, pages } = await alarmsOf(cloudWatch);
    expect(metric).toHaveLength(11);
    expect(composite).toEqual([]);
    expect(pages).toBe(3);
    const both = await alarmsOf(cloudWatch, { AlarmTypes: ["MetricAlarm", "CompositeAlarm"] });
    expect([both.metric.length, both.composite.length]).toEqual([11, 2]);
  });

  test("of which five and the composite of two of them are in ALARM", async () => {
    const { cloudWatch } = await openDemo(NOW);
    const { metric, composite } = await alarmsOf(cloudWatch, {
      StateValue: "ALARM",
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
    });
    expect(metric.map(({ AlarmName }) => AlarmName)).toEqual([
      "demo-checkout-errors",
      "demo-checkout-duration",
      "demo-checkout-error-rate",
      "demo-search-2-status",
      expect.stringContaining("\u{202E}") as string,
    ]);
    expect(composite.map(({ AlarmName }) => AlarmName)).toEqual(["demo-checkout-down"]);
    for (const { StateTransitionedTimestamp } of metric) {
      expect(Number(StateTransitionedTimestamp)).toBeLessThan(Date.parse(NOW));
    }
  });

  test.each([NOW, "2026-03-01T00:00:00Z", "2027-07-04T03:07:41Z", "2028-02-29T23:59:59Z"])(
    "agree with the metrics they watch, at %s",
    async (now) => {
      const { account } = await openDemo(now);
      for (const region of ["us-east-1", "eu-west-1"]) {
        const client = watchIn(account, region);
        for (const alarm of (await alarmsOf(client)).metric) {
          const { MetricName = "", Namespace = "", Dimensions = [], Period = 300 } = alarm;
          if (alarm.Metrics !== undefined) continue;
          const { Datapoints = [] } = await client.send(
            new GetMetricStatisticsCommand({
              Namespace,
              MetricName,
              Dimensions,
              Period,
              StartTime: new Date(Date.parse(now) - 3 * Period * 1000),
              EndTime: new Date(now),
              ...(alarm.Statistic === undefined
                ? { ExtendedStatistics: [alarm.ExtendedStatistic ?? ""] }
                : { Statistics: [alarm.Statistic] }),
            }),
          );
          const values = Datapoints.map(
            (point) =>
              point[alarm.Statistic ?? "Average"] ??
              point.ExtendedStatistics?.[alarm.ExtendedStatistic ?? ""] ??
              Number.NaN,
          );
          const { Threshold = 0 } = alarm;
          const isBeyond = values.every((value) =>
            alarm.ComparisonOperator === "LessThanThreshold"
              ? value < Threshold
              : value > Threshold,
          );
          const state = values.length === 0 ? "INSUFFICIENT_DATA" : isBeyond ? "ALARM" : "OK";
          // Without values an alarm that treats them as good is well.
          const expected =
            values.length === 0 && alarm.TreatMissingData === "notBreaching" ? "OK" : state;
          expect([alarm.AlarmName, alarm.StateValue]).toEqual([alarm.AlarmName, expected]);
        }
      }
    },
  );

  test.each<[DescribeAlarmsCommandInput, string[]]>([
    [{ AlarmNamePrefix: "demo-checkout-e" }, ["demo-checkout-errors", "demo-checkout-error-rate"]],
    [{ AlarmNames: ["demo-partners-api-5xx", "nobody"] }, ["demo-partners-api-5xx"]],
    [{ StateValue: "INSUFFICIENT_DATA" }, ["demo-search-reindex-cpu"]],
    [
      { ChildrenOfAlarmName: "demo-checkout-down" },
      ["demo-checkout-errors", "demo-checkout-duration"],
    ],
    [{ ParentsOfAlarmName: "demo-storefront-5xx" }, ["demo-storefront-down"]],
    [{ AlarmTypes: ["LogAlarm"] }, []],
    [{ ActionPrefix: "arn:aws:sns:eu-" }, []],
  ])("are chosen by %j", async (input, names) => {
    const { cloudWatch } = await openDemo(NOW);
    const { metric, composite } = await alarmsOf(cloudWatch, input);
    expect([...composite, ...metric].map(({ AlarmName }) => AlarmName)).toEqual(names);
  });

  test("one of them is a share of two metrics, and says how it is computed", async () => {
    const { cloudWatch } = await openDemo(NOW);
    const { metric } = await alarmsOf(cloudWatch, { AlarmNames: ["demo-checkout-error-rate"] });
    expect(metric[0]?.MetricName).toBeUndefined();
    expect(metric[0]?.Metrics?.map(({ Id, ReturnData }) => [Id, ReturnData])).toEqual([
      ["share", true],
      ["part", false],
      ["whole", false],
    ]);
  });
});

describe("the last hour against the day before", () => {
  test("the checkout function fails and is slow, the thumbnailer does neither", async () => {
    const { cloudWatch } = await openDemo(NOW);
    const rate = async (dimensions: Record<string, string>) => {
      const errors = await hourAgainstYesterday(
        cloudWatch,
        "AWS/Lambda",
        "Errors",
        dimensions,
        "Sum",
      );
      const calls = await hourAgainstYesterday(
        cloudWatch,
        "AWS/Lambda",
        "Invocations",
        dimensions,
        "Sum",
      );
      return { now: errors.now / calls.now, before: errors.before / calls.before };
    };
    const checkout = await rate(CHECKOUT);
    expect(checkout.before).toBeLessThan(0.005);
    expect(checkout.now).toBeGreaterThan(0.15);
    const slow = await hourAgainstYesterday(cloudWatch, "AWS/Lambda", "Duration", CHECKOUT, "p95");
    expect(slow.now / slow.before).toBeGreaterThan(4);
    const thumbnailer = await rate({ FunctionName: "thumbnailer" });
    expect(thumbnailer.now).toBeLessThan(0.02);
    // Seen over all functions it is still plain.
    const all = await rate({});
    expect(all.now).toBeGreaterThan(0.1);
  });

  test.each<[string, string, Record<string, string>, string]>([
    [
      "AWS/ApplicationELB",
      "TargetResponseTime",
      { LoadBalancer: "app/demo-storefront/50dc6c495c0c9188" },
      "Average",
    ],
    ["AWS/ApiGateway", "Latency", { ApiName: "demo-partners" }, "p99"],
    ["AWS/RDS", "DatabaseConnections", { DBInstanceIdentifier: "orders-db" }, "Average"],
    [
      "AWS/S3",
      "FirstByteLatency",
      { BucketName: "demo-public-assets", FilterId: "EntireBucket" },
      "p90",
    ],
  ])("%s %s is as it was", async (namespace, name, dimensions, stat) => {
    const { cloudWatch } = await openDemo(NOW);
    const { now, before } = await hourAgainstYesterday(
      cloudWatch,
      namespace,
      name,
      dimensions,
      stat,
    );
    expect(before).toBeGreaterThan(0);
    expect(now / before).toBeGreaterThan(0.8);
    expect(now / before).toBeLessThan(1.25);
  });

  test.each<[string, string, string, Record<string, string>]>([
    [
      "AWS/ApplicationELB",
      "HTTPCode_Target_5XX_Count",
      "RequestCount",
      { LoadBalancer: "app/demo-storefront/50dc6c495c0c9188" },
    ],
    ["AWS/ApiGateway", "5XXError", "Count", { ApiName: "demo-partners" }],
    [
      "AWS/S3",
      "5xxErrors",
      "AllRequests",
      { BucketName: "demo-public-assets", FilterId: "EntireBucket" },
    ],
  ])("%s has next to no %s", async (namespace, errors, requests, dimensions) => {
    const { cloudWatch } = await openDemo(NOW);
    const bad = await hourAgainstYesterday(cloudWatch, namespace, errors, dimensions, "Sum");
    const all = await hourAgainstYesterday(cloudWatch, namespace, requests, dimensions, "Sum");
    expect(bad.now / all.now).toBeLessThan(0.005);
    expect(bad.before / all.before).toBeLessThan(0.005);
  });
});

const cpu = async (client: CloudWatchClient, number: number, Stat: string) => {
  const InstanceId = `i-0a1b2c3d4e5f6${String(number).padStart(4, "0")}`;
  const { results } = await dataOf(client, {
    MetricDataQueries: [query("q", "AWS/EC2", "CPUUtilization", { InstanceId }, Stat, 86_400)],
    StartTime: ago(14 * 24),
    EndTime: new Date(NOW),
  });
  return results.get("q")?.Values ?? [];
};

describe("instances", () => {
  test("0003 and 0009 have been idle for two weeks, the other running ones have not", async () => {
    const { account } = await openDemo(NOW);
    for (const [region, numbers] of [
      ["us-east-1", [1, 2, 3, 4, 5]],
      ["eu-west-1", [7, 8, 9, 10, 11]],
    ] as const) {
      const client = watchIn(account, region);
      for (const number of numbers) {
        const peaks = await cpu(client, number, "Maximum");
        expect(peaks.length).toBeGreaterThanOrEqual(14);
        if ([3, 9].includes(number)) expect(Math.max(...peaks)).toBeLessThan(3);
        else expect(Math.min(...(await cpu(client, number, "Average")))).toBeGreaterThan(10);
      }
    }
  });

  test("that are stopped report nothing, and none is seen from another region", async () => {
    const { account, cloudWatch } = await openDemo(NOW);
    expect(await cpu(cloudWatch, 6, "Average")).toEqual([]);
    expect(await cpu(watchIn(account, "eu-west-1"), 1, "Average")).toEqual([]);
  });

  test("0005 has failed its status check since the evening before", async () => {
    const { cloudWatch } = await openDemo(NOW);
    const InstanceId = "i-0a1b2c3d4e5f60005";
    const { results } = await dataOf(cloudWatch, {
      MetricDataQueries: [
        query("q", "AWS/EC2", "StatusCheckFailed_Instance", { InstanceId }, "Maximum"),
      ],
      StartTime: new Date("2026-11-19T17:00:00Z"),
      EndTime: new Date("2026-11-19T21:00:00Z"),
      ScanBy: "TimestampAscending",
    });
    expect(results.get("q")?.Values).toEqual([0, 0, 1, 1]);
  });
});

test("the NAT gateway carried what the bill says on the days of the anomaly, within a few percent", async () => {
  const { account } = await openDemo(NOW);
  const { results } = await dataOf(watchIn(account, "eu-west-1"), {
    MetricDataQueries: [
      query(
        "q",
        "AWS/NATGateway",
        "BytesOutToDestination",
        { NatGatewayId: "nat-0a1b2c3d4e5f90002" },
        "Sum",
        86_400,
      ),
    ],
    StartTime: new Date("2026-11-10T00:00:00Z"),
    EndTime: new Date("2026-11-19T00:00:00Z"),
    ScanBy: "TimestampAscending",
  });
  const gigabytes = results.get("q")?.Values?.map((bytes) => bytes / 1e9) ?? [];
  const usual = 6.5 / 0.048;
  const extra = [0, 0, 58.2, 104.9, 121.3, 88.4, 39.8, 0, 0].map((cost) => cost / 0.048);
  gigabytes.forEach((amount, index) => {
    const expected = usual + (extra[index] ?? 0);
    expect(Math.abs(amount / expected - 1)).toBeLessThan(0.03);
  });
  expect(gigabytes).toHaveLength(9);
});

describe("data", () => {
  const lastDay: GetMetricDataCommandInput = {
    MetricDataQueries: [
      query("calls", "AWS/Lambda", "Invocations", CHECKOUT, "Sum", 300),
      query("nothing", "AWS/Lambda", "Invocations", { FunctionName: "nobody" }, "Sum", 300),
      query("errors", "AWS/Lambda", "Errors", CHECKOUT, "Sum", 300),
    ],
    StartTime: ago(24),
    EndTime: new Date(NOW),
  };

  test("comes in pages, each query going on where it stopped, the newest value first", async () => {
    const { account, cloudWatch } = await openDemo(NOW);
    const { results, pages } = await dataOf(cloudWatch, lastDay);
    expect(pages).toBe(6);
    expect(results.get("nothing")).toMatchObject({ Values: [], StatusCode: "Complete" });
    for (const id of ["calls", "errors"]) {
      const { Timestamps = [], Values = [] } = results.get(id) ?? {};
      expect(Values).toHaveLength(288);
      const times = Timestamps.map(Number);
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      expect(new Set(times).size).toBe(288);
      expect(times.every((time) => time % 300_000 === 0)).toBe(true);
    }
    const [first] = account.log;
    expect(first?.operation).toBe("GetMetricData");
    const { MetricDataResults } = await cloudWatch.send(new GetMetricDataCommand(lastDay));
    expect(MetricDataResults?.[0]?.StatusCode).toBe("PartialData");
  });

  test("in periods adds up to the same as in one, and the same whenever it is asked for", async () => {
    const { cloudWatch } = await openDemo(NOW);
    const sums = async (Period: number) => {
      const { results } = await dataOf(cloudWatch, {
        ...lastDay,
        MetricDataQueries: [query("q", "AWS/Lambda", "Invocations", CHECKOUT, "Sum", Period)],
        MaxDatapoints: 40,
      });
      return (results.get("q")?.Values ?? []).reduce((sum, value) => sum + value, 0);
    };
    const whole = await sums(86_400 / 24);
    expect(await sums(300)).toBe(whole);
    expect(await sums(60)).toBe(whole);
    const later = await openDemo("2026-11-20T10:30:00Z");
    const old = { ...lastDay, EndTime: ago(2) };
    expect((await dataOf(later.cloudWatch, old)).results.get("calls")).toEqual(
      (await dataOf(cloudWatch, old)).results.get("calls"),
    );
  });

  test("has percentiles between the least and the most, in order", async () => {
    const { cloudWatch } = await openDemo(NOW);
    const stats = ["Minimum", "p50", "Average", "p90", "p99.9", "Maximum"];
    const { results } = await dataOf(cloudWatch, {
      ...lastDay,
      StartTime: ago(1),
      MetricDataQueries: stats.map((stat, index) =>
        query(`q${index}`, "AWS/Lambda", "Duration", CHECKOUT, stat),
      ),
    });
    const values = stats.map((_stat, index) => results.get(`q${index}`)?.Values?.[0] ?? 0);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(new Set(values).size).toBe(stats.length);
  });

  test("that is old is kept in coarse periods only, and ends with the present", async () => {
    const { cloudWatch } = await openDemo(NOW);
    const count = async (Period: number, StartTime: Date, EndTime = new Date(NOW)) => {
      const { results } = await dataOf(cloudWatch, {
        MetricDataQueries: [query("q", "AWS/Lambda", "Invocations", CHECKOUT, "Sum", Period)],
        StartTime,
        EndTime,
      });
      return results.get("q")?.Values?.length;
    };
    expect(await count(60, ago(20 * 24), ago(20 * 24 - 1))).toBe(0);
    expect(await count(300, ago(20 * 24), ago(20 * 24 - 1))).toBe(12);
    expect(await count(300, ago(70 * 24), ago(70 * 24 - 1))).toBe(0);
    expect(await count(3_600, ago(70 * 24), ago(70 * 24 - 1))).toBe(1);
    expect(await count(60, ago(0), ago(-5))).toBe(0);
    expect(await count(60, ago(0.5), ago(-5))).toBe(30);
  });

  test("as statistics has the same values, in no order of time", async () => {
    const { cloudWatch } = await openDemo(NOW);
    const input = {
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      Dimensions: [{ Name: "FunctionName", Value: "checkout-api" }],
      StartTime: ago(24),
      EndTime: new Date(NOW),
      Period: 300,
    };
    const { Datapoints = [], Label } = await cloudWatch.send(
      new GetMetricStatisticsCommand({ ...input, Statistics: ["Sum", "SampleCount", "Average"] }),
    );
    expect(Label).toBe("Errors");
    const times = Datapoints.map(({ Timestamp }) => Number(Timestamp));
    expect(times).not.toEqual(times.toSorted((a, b) => a - b));
    expect(times).not.toEqual(times.toSorted((a, b) => b - a));
    const { results } = await dataOf(cloudWatch, lastDay);
    const newestFirst = Datapoints.toSorted((a, b) => Number(b.Timestamp) - Number(a.Timestamp));
    expect(newestFirst.map(({ Sum }) => Sum)).toEqual(results.get("errors")?.Values);
    for (const { Sum = 0, SampleCount = 1, Average, Unit } of Datapoints) {
      expect(Average).toBeCloseTo(Sum / SampleCount, 9);
      expect(Unit).toBe("Count");
    }
  });
});

test("metrics are listed by namespace, name and dimension, and each of them has data", async () => {
  const { cloudWatch } = await openDemo(NOW);
  const all = await metricsOf(cloudWatch);
  expect(new Set(all.map(({ Namespace }) => Namespace))).toEqual(
    new Set(
      ["Lambda", "ApplicationELB", "ApiGateway", "RDS", "DynamoDB", "S3", "EC2"].map(
        (name) => `AWS/${name}`,
      ),
    ),
  );
  expect(new Set(all.map((metric) => JSON.stringify(metric))).size).toBe(all.length);
  const errors = await metricsOf(cloudWatch, {
    Namespace: "AWS/Lambda",
    MetricName: "Errors",
    Dimensions: [{ Name: "FunctionName" }],
  });
  expect(errors.map(({ Dimensions }) => Dimensions?.[0]?.Value)).toEqual([
    "checkout-api",
    "thumbnailer",
  ]);
  const { results } = await dataOf(cloudWatch, {
    MetricDataQueries: all.map((Metric, index) => ({
      Id: `q${index}`,
      MetricStat: { Metric, Period: 86_400, Stat: "SampleCount" },
    })),
    StartTime: ago(24),
    EndTime: new Date(NOW),
  });
  expect(
    [...results.values()].filter(({ Values = [] }) => !Values.some((count) => count > 0)),
  ).toEqual([]);
});

test("an empty account has neither alarms nor metrics", async () => {
  const { cloudWatch } = await openDemo(NOW, { variant: "empty" });
  expect((await alarmsOf(cloudWatch)).metric).toEqual([]);
  expect(await metricsOf(cloudWatch)).toEqual([]);
});

const data = (change: Partial<GetMetricDataCommandInput>) =>
  new GetMetricDataCommand({
    MetricDataQueries: [query("q", "AWS/Lambda", "Errors", CHECKOUT, "Sum")],
    StartTime: ago(1),
    EndTime: new Date(NOW),
    ...change,
  });
const statistics = (change: Partial<GetMetricStatisticsCommandInput>) =>
  new GetMetricStatisticsCommand({
    Namespace: "AWS/Lambda",
    MetricName: "Errors",
    StartTime: ago(1),
    EndTime: new Date(NOW),
    Period: 60,
    Statistics: ["Sum"],
    ...change,
  });

describe("refused is", () => {
  test.each<[string, (demo: Demo) => Promise<unknown>, string, RegExp]>([
    [
      "a page of a hundred and one alarms",
      ({ cloudWatch }) => cloudWatch.send(new DescribeAlarmsCommand({ MaxRecords: 101 })),
      "ValidationException",
      /at 'maxRecords'.*less than or equal to 100/,
    ],
    [
      "names together with a prefix",
      ({ cloudWatch }) =>
        cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ["a"], AlarmNamePrefix: "a" })),
      "ValidationException",
      /cannot be specified together/,
    ],
    [
      "children of a state",
      ({ cloudWatch }) =>
        cloudWatch.send(
          new DescribeAlarmsCommand({ ChildrenOfAlarmName: "a", StateValue: "ALARM" }),
        ),
      "ValidationException",
      /only with MaxRecords/,
    ],
    [
      "a page token of nobody's",
      ({ cloudWatch }) => cloudWatch.send(new DescribeAlarmsCommand({ NextToken: "AAAA" })),
      "InvalidNextToken",
      /invalid/,
    ],
    [
      "a period of ninety seconds",
      ({ cloudWatch }) =>
        cloudWatch.send(data({ MetricDataQueries: [query("q", "AWS/EC2", "x", {}, "Sum", 90)] })),
      "InvalidParameterValueException",
      /multiple of 60/,
    ],
    [
      "a statistic that does not exist",
      ({ cloudWatch }) =>
        cloudWatch.send(data({ MetricDataQueries: [query("q", "AWS/EC2", "x", {}, "Median")] })),
      "InvalidParameterValueException",
      /Median/,
    ],
    [
      "two queries of one id",
      ({ cloudWatch }) =>
        cloudWatch.send(
          data({
            MetricDataQueries: ["x", "y"].map((name) => query("q", "AWS/EC2", name, {}, "Sum")),
          }),
        ),
      "ValidationException",
      /not unique/,
    ],
    [
      "an id that begins with a capital",
      ({ cloudWatch }) =>
        cloudWatch.send(data({ MetricDataQueries: [query("Q", "AWS/EC2", "x", {}, "Sum")] })),
      "ValidationException",
      /regular expression/,
    ],
    [
      "five hundred and one queries",
      ({ cloudWatch }) =>
        cloudWatch.send(
          data({
            MetricDataQueries: Array.from({ length: 501 }, (_, index) =>
              query(`q${index}`, "AWS/EC2", "x", {}, "Sum"),
            ),
          }),
        ),
      "ValidationException",
      /less than or equal to 500/,
    ],
    [
      "an expression, which nobody evaluates here",
      ({ cloudWatch }) =>
        cloudWatch.send(data({ MetricDataQueries: [{ Id: "q", Expression: "1 + 1" }] })),
      "ValidationException",
      /does not evaluate expressions/,
    ],
    [
      "an end that is the start",
      ({ cloudWatch }) => cloudWatch.send(data({ StartTime: new Date(NOW) })),
      "ValidationException",
      /StartTime must be less than/,
    ],
    [
      "statistics of nothing",
      ({ cloudWatch }) => cloudWatch.send(statistics({ Statistics: undefined })),
      "MissingRequiredParameterException",
      /At least one/,
    ],
    [
      "statistics with percentiles",
      ({ cloudWatch }) => cloudWatch.send(statistics({ ExtendedStatistics: ["p99"] })),
      "InvalidParameterCombinationException",
      /together/,
    ],
    [
      "more than 1,440 datapoints",
      ({ cloudWatch }) => cloudWatch.send(statistics({ StartTime: ago(48) })),
      "InvalidParameterCombinationException",
      /^You have requested up to 2,880 datapoints, which exceeds the limit of 1,440/,
    ],
  ])("%s", async (_what, call, name, message) => {
    const failure = await failureOf(call(await openDemo(NOW)));
    expect(failure).toMatchObject({ name, status: 400 });
    expect(failure.message).toMatch(message);
  });
});

test("an error has its name of old in a header, and is in JSON 1.0 as all answers are", async () => {
  const { account } = await openDemo(NOW);
  const answer = await rawRequest(account.endpoint, {
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "GraniteServiceVersion20100801.DescribeAlarms",
    },
    body: "{}",
  });
  expect(answer.headers).toMatchObject({
    "content-type": "application/x-amz-json-1.0",
    "x-amzn-query-error": "MissingAuthenticationToken;Sender",
  });
});

test("faults hit CloudWatch by operation; what no model names is told by its name of old", async () => {
  const { account, cloudWatch } = await openDemo(NOW);
  account.faults.add(
    { operation: "DescribeAlarms", kind: "throttle" },
    { operation: "DescribeAlarms", kind: "access-denied" },
    { operation: "DescribeAlarms", kind: "expired-page-token" },
  );
  const names = [];
  for (let call = 0; call < 3; call += 1) names.push((await failureOf(alarmsOf(cloudWatch))).name);
  expect(names).toEqual(["Throttling", "AccessDenied", "InvalidNextToken"]);
  await cloudWatch.send(new ListMetricsCommand({}));
});
