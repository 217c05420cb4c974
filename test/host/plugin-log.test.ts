import { expect, onTestFinished, test } from "vitest";
import { hostWith, textsOf } from "../helpers/one-plugin.ts";

const LINES = 50_000;

test("a plugin that logs without end fills no disk: what is left out is counted, and others still have their lines", async () => {
  const host = await hostWith({
    talk: {
      handler: (_, { log }) => {
        for (let line = 0; line < LINES; line++) log.info("again", { line });
        return "told";
      },
    },
    quiet: { handler: () => "done" },
  });
  onTestFinished(() => host.close());
  expect(textsOf(await host.client.callTool({ name: "talk", arguments: {} }))).toEqual(["told"]);
  await host.client.callTool({ name: "quiet", arguments: {} });
  await host.host.stop(0);
  const lines = host.logs.filter(({ msg }) => msg === "again");
  expect(lines.length).toBeLessThan(LINES / 10);
  expect(lines[0]).toMatchObject({ plugin: "p", line: 0 });
  const said = host.logs.map(({ msg }) => String(msg)).join("\n");
  const leftOut = [...said.matchAll(/^(\d+) lines of its log were left out/gmu)];
  const sum = leftOut.reduce((all, [, count]) => all + Number(count), 0);
  expect(lines.length + sum).toBe(LINES);
  expect(host.logs.filter(({ tool }) => tool === "quiet")).toHaveLength(1);
});
