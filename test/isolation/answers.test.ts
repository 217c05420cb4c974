import { expect, test } from "vitest";
import { openWorld, plugin, worldFolder, type World } from "./world.ts";

async function worldWith(tools: string): Promise<World> {
  const folder = worldFolder();
  return openWorld({
    folder,
    plugins: { one: plugin(folder, "one", `{ pid: tool(() => String(process.pid)), ${tools} }`) },
  });
}

test("an answer that is too long to cross is refused, and the process goes on", async () => {
  const world = await worldWith(`huge: tool(() => "x".repeat(17_000_000))`);
  const { text: pid } = await world.call("pid");
  expect(await world.call("huge")).toMatchObject({ code: "result_too_large" });
  expect((await world.call("pid")).text).toBe(pid);
});

test("an answer that is none ends the process, and not the host", async () => {
  const answer = JSON.stringify({ id: 3, result: { kind: "reply" } });
  const world = await worldWith(
    `lie: tool(() => { writeSync(3, Buffer.concat([Buffer.from([0, 0, 0, ${answer.length}]), Buffer.from(${JSON.stringify(answer)})])); return forever(); }, reading)`,
  );
  expect(await world.call("lie")).toMatchObject({ code: "plugin_crashed" });
  expect(world.log).toContainEqual(
    expect.objectContaining({ msg: "plugin crashed", reason: "it sent an answer that is none" }),
  );
  expect((await world.call("pid")).code).toBeUndefined();
});

test("a call that leaves its request has more time, and its handler knows", async () => {
  const world = await worldWith(
    `leave: tool(async (_args, { background, remainingMs }) => {
      const before = remainingMs();
      background();
      while (remainingMs() <= before) await new Promise((resolve) => setTimeout(resolve, 10));
      return "more";
    }, { config: { timeout: 60, policy: { longDeadline: 600 } } })`,
  );
  const { jobId } = await world.call("leave");
  expect((await world.call("job_result", { job_id: jobId })).text).toBe("more");
});
