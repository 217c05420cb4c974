import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import {
  atEnd,
  call,
  codeOf,
  countToolChanges,
  eventually,
  readPlugin,
  startHost,
  textOf,
} from "./host.ts";
import { startModernHttp, startSessionsHttp } from "./http-servers.ts";

const at = (url: string, more: object = {}): object => ({ type: "mcp_server", url, ...more });

describe("a server of 2025 with sessions", () => {
  test("is opened, listened to and left as the protocol says", async () => {
    const { wire, addTool } = await startSessionsHttp();
    const host = await startHost({ server: at(wire.url) });
    const client = await host.connect();
    const changes = await countToolChanges(client);
    addTool("added");
    await eventually(() => expect(host.tools()).toContain("added"));
    await eventually(() => expect(changes()).toBe(1));
    expect(textOf(await call(client, "added"))).toBe("added");
    await host.stop();
    await eventually(() => expect(wire.seen.at(-1)?.method).toBe("DELETE"));
  });

  test("has answered the end of its session before the host has stopped", async () => {
    const { wire } = await startSessionsHttp();
    const host = await startHost({ server: at(wire.url) });
    let ended = false;
    wire.instead = (_request, response) => {
      setTimeout(() => {
        ended = true;
        response.writeHead(200).end();
      }, 200);
    };
    await host.stop();
    expect(ended).toBe(true);
  });

  test.each([404, 400] as const)(
    "that has forgotten the session gets a new one, and the call that found it out (HTTP %s)",
    async (status) => {
      const { wire, forget, sessions } = await startSessionsHttp(status);
      const host = await startHost({ server: at(wire.url) });
      const client = await host.connect();
      const [before] = sessions.keys();
      forget();
      expect(textOf(await call(client, "echo", { say: "again" }))).toBe("again");
      expect(sessions.size).toBe(1);
      expect([...sessions.keys()]).not.toContain(before);
    },
  );

  test("gets the configured headers with every request, and nobody else sees them", async () => {
    const { wire } = await startSessionsHttp();
    const headers = { Authorization: "Bearer ${SERVER_TOKEN}", "X-Team": "billing" };
    const secret = "abcdefghijklmnop";
    const host = await startHost(
      { server: at(`${wire.url}?tenant=blue`, { headers }) },
      { env: { SERVER_TOKEN: secret } },
    );
    const client = await host.connect();
    const said = await call(client, "echo", { say: `it is ${secret}` });
    expect(textOf(said)).toBe("it is [redacted]");
    for (const seen of wire.seen) {
      expect(seen).toMatchObject({ authorization: `Bearer ${secret}`, "x-team": "billing" });
    }
    const shown = [host.app.host.catalogue.plugins, await readPlugin(client, "server"), host.log];
    expect(JSON.stringify(shown)).not.toContain(secret);
    // The path and the query may hold a key as well.
    expect(host.plugin("server").path).toBe(`${new URL(wire.url).origin}/…`);
  });
});

describe("a server of 2026", () => {
  test("is listened to, and gets the headers that its tools ask for", async () => {
    const { wire } = await startModernHttp();
    const host = await startHost({ server: at(wire.url) });
    const client = await host.connect();
    await client.listTools();
    expect(textOf(await call(client, "regional", { region: "eu" }))).toBe("eu eu");
    const changes = await countToolChanges(client);
    await call(client, "change");
    await eventually(() => expect(host.tools()).toContain("added_1"));
    await eventually(() => expect(changes()).toBe(1));
  });

  test("tells of its resources to whoever subscribed, and only of those", async () => {
    const { wire } = await startModernHttp();
    const host = await startHost({ server: at(wire.url) });
    const client = await host.connect();
    const updated: string[] = [];
    client.setNotificationHandler(
      "notifications/resources/updated",
      ({ params }) => void updated.push(params.uri),
    );
    await client.listen({ resourceSubscriptions: ["modern://one"] });
    await eventually(async () => {
      await call(client, "update", { uri: "modern://one" });
      expect(updated).toContain("modern://one");
    });
    await call(client, "update", { uri: "modern://other" });
    await call(client, "echo", { say: "after it" });
    expect(new Set(updated)).toEqual(new Set(["modern://one"]));
  });

  test("answers prompts, arrays and nothing but its own identity is left out", async () => {
    const { wire } = await startModernHttp();
    const host = await startHost({ server: at(wire.url) });
    for (const era of ["2025-11-25", "2026-07-28"] as const) {
      const client = await host.connect(era);
      await client.listTools();
      const list = await call(client, "list");
      expect(list.structuredContent).toEqual(era === "2025-11-25" ? { result: [1, 2] } : [1, 2]);
      expect(list._meta?.["io.modelcontextprotocol/serverInfo"]).not.toMatchObject({
        name: "modern",
      });
      expect(await client.getPrompt({ name: "greet", arguments: { name: "Ada" } })).toMatchObject({
        description: "Says hello.",
        messages: [{ content: { text: "Say hello to Ada." } }],
      });
    }
  });
});

