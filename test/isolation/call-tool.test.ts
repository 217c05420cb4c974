import { describe, expect, test } from "vitest";
import {
  eventually,
  journal,
  openWorld,
  plugin,
  worldFolder,
  written,
  type World,
} from "./world.ts";

const MAY = (...names: string[]): string =>
  `{ permissions: ${JSON.stringify(names.map((name) => `tools:call:${name}`))} }`;

/** Where the calling plugin runs, and where the called one does. */
const PLACES = [
  ["process", "process"],
  ["process", "inline"],
  ["inline", "process"],
  ["inline", "inline"],
] as const;

async function twoPlugins(caller: string, called: string): Promise<World> {
  const folder = worldFolder();
  const outer = `{
    ask: tool((args, { callTool }) => callTool(args.tool, args.args), ${MAY("add", "fail", "who", "slow", "deep", "nobody", "choose")}),
    caught: tool(async (args, { callTool }) => {
      try { return await callTool(args.tool, args.args); }
      catch (error) {
        const { name, message, code, retryable, retryAfterMs } = error;
        return { data: { name, message, code, retryable, retryAfterMs } };
      }
    }, ${MAY("*")}),
    forbidden: tool((_args, { callTool }) => callTool("add", { a: 1, b: 2 })),
    quick: tool((_args, { callTool }) => callTool("slow"), { ...${MAY("slow")}, config: { timeout: 0.5 } }),
    odd: tool((_args, { callTool }) => callTool("add", { a: 1n, b: () => 2 }), ${MAY("add")}),
    circle: tool((_args, { callTool }) => callTool("circle"), ${MAY("circle")}),
    many: tool(async (_args, { callTool }) => {
      const codes = await Promise.all(Array.from({ length: 20 }, () => callTool("wait").then(() => "ok", ({ code }) => code)));
      return { data: codes };
    }, ${MAY("wait")}),
  }`;
  const inner = `{
    add: { description: "Adds.", inputSchema: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
      outputSchema: { type: "object", properties: { sum: { type: "number" } } },
      handler: ({ a, b }) => ({ content: [{ type: "text", text: "added" }], data: { sum: a + b } }) },
    fail: tool(() => { throw Object.assign(new Error("Closed on Sundays."), { name: "ToolError", code: "closed" }); }),
    who: tool((_args, { principal, client, signal }) => ({ data: { principal, client, aborted: signal.aborted } })),
    wait: tool(() => new Promise((resolve) => setTimeout(resolve, 300, "waited"))),
    slow: tool((_args, { signal }) => { note("begun"); return new Promise((resolve) => signal.addEventListener("abort", () => { note("stopped"); resolve("too late"); })); }),
    choose: tool((_args, { inputRequired }) => inputRequired({ color: { kind: "form", message: "Which?", schema: { type: "object", properties: { color: { type: "string" } } } } })),
  }`;
  return openWorld({
    folder,
    plugins: { outer: plugin(folder, "outer", outer), inner: plugin(folder, "inner", inner) },
    settings: { outer: { isolation: caller }, inner: { isolation: called } },
  });
}

describe.each(PLACES)("a tool in place '%s' that calls one in place '%s'", (caller, called) => {
  test("gets its answer, or an error that says whose fault it is", async () => {
    const world = await twoPlugins(caller, called);
    const ask = async (tool: string, args: object = {}): Promise<unknown> =>
      (await world.call("caught", { tool, args })).data;

    expect(await world.call("ask", { tool: "add", args: { a: 1, b: 2 } })).toMatchObject({
      text: "added",
      data: { sum: 3 },
    });
    expect(await world.call("forbidden")).toMatchObject({
      code: "not_allowed",
      text: expect.stringContaining("'tools:call:add'") as string,
    });
    expect(await ask("nobody")).toMatchObject({ name: "ToolError", code: "unknown_tool" });
    expect(await ask("add", { a: "one" })).toMatchObject({ code: "invalid_arguments" });
    // What it threw stays inside, as with any caller.
    const failed = await ask("fail");
    expect(failed).toMatchObject({ name: "ToolError", retryable: false });
    expect(await ask("choose")).toMatchObject({ code: "cannot_ask" });
    expect(await world.call("circle")).toMatchObject({
      code: "not_allowed",
      text: expect.stringContaining("5 deep") as string,
    });
    expect((await world.call("odd")).code).toBe("invalid_result");
  });

  test("calls for the same principal, who is asked nothing", async () => {
    const world = await twoPlugins(caller, called);
    const outer = (await world.call("who")).data as { principal: unknown };
    expect((await world.call("ask", { tool: "who" })).data).toEqual({
      principal: outer.principal,
      client: { form: false, url: false, roots: false, sampling: false },
      aborted: false,
    });
  });

  test("takes it along when its own time is up, or its caller leaves", async () => {
    const world = await twoPlugins(caller, called);
    expect(await world.call("quick")).toMatchObject({ code: "outcome_unknown" });
    await written(world.folder, /^stopped/u);

    const leaving = new AbortController();
    const call = world.call("ask", { tool: "slow" }, { signal: leaving.signal });
    await eventually(() => expect(began(world)).toBe(2));
    leaving.abort();
    await expect(call).rejects.toThrow();
    await eventually(() => expect(stopped(world)).toBe(2));
  });

  test("has at most 16 such calls at work", async () => {
    const world = await twoPlugins(caller, called);
    const codes = (await world.call("many")).data as string[];
    expect(codes.filter((code) => code === "ok")).toHaveLength(16);
    expect(codes.filter((code) => code === "overloaded")).toHaveLength(4);
  });
});

function began(world: World): number {
  return count(world, "begun");
}

function stopped(world: World): number {
  return count(world, "stopped");
}

function count({ folder }: World, what: string): number {
  return journal(folder).filter((line) => line.startsWith(what)).length;
}
