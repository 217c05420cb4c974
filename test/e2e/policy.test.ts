import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli } from "../helpers/cli.ts";
import { COMBINATIONS, connect, type ToolResult } from "../helpers/clients.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const SHOP = `
let paid = 0;
const hang = () => new Promise(() => undefined);
const tool = (handler, annotations = {}, config = {}) => ({
  description: "Of the shop.", inputSchema: { type: "object" }, handler, annotations, config,
});
export default {
  getPluginInfo: () => ({ name: "shop", version: "1.0.0", concurrency: { slots: 8, queue: 0 } }),
  getToolsConfig: () => ({
    pay: tool(() => "paid " + (paid += 1)),
    price: tool(() => "price " + (paid += 1), { readOnlyHint: true },
      { timeout: 20, retryCount: 3, policy: { cache: 60, rate: { calls: 5, per: 60 } } }),
    ship: tool(hang, {}, { timeout: 0.1, retryCount: 2 }),
    wipe: tool(() => "wiped", { destructiveHint: true }, { retryCount: 2 }),
  }),
};`;

const CONFIG = {
  server: { policy: { timeout: 10, breaker: { failures: 9 } } },
  plugins: {
    "aws-operations": { enabled: false },
    shop: {
      policy: { deadline: 45, retryCount: 1 },
      tools: { pay: { retryCount: 0, dedupSeconds: 5 }, price: { rate: false } },
    },
  },
};

function configFile(config: object = CONFIG): string {
  const files = { "mcp.config.json": JSON.stringify(config), "plugins/shop.mjs": SHOP };
  return join(tempFolder(files), "mcp.config.json");
}

interface Listed {
  readonly plugins: readonly { readonly id: string; readonly concurrency?: unknown }[];
  readonly tools: readonly {
    readonly name: string;
    readonly policy: Readonly<Record<string, { readonly value: unknown; readonly source: string }>>;
    readonly retries: string;
  }[];
}

describe.concurrent("the policy of a tool", () => {
  test("is shown with who has said each value, from the least level to the last", async () => {
    const args = ["list", "--policy", "--json", "--config", configFile()];
    const { code, stdout } = await runCli(args);
    expect(code).toBe(0);
    const { plugins, tools } = JSON.parse(stdout) as Listed;
    const policy = (name: string): Listed["tools"][number]["policy"] =>
      tools.find((tool) => tool.name === name)?.policy ?? {};
    const own = "plugins.shop.tools.pay";
    expect(policy("pay")).toMatchObject({
      longDeadline: { value: 900, source: "default" },
      timeout: { value: 10, source: "server.policy" },
      breaker: {
        value: { failures: 9, ratio: 0.5, window: 10, open: 30 },
        source: "server.policy",
      },
      maxResultChars: { value: 100_000, source: "server.limits" },
      deadline: { value: 45, source: "plugins.shop.policy" },
      retryCount: { value: 0, source: own },
      dedupSeconds: { value: 5, source: own },
    });
    expect(policy("price")).toMatchObject({
      timeout: { value: 20, source: "author" },
      cache: { value: 60, source: "author" },
      retryCount: { value: 1, source: "plugins.shop.policy" },
      rate: { value: false, source: "plugins.shop.tools.price" },
    });
    expect(plugins.find(({ id }) => id === "shop")?.concurrency).toEqual({
      value: { slots: 8, queue: 0 },
      source: "author",
    });
  });

  test("is shown in words", async () => {
    const { stdout } = await runCli(["list", "--policy", "--config", configFile()]);
    expect(stdout).toContain("shop\n  slots   8 running, 0 waiting");
    const price = stdout.split("\n\n").find((part) => part.startsWith("price\n"));
    expect(price?.split("\n")).toEqual([
      "price",
      "  time    20 s for an attempt, 45 s in all",
      "  long    leaves its request after 20 s with tasks, 45 s without, then 900 s",
      "  retries errors 1×, timeouts 1×: it says readOnlyHint",
      "  cache   60 s",
      "  breaker 9 failures in a row, or 50 % of at least 20 calls in 10 s: off for 30 s",
      "  answer  100000 characters at once",
    ]);
  });

  test("is wrong by one field, and that field is named", async () => {
    const config = { plugins: { shop: { tools: { pay: { rate: { calls: 0, per: 1 } } } } } };
    const { code, stderr } = await runCli(["list", "--config", configFile(config)]);
    expect(code).toBe(2);
    expect(stderr).toContain("plugins.shop.tools.pay.rate");
  });

  test("check says how many retries will really happen, and why not more", async () => {
    const { plugins } = CONFIG;
    const shop = { ...plugins.shop, policy: {} };
    const { code, stdout } = await runCli([
      "check",
      "--config",
      configFile({ plugins: { ...plugins, shop } }),
    ]);
    expect(code).toBe(0);
    const said = Object.fromEntries(
      stdout
        .split("\n")
        .map((line) => /^(pay|price|ship|wipe) +(.*?) *$/u.exec(line))
        .flatMap((found) => (found === null ? [] : [[found[1], found[2]]])),
    ) as Record<string, string>;
    expect(said).toEqual({
      pay: "none: its retryCount is 0",
      price:
        "errors 3×, timeouts 2× (the deadline of 50 s has no time for more): it says readOnlyHint",
      ship: "errors 2×, timeouts not: it says neither readOnlyHint nor idempotentHint",
      wipe: "none of 2: it says destructiveHint: true",
    });
  });
});

const errorOf = ({ _meta }: ToolResult): unknown => _meta?.["agentflow/error"];

describe.each(COMBINATIONS)("over $transport, for the $client", (combination) => {
  test("the same policy holds", async () => {
    const client = await connect(
      combination,
      configFile({
        ...CONFIG,
        plugins: {
          ...CONFIG.plugins,
          shop: { tools: { price: { rate: { calls: 3, per: 600 } } } },
        },
      }),
    );
    try {
      const meta = { "agentflow/idempotencyKey": "order 1" };
      const first = await client.callTool("pay", {}, { meta });
      const again = await client.callTool("pay", {}, { meta });
      expect(again.content.at(-1)).toEqual(first.content[0]);
      expect(again._meta).toHaveProperty("agentflow/deduplicated");
      const other = await client.callTool("pay", { sum: 2 }, { meta });
      expect(errorOf(other)).toMatchObject({ code: "invalid_arguments" });

      const price = await client.callTool("price");
      expect(await client.callTool("price")).toMatchObject({
        content: price.content,
        _meta: { "agentflow/cache": { ageSeconds: expect.any(Number) as number } },
      });
      const refresh = { meta: { "agentflow/refresh": true } };
      expect((await client.callTool("price", {}, refresh)).content).not.toEqual(price.content);
      expect(errorOf(await client.callTool("price"))).toMatchObject({
        code: "rate_limited",
        retryAfterMs: expect.any(Number) as number,
      });

      expect(errorOf(await client.callTool("ship"))).toMatchObject({
        code: "outcome_unknown",
        retryable: false,
      });
      expect(await client.readJson("agentflow://plugins/shop")).toMatchObject({
        concurrency: { value: { slots: 8, queue: 0 }, source: "author" },
        policies: { ship: { timeout: { value: 0.1, source: "author" } } },
      });
    } finally {
      await client.close();
    }
  });
});
