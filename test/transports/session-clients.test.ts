import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import { serveBare, until } from "../helpers/bare-server.ts";

test("a tool can ask the user of a client before 2026-07-28", async () => {
  await using server = await serveBare();
  const client = new Client(
    { name: "asked", version: "1.0.0" },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler("elicitation/create", () => ({
    action: "accept" as const,
    content: { name: "Ann" },
  }));
  await client.connect(new StreamableHTTPClientTransport(server.url));
  expect(client.getNegotiatedProtocolVersion()).toBe("2025-11-25");
  const { content } = await client.callTool({ name: "ask", arguments: {} });
  expect(content).toMatchObject([{ type: "text", text: "hello Ann" }]);
  await client.close();
});

test("a client before 2026-07-28 hears of changes and of the resources that it subscribed to", async () => {
  await using server = await serveBare();
  const client = new Client({ name: "told", version: "1.0.0" });
  const heard: string[] = [];
  client.setNotificationHandler("notifications/tools/list_changed", () => {
    heard.push("tools");
  });
  client.setNotificationHandler("notifications/prompts/list_changed", () => {
    heard.push("prompts");
  });
  client.setNotificationHandler("notifications/resources/list_changed", () => {
    heard.push("resources");
  });
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
    heard.push(params.uri);
  });
  await client.connect(new StreamableHTTPClientTransport(server.url));
  await client.subscribeResource({ uri: "test://mine" });
  server.serving.notifyChanged(new Set(["tools", "resources"]));
  server.serving.notifyResourceUpdated("test://other");
  server.serving.notifyResourceUpdated("test://mine");
  await until(() => heard.includes("test://mine"));
  expect(heard).toEqual(["tools", "resources", "test://mine"]);
  await client.close();
});
