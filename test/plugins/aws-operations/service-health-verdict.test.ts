import { describe, expect, test } from "vitest";
import {
  type DemoAccount,
  resourcesIn,
} from "../../../plugins/aws-operations/demo-account/index.ts";
import { serviceHealthInput } from "../../../plugins/aws-operations/service-health/input.ts";
import { toHealthQuery } from "../../../plugins/aws-operations/service-health/query.ts";
import { demo, noon, okay, operations } from "./helpers.ts";
import { hour, look } from "./service-health-helpers.ts";
import { rewriting } from "./truth.ts";

/** An account of which Health tells its EC2 issue as one of another service. */
function issueWith(service: string): Promise<DemoAccount> {
  return demo().then((account) =>
    rewriting(account, (body) => body.replaceAll('"service":"EC2"', `"service":"${service}"`)),
  );
}

/** An account in which a running instance of eu-west-1 has these checks, and its id. */
async function checksOf(status: object, options: Parameters<typeof demo>[0] = {}) {
  const account = await demo(options);
  const running = resourcesIn(account.estate, "eu-west-1").instances.find(
    (one) => one.status.InstanceState?.Name === "running",
  );
  if (running === undefined) throw new Error("no instance runs");
  const before = running.status;
  Object.assign(running, { status: { ...before, ...status } });
  return {
    account,
    id: before.InstanceId ?? "",
    args: { services: ["ec2"], regions: ["eu-west-1"] },
  };
}

const failed = { Status: "impaired", Details: [{ Name: "reachability", Status: "failed" }] };

describe("it is AWS's", () => {
  test("where a system check fails, whatever the instance's own check says", async () => {
    const { account, id, args } = await checksOf({ SystemStatus: failed, InstanceStatus: failed });
    const { data, text, result } = await look(account, args);
    expect(data.verdict).toMatchObject({ whose: "AWS's", confidence: 0.85, unknown: [] });
    expect(data.verdict.reasons.join()).toContain(`${id}: AWS's host or volume fails its check`);
    expect(text).toContain("It is AWS's (85 % sure)");
    expect(JSON.stringify(result.suggestedActions)).toContain("moves it to another host");
  });

  test("where the volumes of an instance cannot be reached", async () => {
    const { account, id, args } = await checksOf({ AttachedEbsStatus: { Status: "impaired" } });
    const { data, text } = await look(account, args);
    expect(data.verdict.whose).toBe("AWS's");
    expect(okay(data.instances).failing).toContainEqual(
      expect.objectContaining({ id, ebsCheck: "impaired", whose: "AWS's" }),
    );
    expect(text).toContain("EBS impaired");
  });

  test("where it has an issue with the service, and nothing of one's own shows a fault", async () => {
    const { data } = await look(await issueWith("RDS"), {
      services: ["rds"],
      regions: ["us-east-1"],
    });
    expect(data.verdict).toMatchObject({ whose: "AWS's", confidence: 0.85 });
    expect(data.verdict.reasons[0]).toBe(
      "AWS has an open issue with RDS in us-east-1, since 2026-11-20T09:50:00Z.",
    );
  });

  test("where its issue is with what fails, in the same region", async () => {
    const account = await issueWith("LAMBDA");
    const { data } = await look(account, { services: ["lambda"], regions: ["us-east-1"] });
    expect(data.verdict).toMatchObject({ whose: "AWS's", confidence: 0.7 });
  });

  test("less surely where one's own side could not be seen", async () => {
    const account = await issueWith("RDS");
    account.faults.add({ operation: "ListMetrics", kind: "access-denied", times: "always" });
    const { data } = await look(account, { services: ["rds"], regions: ["us-east-1"] });
    expect(data.verdict).toMatchObject({ whose: "AWS's", confidence: 0.65 });
    expect(data.verdict.reasons.at(-1)).toContain("nothing that was seen");
  });
});