describe.each([
  ["2025 with sessions", startSessionsHttp],
  ["2026", startModernHttp],
])("a server of %s that goes away", (_kind, startServer) => {
  test("in the middle of a call: the call is answered once, and says that its outcome is unknown", async () => {
    const { wire } = await startServer();
    const host = await startHost({ server: at(wire.url) });
    const client = await host.connect();
    const hanging = call(client, "hang");
    await call(client, "echo", { say: "it is under way" });
    await wire.down();
    expect(codeOf(await hanging)).toBe("plugin_restarted");
  });

  test("keeps its tools listed and its calls answered, and is found again at the same address", async () => {
    const { wire } = await startServer();
    const host = await startHost({ server: at(wire.url) });
    const client = await host.connect();
    const changes = await countToolChanges(client);
    const before = host.tools();
    await wire.down();
    const refused = await call(client, "echo", { say: "?" });
    expect(refused._meta?.["agentflow/error"]).toMatchObject({
      code: "plugin_unavailable",
      retryable: true,
    });
    await eventually(() => expect(host.plugin("server").state).toBe("unavailable"));
    expect(host.tools()).toEqual(before);
    await wire.up();
    await eventually(async () =>
      expect(textOf(await call(client, "echo", { say: "back" }))).toBe("back"),
    );
    expect(host.plugin("server").state).toBe("serving");
    expect(changes()).toBe(0);
  });

  test("under a call and stays where it is: that call alone is answered as lost", async () => {
    const { wire } = await startServer();
    const host = await startHost({ server: at(wire.url) });
    const client = await host.connect();
    const hanging = call(client, "hang");
    await call(client, "echo", { say: "it is under way" });
    wire.cut();
    expect(codeOf(await hanging)).toBe("plugin_restarted");
    expect(textOf(await call(client, "echo", { say: "on" }))).toBe("on");
  });

  test("for a moment only is not given up: its connections are opened anew", async () => {
    const { wire } = await startServer();
    const host = await startHost({ server: at(wire.url) });
    const client = await host.connect();
    wire.cut();
    await eventually(async () =>
      expect(textOf(await call(client, "echo", { say: "on" }))).toBe("on"),
    );
    expect(host.plugin("server").state).toBe("serving");
  });
});

