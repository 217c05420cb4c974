import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { createPlugin } from "../../../plugins/aws-operations/index.ts";
import type { AWSOperationsOptions } from "../../../plugins/aws-operations/plugin.ts";
import { callTool } from "./helpers.ts";

// The demo account is in the partition aws alone, so here AWS is only as much as says who is asking and which regions there are.

interface Sent {
  readonly service: string;
  readonly region: string;
  readonly body: string;
}

const partitions = {
  "aws-cn": ["cn-north-1", "cn-northwest-1"],
  "aws-us-gov": ["us-gov-east-1", "us-gov-west-1"],
} as const;

type Partition = keyof typeof partitions;

const refusedAsXml =
  "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
const refusedAsJson = '{"__type":"AccessDeniedException","message":"no"}';

/** An endpoint of a partition that knows its regions, and refuses all other questions. */
async function endpointOf(partition: Partition): Promise<{ url: string; sent: Sent[] }> {
  const sent: Sent[] = [];
  const answers: Readonly<Record<string, string>> = {
    GetCallerIdentity: `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:${partition}:iam::222233334444:user/ops</Arn><UserId>AIDA</UserId><Account>222233334444</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    DescribeRegions: `<DescribeRegionsResponse><regionInfo>${partitions[partition].map((name) => `<item><regionName>${name}</regionName><optInStatus>opt-in-not-required</optInStatus></item>`).join("")}</regionInfo></DescribeRegionsResponse>`,
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { authorization = "", "content-type": type = "" } = request.headers;
    const [, region = "", service = ""] =
      /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(authorization) ?? [];
    const body = await text(request);
    sent.push({ service, region, body });
    const known = answers[/Action=(\w+)/.exec(body)?.[1] ?? ""];
    const isForm = type.includes("form");
    response.writeHead(known === undefined ? 400 : 200, {
      "content-type": isForm ? "text/xml" : "application/x-amz-json-1.1",
    });
    response.end(known ?? (isForm ? refusedAsXml : refusedAsJson));
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent };
}

const keys = { awsAccessKey: "AKIDOFAPARTITION0001", awsSecretKey: "secret" };

function pluginWith(options: AWSOperationsOptions) {
  const plugin = createPlugin({ ...keys, checkCredentials: false, ...options });
  onTestFinished(() => plugin.onPluginUnload());
  return plugin;
}

const tools = Object.keys(createPlugin().getToolsConfig());
const everywhere = Object.keys(partitions) as Partition[];

describe.each(everywhere)("in %s", (partition) => {
  const [own, other] = partitions[partition];
  const prefix = own.replace(/-[a-z]+-\d$/, "-");

  test.each(tools)("%s without arguments asks there alone", async (tool) => {
    const { url, sent } = await endpointOf(partition);
    const plugin = pluginWith({ endpoint: url, awsRegion: own });
    const { result } = await callTool(plugin, tool, {}, { retries: 0 });
    expect(result.error ?? {}).not.toMatchObject({ code: "BAD_REQUEST" });
    expect(sent.length).toBeGreaterThan(0);
    for (const { region, service } of sent) expect(region, service).toContain(prefix);
  });

  test.each(tools)("a profile's %s does, too, whatever regions the settings name", async (tool) => {
    const { url, sent } = await endpointOf(partition);
    const plugin = pluginWith({
      endpoint: "http://127.0.0.1:9",
      regions: ["eu-west-1", "us-west-2"],
      profiles: { there: { ...keys, region: other, endpoint: url } },
    });
    const { result } = await callTool(plugin, tool, { profile: "there" }, { retries: 0 });
    expect(result.error ?? {}).not.toMatchObject({ code: "BAD_REQUEST" });
    for (const { region, service } of sent) expect(region, service).toContain(prefix);
    expect(sent.length).toBeGreaterThan(0);
  });

  test("the settings' own regions of it are taken", async () => {
    const { url } = await endpointOf(partition);
    const plugin = pluginWith({
      endpoint: url,
      awsRegion: own,
      regions: ["us-east-1", other],
      outageConfig: { healthCheckRegions: [other, own] },
    });
    const regionsOf = async (tool: string) =>
      ((await callTool(plugin, tool, {}, { retries: 0 })).data["meta"] as { regions: string[] })
        .regions;
    expect(await regionsOf("aws_resource_inventory")).toEqual([other]);
    expect(await regionsOf("aws_security_scan")).toEqual([other]);
    expect(await regionsOf("aws_service_health")).toEqual([other, own]);
  });

  test("AWS's own policies are named by the partition", async () => {
    const { url, sent } = await endpointOf(partition);
    const plugin = pluginWith({ endpoint: url, awsRegion: own });
    await callTool(plugin, "aws_iam_review", { checks: ["admins"] }, { retries: 0 });
    const asked = sent.map(({ body }) => decodeURIComponent(body)).join("\n");
    expect(asked).toContain(`arn:${partition}:iam::aws:policy/AdministratorAccess`);
  });

  test("a region of another partition is refused, with those that there are", async () => {
    const { url } = await endpointOf(partition);
    const plugin = pluginWith({ endpoint: url, awsRegion: own });
    await expect(
      callTool(plugin, "aws_resource_inventory", { regions: ["us-east-1"] }),
    ).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});
