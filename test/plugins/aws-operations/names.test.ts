import { describe, expect, test } from "vitest";
import { serviceNames } from "../../../plugins/aws-operations/cost-explorer/cost-queries.ts";
import { ask, demo, okay, operations, pluginOn } from "./helpers.ts";

describe("a service's name", () => {
  test.each([
    ["constructor", ["constructor"]],
    ["__proto__", ["__proto__"]],
    [
      "EC2, S3",
      ["Amazon Elastic Compute Cloud - Compute", "EC2 - Other", "Amazon Simple Storage Service"],
    ],
    ["Amazon Lambda", ["AWS Lambda"]],
  ])("%s is %j", (name, expected) => {
    expect(serviceNames([name])).toEqual(expected);
  });

  test("with a comma is not split where the bill has it", () => {
    expect(serviceNames(["Data, Inc"], ["Data, Inc"])).toEqual(["Data, Inc"]);
  });
});

describe("limits that nothing matches", () => {
  test("are no amount of zero, and the names that come near are named", async () => {
    const account = await demo();
    const { data, text, result } = await ask(pluginOn(account), { services: ["Lamda"] });
    expect(text).toContain(
      "No costs match services=Lamda. Names are as on the bill; did you mean AWS Lambda?",
    );
    expect(data.currentMonth?.status).toBe("skipped");
    expect(data.serviceBreakdown?.status).toBe("skipped");
    expect(text).not.toContain("$0.00");
    expect(text.match(/No costs match/g)).toHaveLength(1);
    expect(result.error).toBeUndefined();
    expect(new Set(operations(account))).toEqual(new Set(["GetCostAndUsage", "GetCallerIdentity"]));
  });

  test("are compared with the names of a bill that was read before", async () => {
    const plugin = pluginOn(await demo());
    await ask(plugin);
    const { text } = await ask(plugin, { services: ["Saving Plans for AWS compute"] });
    expect(text).toContain("did you mean Savings Plans for AWS Compute usage?");
    const region = await ask(plugin, { regions: ["mars-west-1"] });
    expect(region.text).toContain("No costs match regions=mars-west-1.");
  });

  test("say so in trends too", async () => {
    const { data, text } = await ask(pluginOn(await demo()), {
      analysis: "trends",
      services: ["constructor"],
    });
    expect(data.trends?.status).toBe("skipped");
    expect(data.forecast?.status).not.toBe("ok");
    expect(text).toContain("No costs match services=constructor.");
  });

  test("in this month only are a total of zero, but no change from zero to zero", async () => {
    const { text } = await ask(pluginOn(await demo({ variant: "new" })), {});
    expect(text).not.toContain("$0.00 more");
    expect(
      okay((await ask(pluginOn(await demo()), { services: ["Lambda"] })).data.currentMonth).total,
    ).toBeGreaterThan(0);
  });
});
