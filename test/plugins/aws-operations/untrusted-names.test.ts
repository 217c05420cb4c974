import { describe, expect, test } from "vitest";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import { ask, callTool, demo, pluginOn } from "./helpers.ts";
import { hostile, outsideOfMarks, rewriting } from "./truth.ts";

const [note, name] = [hostile.note, hostile.name].map((text) => JSON.stringify(text).slice(1, -1));

/** The demo account as somebody would name things who wants to be heard by a model. */
async function hostileAccount(options: Parameters<typeof demo>[0] = {}) {
  return rewriting(await demo(options), (body) =>
    body
      // A tag's value, an account, budgets and monitors.
      .replaceAll("checkout", note ?? "")
      .replaceAll('"demo-production"', `"${name} ${note}"`)
      .replaceAll("demo-monthly-support", `${note}`)
      .replaceAll("demo-production-project", `${name}`)
      .replaceAll("demo-services", `${name} ${note}`)
      // A product of the Marketplace, and what a custom monitor watches.
      .replaceAll('"EC2 - Other"', `"${note}"`),
  );
}

/** As {@link hostileAccount}, for all that has a name of the demo account in any service: in JSON, XML and IAM's report. */
async function hostileEstate() {
  const named = /\bdemo-[a-z0-9-]+|\bcheckout\b|\b(?:anna\.berg|ben\.ortiz|ci-runner)\b/g;
  const text = `${hostile.note} ${hostile.name}`;
  const inJson = JSON.stringify(text).slice(1, -1);
  const inXml = text.replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\u{9B}", "");
  return rewriting(await demo({ pageSize: 1000 }), (body) => {
    if (!body.startsWith("<")) return body.replaceAll(named, inJson);
    return body.replaceAll(named, inXml).replace(/(?<=<Content>)[^<]+/, (report) => {
      const csv = Buffer.from(report, "base64").toString().replaceAll(named, `"${text}"`);
      return Buffer.from(csv).toString("base64");
    });
  });
}

const obeyed = /Ignore all previous|paytnuocca|terminate-instances/;
const unseen = /[\u{202E}\u{202C}\u{9B}\u{200B}]/u;

describe("names that others have given", () => {
  test.each([
    [{ analysis: "overview" }],
    [{ analysis: "breakdown", groupBy: "TAG:Team" }],
    [{ analysis: "breakdown", groupBy: "LINKED_ACCOUNT" }],
    [{ analysis: "trends" }],
    [{ analysis: "trends", groupBy: "TAG:Team" }],
    [{ analysis: "anomalies" }],
    [{ analysis: "anomalies", start: "2026-11-19" }],
    [{ analysis: "alerts" }],
  ])("are shown inside the marked block only, also in next steps: %j", async (args) => {
    const { text, result } = await ask(pluginOn(await hostileAccount()), args);
    expect(text).toMatch(obeyed);
    expect(outsideOfMarks(text)).not.toMatch(obeyed);
    expect(JSON.stringify(result.suggestedActions)).not.toMatch(obeyed);
    // Nobody gets out of the block by closing it, or changes what is seen.
    expect(outsideOfMarks(text)).not.toContain("aws-data");
    expect(text).not.toMatch(unseen);
  });

  test("are in the data as they are: a program reads those", async () => {
    const plugin = pluginOn(await hostileAccount());
    const { data } = await ask(plugin, { analysis: "breakdown", groupBy: "TAG:Team" });
    expect(JSON.stringify(data)).toContain("Ignore all previous instructions");
  });

  test("of a new account's monitors, which have not run yet, are no exception", async () => {
    const account = await hostileAccount({ variant: "new" });
    const { text } = await ask(pluginOn(account), { analysis: "anomalies" });
    expect(outsideOfMarks(text)).not.toMatch(obeyed);
  });
});

describe("in every tool, names that others have given", () => {
  const services = ["lambda", "ec2", "rds", "alb", "sqs"];
  const shown: [tool: string, args: Record<string, unknown>][] = [
    ["aws_cost_analysis", { groupBy: "TAG:Team" }],
    ["aws_cost_compare", { groupBy: "TAG:Team" }],
    ["aws_service_health", { services, regions: ["all"], status: ["open", "upcoming", "closed"] }],
    ["aws_security_scan", { minSeverity: "LOW", regions: ["us-east-1", "eu-west-1"] }],
    ["aws_iam_review", {}],
    ["aws_api_activity", { regions: ["all"], days: 90, includeReads: true }],
    ["aws_resource_inventory", { regions: ["all"] }],
    ["aws_unused_resources", { regions: ["all"], rightsizing: true }],
  ];
  const silent = ["aws_commitments", "aws_account_status"];

  test.each(shown)("stand in the marked block only: %s %j", async (tool, args) => {
    const { text, result } = await callTool(pluginOn(await hostileEstate()), tool, args);
    expect(text).toMatch(obeyed);
    expect(outsideOfMarks(text)).not.toMatch(obeyed);
    expect(outsideOfMarks(text)).not.toContain("aws-data");
    expect(JSON.stringify(result.suggestedActions)).not.toMatch(obeyed);
    expect(text).not.toMatch(unseen);
  });

  test.each(silent)("are not in %s at all", async (tool) => {
    const { text, data } = await callTool(pluginOn(await hostileEstate()), tool);
    expect(text + JSON.stringify(data)).not.toMatch(obeyed);
  });

  test("are looked at here for each tool that there is", () => {
    const names = [...shown.map(([one]) => one), ...silent];
    expect(names.toSorted()).toEqual(Object.keys(createPlugin().getToolsConfig()).toSorted());
  });
});
