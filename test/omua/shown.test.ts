import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../helpers/cli.ts";
import { tempFolder } from "../helpers/temp-folder.ts";
import { NO_AWS, start } from "../loading/app.ts";
import { EXAMPLES } from "./system.ts";

const AGENT = {
  name: "my_custom_agent",
  version: "1.0.0",
  description: "Custom agent for specialized acquisition tasks",
};

test("a plugin's resource shows its agents and backends", async () => {
  const { connect } = await start({ plugins: [EXAMPLES], config: { plugins: NO_AWS } });
  const client = await connect();
  const read = async (id: string): Promise<unknown> => {
    const { contents } = await client.readResource({ uri: `agentflow://plugins/${id}` });
    const [content] = contents;
    return JSON.parse(content && "text" in content ? content.text : "{}");
  };
  expect(await read("my_agent")).toMatchObject({ agents: [AGENT], llmBackends: [] });
  expect(await read("my_llm_backend")).toMatchObject({
    agents: [],
    llmBackends: [{ name: "my_custom_llm", version: "1.0.0" }],
  });
  expect(await read("my_storage")).toMatchObject({
    storageBackends: [{ name: "my_custom_storage", version: "1.0.0" }],
  });
});

test("list and check show the agents and backends that there are", async () => {
  const folder = tempFolder({ "mcp.config.json": JSON.stringify({ plugins: NO_AWS }) });
  const from = ["--config", join(folder, "mcp.config.json"), "--plugins", EXAMPLES];
  const text = await runCli(["list", ...from]);
  const json = await runCli(["list", "--json", ...from]);
  const checked = await runCli(["check", ...from]);
  expect(text.stdout).toMatch(/^Agents and backends$/mu);
  expect(text.stdout).toMatch(
    /^\s*my_custom_agent\s+agent\s+my_agent\s+1\.0\.0\s+Custom agent for specialized/mu,
  );
  expect(text.stdout).toMatch(/^\s*my_custom_llm\s+LLM backend\s+my_llm_backend/mu);
  expect(JSON.parse(json.stdout)).toMatchObject({
    agents: [{ ...AGENT, plugin: "my_agent", className: "MyCustomAgent" }],
    llmBackends: [{ name: "my_custom_llm", className: "MyCustomLLM" }],
    storageBackends: [{ name: "my_custom_storage", className: "MyCustomStorage" }],
  });
  expect(checked.stdout).toContain(
    "Agents: my_custom_agent. LLM backends: my_custom_llm. Storage backends: my_custom_storage.\n",
  );
  expect(checked.code).toBe(0);
});
