import { describe, expect, test } from "vitest";
import { ask, demo, pluginOn } from "./helpers.ts";
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
