import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import { requestFor } from "./helpers-contract.ts";

// Vitest gives each test file a process of its own, and leaves the SDK to Node: its modules are in Node's cache.
function loadedSdk(): string[] {
  return Object.keys(createRequire(import.meta.url).cache).filter((path) =>
    path.includes("@aws-sdk/client-"),
  );
}

function clientsIn(paths: readonly string[]): Set<string | undefined> {
  return new Set(paths.map((path) => /@aws-sdk\/(client-[a-z-]+)/.exec(path)?.[1]));
}

test("the SDK is loaded by the first call, each client by the first that needs it", async () => {
  const plugin = createPlugin({
    awsAccessKey: "a",
    awsSecretKey: "b",
    endpoint: "http://127.0.0.1:9",
    checkCredentials: false,
  });
  plugin.getPluginInfo();
  plugin.getIntentCategories();
  plugin.getPrompts();
  plugin.getToolsConfig();
  const [handler] = plugin.getHandlers();
  expect(loadedSdk()).toEqual([]);
  await handler?.handle(requestFor({}));
  expect(clientsIn(loadedSdk())).toEqual(new Set(["client-cost-explorer", "client-sts"]));
  await handler?.handle(requestFor({ analysis: "alerts" }));
  expect(clientsIn(loadedSdk())).toEqual(new Set(["client-cost-explorer", "client-sts"]));
  await plugin.onPluginUnload();
});