describe("it is yours", () => {
  test("where a service does worse and AWS has no issue that bears on it", async () => {
    const account = await issueWith("CLOUDFRONT");
    const { data, result } = await look(account, { services: ["lambda"], regions: ["us-east-1"] });
    expect(data.verdict).toMatchObject({ whose: "yours", confidence: 0.8, unknown: [] });
    expect(data.verdict.reasons[0]).toContain("since 2026-11-20T10:45:00Z");
    expect(result.suggestedActions).toContainEqual(
      expect.objectContaining({
        title: "Review recent deployments",
        tool: "aws_api_activity",
        arguments: { days: 1, regions: ["us-east-1"] },
      }),
    );
  });

  test("less surely where AWS has an issue with what everything rests on", async () => {
    const { data } = await look(await demo(), { services: ["lambda"], regions: ["us-east-1"] });
    expect(data.verdict).toMatchObject({ whose: "yours", confidence: 0.65 });
    expect(data.verdict.reasons[0]).toContain("EC2 in us-east-1, on which much else rests");
  });

  test("where an instance fails its own check alone, even if nothing is known of AWS's side", async () => {
    const faults = [{ kind: "subscription-required" }] as const;
    const { account, id, args } = await checksOf({ InstanceStatus: failed }, { faults });
    const { data } = await look(account, args);
    expect(data.verdict).toMatchObject({ whose: "yours", confidence: 0.7 });
    expect(data.verdict.reasons[0]).toContain(`${id}: the instance's own check fails`);
  });

  test("where something that reported all day is silent", async () => {
    const account = await rewriting(await demo(), (body, operation) => {
      if (operation !== "GetMetricData") return body;
      const page = JSON.parse(body) as {
        MetricDataResults: { Timestamps: number[]; Values: number[] }[];
      };
      for (const one of page.MetricDataResults) {
        const kept = one.Timestamps.filter((time) => time * 1000 < noon.getTime() - hour);
        Object.assign(one, { Timestamps: kept, Values: one.Values.slice(0, kept.length) });
      }
      return JSON.stringify(page);
    });
    const { data, text } = await look(account, { services: ["alb"], regions: ["us-east-1"] });
    expect(okay(data.metrics).items[0]).toMatchObject({ state: "silent" });
    expect(data.verdict.whose).toBe("yours");
    expect(text).toContain("reports nothing any more");
  });
});

describe("it cannot be told", () => {
  test("where both sides show trouble and one does not explain the other", async () => {
    const { data } = await look(await demo());
    expect(data.verdict).toMatchObject({ whose: "cannot tell", confidence: 0.4 });
    expect(data.verdict.reasons.at(-1)).toContain("does not explain all of yours");
  });

  test("where neither does", async () => {
    const args = { services: ["rds"], regions: ["eu-west-1"] };
    const { data, text } = await look(await demo(), args);
    expect(data.verdict).toMatchObject({ whose: "cannot tell", confidence: 0.5, unknown: [] });
    expect(text).toContain("Neither side shows trouble, and the numbers are as the day before");
  });

  test("where one's own side is ill and AWS's is unknown", async () => {
    const account = await demo({ faults: [{ kind: "subscription-required" }] });
    const { data } = await look(account, { services: ["lambda"], regions: ["us-east-1"] });
    expect(data.verdict).toMatchObject({ whose: "cannot tell", confidence: 0.3 });
  });

  test("where checks have no result yet", async () => {
    const { account, id, args } = await checksOf({ InstanceStatus: { Status: "initializing" } });
    const { data } = await look(account, args);
    expect(okay(data.instances).undecided).toEqual([id]);
    expect(data.verdict).toMatchObject({ whose: "cannot tell", confidence: 0.2 });
    expect(data.verdict.unknown).toEqual(["1 instance whose checks have no result yet"]);
  });

  test("though an issue that was over an hour ago is named", async () => {
    const end = (noon.getTime() - hour) / 1000;
    const account = await rewriting(await issueWith("RDS"), (body) =>
      body.replaceAll(
        /("service":"RDS".*?)"statusCode":"open"/g,
        `$1"endTime":${end},"statusCode":"closed"`,
      ),
    );
    const { data } = await look(account, { services: ["rds"], regions: ["us-east-1"] });
    expect(data.verdict.whose).toBe("cannot tell");
    expect(data.verdict.reasons[0]).toBe(
      "AWS's issue with RDS in us-east-1 was over at 2026-11-20T11:00:00Z: it may still be felt.",
    );
  });
});

describe("what was not asked for or seen", () => {
  test.each([
    [{ status: ["upcoming"] }, "AWS's open issues: not all were asked for or read"],
    [{ category: ["scheduledChange"] }, "AWS's open issues: not all were asked for or read"],
    [{ scope: "ACCOUNT_SPECIFIC" }, "AWS's open issues: not all were asked for or read"],
    [{ services: ["lambda", "cloudfront"] }, "errors and latency of CloudFront"],
    [{ services: ["lambda", "sagemaker"] }, "errors and latency of SAGEMAKER"],
    [{ regions: ["ap-east-1"] }, "everything: none of the regions is enabled"],
  ])("is unknown, not nothing: %j", async (args, unknown) => {
    const { data } = await look(await issueWith("CLOUDTRAIL"), {
      services: ["lambda"],
      regions: ["us-east-1"],
      ...args,
    });
    expect(data.verdict.unknown).toContain(unknown);
    const isAsked = data.verdict.reasons.join().includes("AWS Health has no open issue");
    expect(isAsked).toBe("services" in args);
  });

  test("and more resources than are looked at are counted", async () => {
    const account = await rewriting(await demo(), (body, operation) => {
      if (operation !== "ListMetrics") return body;
      const { Metrics = [], ...rest } = JSON.parse(body) as { Metrics?: object[] };
      const more = Array.from({ length: 40 }, (_, index) => ({
        Namespace: "AWS/Lambda",
        MetricName: "Invocations",
        Dimensions: [{ Name: "FunctionName", Value: `function-${index}` }],
      }));
      return JSON.stringify({ ...rest, Metrics: [...Metrics, ...more] });
    });
    const { data, text } = await look(account, { services: ["lambda"], regions: ["us-east-1"] });
    const { items, omitted } = okay(data.metrics);
    expect(items).toHaveLength(30);
    expect(omitted).toBeGreaterThan(10);
    expect(data.verdict.unknown).toContain(`${omitted} resources that were not looked at`);
    expect(data.verdict.unknown).toContain("28 resources without numbers to compare");
    expect(text).toContain("Name those that matter in `resources`");
  });
});

