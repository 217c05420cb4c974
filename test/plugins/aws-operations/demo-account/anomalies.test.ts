import {
  GetAnomaliesCommand,
  GetAnomalyMonitorsCommand,
  type GetAnomaliesCommandInput,
} from "@aws-sdk/client-cost-explorer";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { day, failureOf, fetchAll, openDemo, sumOf, withDemo } from "./helpers.ts";

const NOW = "2026-11-20T10:00:00Z";

const around = (now: string): GetAnomaliesCommandInput => ({
  DateInterval: { StartDate: day(now, -30), EndDate: day(now) },
});

test("there is one anomaly of 412.60 with its root cause, five days long and recent", async () => {
  const { ce } = await openDemo(NOW);
  const { Anomalies } = await ce.send(new GetAnomaliesCommand(around(NOW)));
  expect(Anomalies).toHaveLength(1);
  expect(Anomalies?.[0]).toMatchObject({
    AnomalyStartDate: "2026-11-12T00:00:00Z",
    AnomalyEndDate: "2026-11-16T00:00:00Z",
    DimensionValue: "EC2 - Other",
    Impact: { TotalImpact: 412.6, MaxImpact: 121.3 },
    RootCauses: [
      {
        Service: "EC2 - Other",
        Region: "eu-west-1",
        LinkedAccount: "444455556666",
        LinkedAccountName: "demo-production",
        UsageType: "EU-NatGateway-Bytes",
        Impact: { Contribution: 412.6 },
      },
    ],
  });
});

test("the anomaly is in the daily costs, whatever the date", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.date({
        min: new Date("2025-06-01T00:00:00Z"),
        max: new Date("2030-12-31T00:00:00Z"),
        noInvalidDate: true,
      }),
      async (date) => {
        const now = date.toISOString();
        await withDemo(now, async ({ ce }) => {
          const { Anomalies: [anomaly] = [] } = await ce.send(new GetAnomaliesCommand(around(now)));
          const start = day(anomaly?.AnomalyStartDate ?? "");
          const end = day(anomaly?.AnomalyEndDate ?? "", 1);
          expect(day(start, 5)).toBe(end);
          const costs = async (Start: string, End: string) => {
            const { results } = await fetchAll(ce, {
              TimePeriod: { Start, End },
              Granularity: "DAILY",
              Metrics: ["UnblendedCost"],
              Filter: { Dimensions: { Key: "USAGE_TYPE", Values: ["EU-NatGateway-Bytes"] } },
            });
            return results.map((result) => Number(sumOf([result])) / 1e6);
          };
          const during = await costs(start, end);
          const before = await costs(day(start, -5), start);
          expect(Math.min(...during)).toBeGreaterThan(Math.max(...before));
          const extra = [...during, ...before.map((cost) => -cost)].reduce((a, b) => a + b, 0);
          expect(extra).toBeGreaterThan(370);
          expect(extra).toBeLessThan(455);
        });
      },
    ),
    { numRuns: 15 },
  );
});

test("the anomaly's actual spend is what its service cost on those days", async () => {
  const { ce } = await openDemo(NOW);
  const { Anomalies: [anomaly] = [] } = await ce.send(new GetAnomaliesCommand(around(NOW)));
  const { results } = await fetchAll(ce, {
    TimePeriod: { Start: "2026-11-12", End: "2026-11-17" },
    Granularity: "MONTHLY",
    Metrics: ["UnblendedCost"],
    Filter: { Dimensions: { Key: "SERVICE", Values: ["EC2 - Other"] } },
  });
  const { TotalActualSpend = 0, TotalExpectedSpend = 0 } = anomaly?.Impact ?? {};
  expect(TotalActualSpend).toBeCloseTo(Number(sumOf(results)) / 1e6, 5);
  expect(TotalActualSpend - TotalExpectedSpend).toBeCloseTo(412.6, 5);
});

test("the interval is about the end date, which is inclusive", async () => {
  const { ce } = await openDemo(NOW);
  const count = async (StartDate: string, EndDate?: string) => {
    const DateInterval = { StartDate, EndDate };
    return (await ce.send(new GetAnomaliesCommand({ DateInterval }))).Anomalies?.length;
  };
  expect(await count("2026-11-16", "2026-11-16")).toBe(1);
  expect(await count("2026-11-01")).toBe(1);
  expect(await count("2026-11-12", "2026-11-15")).toBe(0);
  expect(await count("2026-11-17", "2026-11-20")).toBe(0);
});

test("anomalies can be chosen by impact, monitor and feedback", async () => {
  const { ce } = await openDemo(NOW);
  const count = async (more: Partial<GetAnomaliesCommandInput>) =>
    (await ce.send(new GetAnomaliesCommand({ ...around(NOW), ...more }))).Anomalies?.length;
  const [services, production] =
    (await ce.send(new GetAnomalyMonitorsCommand({}))).AnomalyMonitors ?? [];
  expect(await count({ TotalImpact: { NumericOperator: "GREATER_THAN", StartValue: 400 } })).toBe(
    1,
  );
  expect(await count({ TotalImpact: { NumericOperator: "GREATER_THAN", StartValue: 500 } })).toBe(
    0,
  );
  expect(
    await count({ TotalImpact: { NumericOperator: "BETWEEN", StartValue: 1, EndValue: 500 } }),
  ).toBe(1);
  expect(await count({ MonitorArn: services?.MonitorArn })).toBe(1);
  expect(await count({ MonitorArn: production?.MonitorArn })).toBe(0);
  expect(await count({ Feedback: "YES" })).toBe(0);
});

test("two monitors looked at the account yesterday", async () => {
  const { ce } = await openDemo(NOW);
  const { AnomalyMonitors = [] } = await ce.send(new GetAnomalyMonitorsCommand({}));
  expect(AnomalyMonitors.map(({ LastEvaluatedDate }) => LastEvaluatedDate)).toEqual([
    "2026-11-19T00:00:00Z",
    "2026-11-19T00:00:00Z",
  ]);
  const first = await ce.send(new GetAnomalyMonitorsCommand({ MaxResults: 1 }));
  expect(first.AnomalyMonitors).toHaveLength(1);
  const NextPageToken = first.NextPageToken;
  const second = await ce.send(new GetAnomalyMonitorsCommand({ MaxResults: 1, NextPageToken }));
  expect([...(first.AnomalyMonitors ?? []), ...(second.AnomalyMonitors ?? [])]).toEqual(
    AnomalyMonitors,
  );
});

test("an unknown monitor is refused", async () => {
  const { ce } = await openDemo(NOW);
  const { name } = await failureOf(
    ce.send(new GetAnomalyMonitorsCommand({ MonitorArnList: ["arn:aws:ce::1:anomalymonitor/x"] })),
  );
  expect(name).toBe("UnknownMonitorException");
});

test("a new account has no anomaly, and a monitor that has not run", async () => {
  const { ce } = await openDemo(NOW, { variant: "new" });
  expect((await ce.send(new GetAnomaliesCommand(around(NOW)))).Anomalies).toEqual([]);
  const { AnomalyMonitors = [] } = await ce.send(new GetAnomalyMonitorsCommand({}));
  expect(AnomalyMonitors.map(({ LastEvaluatedDate }) => LastEvaluatedDate)).toEqual([undefined]);
});

test("an account without Cost Explorer says so in every operation", async () => {
  const { ce } = await openDemo(NOW, { variant: "empty" });
  expect(await failureOf(ce.send(new GetAnomalyMonitorsCommand({})))).toEqual({
    name: "AccessDeniedException",
    message: "User not enabled for cost explorer access",
    status: 400,
  });
});