describe("an address", () => {
  test("where nobody listens is tried again and again, and served when somebody does", async () => {
    const { wire } = await startModernHttp();
    await wire.down();
    const server = at(wire.url, { startTimeout: 0.5 });
    const host = await startHost({ server });
    expect(host.plugin("server")).toMatchObject({ state: "unavailable" });
    expect(host.plugin("server").reason).toContain(
      `cannot be reached at ${new URL(wire.url).origin}/… (ECONNREFUSED)`,
    );
    await wire.up();
    await eventually(() => expect(host.plugin("server").state).toBe("serving"));
    expect(host.tools()).toContain("echo");
  });

  test.each([
    ["in its path", "/mcp/s3cr3tp4thtoken9876", "s3cr3tp4thtoken9876"],
    ["in its query", "/mcp?key=my-very-own-key", "my-very-own-key"],
  ])(
    "with a secret %s is told to nobody, even where its server repeats it",
    async (_place, path, secret) => {
      const { wire } = await startModernHttp();
      const url = new URL(path, wire.url).href;
      const host = await startHost({ server: at(url, { startTimeout: 1 }) });
      const client = await host.connect();
      const said = await call(client, "echo", { say: secret });
      wire.instead = (_request, response) => response.writeHead(307, { location: url }).end();
      const result = await call(client, "echo", { say: "?" });
      await wire.down();
      await eventually(() => expect(host.plugin("server").state).toBe("unavailable"));
      const lists = [host.plugin("server"), await readPlugin(client, "server")];
      expect(JSON.stringify([said, result, lists, host.log])).not.toContain(secret);
    },
  );

  test.each([
    [401, "refused", /refuses its credentials .*HTTP 401.*see its "headers"/u],
    [500, "unreachable", /HTTP 500/u],
  ])("that answers HTTP %s is named with it", async (status, code, reason) => {
    const { wire } = await startModernHttp();
    wire.instead = (_request, response) => response.writeHead(status).end("no");
    const host = await startHost({ server: at(wire.url, { startTimeout: 1 }) });
    expect(host.plugin("server").reason).toMatch(reason);
    const client = await host.connect();
    expect(await readPlugin(client, "server")).toMatchObject({ reason: code });
  });

  test("that sends more than anybody could use is cut off", async () => {
    const { wire } = await startModernHttp();
    const host = await startHost({ server: at(wire.url) });
    const client = await host.connect();
    wire.instead = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const piece = Buffer.alloc(1_048_576, "x");
      const more = (): void => {
        while (response.write(piece));
        response.once("drain", more);
      };
      more();
    };
    const result = await call(client, "echo", { say: "?" });
    expect(codeOf(result)).toBe("result_too_large");
  });

  test.each(["\n", "\r\n"])(
    "that sends one event without end is cut off, and one that sends many is not (%j)",
    async (end) => {
      const { wire } = await startModernHttp();
      const host = await startHost({ server: at(wire.url) });
      const client = await host.connect();
      const line = `data: ${"x".repeat(1_048_576)}${end}`;
      let sent = 0;
      let lines = 0;
      wire.instead = (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        // Far more than is taken in one message; what ends each event is what makes the difference.
        const many = `event: other${end}${line}${end}`;
        const more = (): void => {
          while (sent < 40 ? (sent++, response.write(many)) : (lines++, response.write(line)));
          response.once("drain", more);
        };
        more();
      };
      expect(codeOf(await call(client, "echo", { say: "?" }))).toBe("plugin_restarted");
      expect(sent).toBe(40);
      // As many as a message may hold, and what was still on its way.
      expect(lines).toBeLessThan(60);
    },
  );

  test.each([
    [429, "plugin_unavailable", true],
    [403, "upstream_error", false],
    [418, "upstream_error", false],
    [502, "plugin_restarted", false],
  ])("that turns a call away with HTTP %s: %s", async (status, code, retryable) => {
    const { wire } = await startModernHttp();
    const host = await startHost({ server: at(wire.url) });
    const client = await host.connect();
    wire.instead = (_request, response) => response.writeHead(status).end("secret words");
    const result = await call(client, "change");
    expect(result._meta?.["agentflow/error"]).toMatchObject({ code, retryable });
    expect(textOf(result)).not.toContain("secret words");
  });

  test("that redirects elsewhere does not get the headers there", async () => {
    const seen: unknown[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    atEnd(async () => void elsewhere.close());
    const { port } = elsewhere.address() as AddressInfo;
    const { wire } = await startModernHttp();
    wire.instead = (_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${port}/mcp` }).end();
    const headers = { Authorization: "Bearer abcdefgh12345678" };
    const host = await startHost({ server: at(wire.url, { headers, startTimeout: 1 }) });
    expect(host.plugin("server").state).toBe("unavailable");
    expect(seen).toEqual([]);
  });
});