describe("a question in words", () => {
  test.each([
    ["RDS in us-west-2 connection failed with a timeout", ["RDS"], ["us-west-2"], []],
    ["S3 is responding slowly", ["S3"], [], []],
    ["Lambda functions are timing out", ["Lambda"], [], []],
    ["RDS connection issues", ["RDS"], [], []],
    ["EC2 instances are unhealthy", ["EC2"], [], []],
    ["API Gateway returning 500 errors", ["API Gateway"], [], []],
    ["our step functions fail everywhere", ["Step Functions"], ["all"], []],
    ["database instances down in eu-west-1", ["RDS"], ["eu-west-1"], []],
    ["i-0a1b2c3d4e5f60005 does not answer", ["EC2"], [], ["i-0a1b2c3d4e5f60005"]],
    ['the queue "orders_in" grows', ["SQS"], [], ["orders_in"]],
    [
      "arn:aws:lambda:us-east-1:111122223333:function:checkout-api is slow",
      ["Lambda"],
      ["us-east-1"],
      ["arn:aws:lambda:us-east-1:111122223333:function:checkout-api"],
    ],
    ["Is anything down?", [], [], []],
    ["servers in us-east-1b do not answer", [], ["us-east-1"], []],
  ])("%j is about %j in %j", (message, services, regions, resources) => {
    const query = toHealthQuery(serviceHealthInput.parse({}), message);
    expect(query.services.map(({ title }) => title)).toEqual(services);
    expect(query.regions).toEqual(regions);
    expect(query.resources).toEqual(resources);
  });

  test("chooses only what is not given", async () => {
    const message = "RDS in us-west-2 connection failed with a timeout";
    const { data, result } = await look(
      await demo(),
      { regions: ["eu-west-1"], message },
      { message },
    );
    expect(data.meta).toMatchObject({ services: ["RDS"], regions: ["eu-west-1"] });
    expect(JSON.stringify(result.suggestedActions)).toContain("Check the way of the connection");
  });
});

describe("arguments", () => {
  test.each([
    [{ services: ["lamdba"] }, "Did you mean lambda?"],
    [{ services: ["cloud front!"] }, 'There is no service "cloud front!" here.'],
    [{ regions: ["us-wst-2"] }, "There is no region us-wst-2. Did you mean us-west-2?"],
  ])("%j are refused, with what was meant", async (args, message) => {
    const account = await demo();
    await expect(look(account, args)).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining(message) as string,
    });
    expect(operations(account)).not.toContain("DescribeEvents");
  });

  test("may name services as people do, and those that Health alone knows", async () => {
    const names = ["Amazon RDS", "aws lambda", "API-Gateway", "load balancers", "SageMaker"];
    const { services } = toHealthQuery(serviceHealthInput.parse({ services: names }), "");
    expect(services.map(({ title }) => title)).toEqual([
      "RDS",
      "Lambda",
      "API Gateway",
      "Application Load Balancer",
      "SAGEMAKER",
    ]);
    const { data } = await look(await demo(), { services: ["sagemaker"] });
    expect(data.metrics).toMatchObject({ status: "skipped" });
  });

  test("without regions are about those of the configuration", async () => {
    const settings = { outage_config: { health_check_regions: ["eu-west-1"] } };
    const { data } = await look(await demo(), {}, { settings });
    expect(data.meta.regions).toEqual(["eu-west-1"]);
    expect((await look(await demo())).data.meta.regions).toEqual(["us-east-1", "us-west-2"]);
  });

  test("with a region that is not enabled leave it out, and say so", async () => {
    const account = await demo();
    const { data, text } = await look(account, { regions: ["ap-east-1", "us-east-1"] });
    expect(data.meta.notEnabled).toEqual(["ap-east-1"]);
    expect(account.log.map(({ scope }) => scope?.region)).not.toContain("ap-east-1");
    expect(text).toContain("not asked: ap-east-1");
  });
});
