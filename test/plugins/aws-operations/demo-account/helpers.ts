import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { BudgetsClient } from "@aws-sdk/client-budgets";
import { HealthClient } from "@aws-sdk/client-health";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import {
  CostExplorerClient,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  type ResultByTime,
} from "@aws-sdk/client-cost-explorer";
import { STSClient } from "@aws-sdk/client-sts";
import { onTestFinished } from "vitest";
import {
  startDemoAccount,
  type DemoAccount,
  type DemoAccountOptions,
} from "../../../../plugins/aws-operations/demo-account/index.ts";

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

export interface Clients {
  readonly ce: CostExplorerClient;
  readonly budgets: BudgetsClient;
  readonly cloudTrail: CloudTrailClient;
  readonly cloudWatch: CloudWatchClient;
  readonly health: HealthClient;
  readonly sts: STSClient;
  destroy(): void;
}

export interface Access {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What a client of any service is made with: one attempt per call. */
export const clientOptions = (access: Access, region = "us-east-1") => ({
  endpoint: access.endpoint,
  region,
  credentials: {
    accessKeyId: access.accessKeyId,
    secretAccessKey: access.secretAccessKey,
    ...(access.sessionToken === undefined ? {} : { sessionToken: access.sessionToken }),
  },
  maxAttempts: 1,
});

/** The real SDK's clients, one attempt per call. */
export function clientsFor(access: Access, region = "us-east-1"): Clients {
  const options = clientOptions(access, region);
  const ce = new CostExplorerClient(options);
  const budgets = new BudgetsClient(options);
  const cloudTrail = new CloudTrailClient(options);
  const cloudWatch = new CloudWatchClient(options);
  const health = new HealthClient(options);
  const sts = new STSClient(options);
  const clients = { ce, budgets, cloudTrail, cloudWatch, health, sts };
  return {
    ...clients,
    destroy: () => Object.values(clients).forEach((client) => client.destroy()),
  };
}

export interface Demo extends Clients {
  readonly account: DemoAccount;
}

/** An account at a fixed time, with clients; both are closed with the test. */
export async function openDemo(
  now: string,
  options: Omit<DemoAccountOptions, "now"> = {},
): Promise<Demo> {
  const demo = await unmanagedDemo(now, options);
  onTestFinished(async () => {
    demo.destroy();
    await demo.account.close();
  });
  return demo;
}

export async function unmanagedDemo(
  now: string,
  options: Omit<DemoAccountOptions, "now"> = {},
): Promise<Demo> {
  const account = await startDemoAccount({ ...options, now: () => new Date(now) });
  return { account, ...clientsFor(account) };
}

/** Runs `use` on an account that is closed afterwards; for tests that open many. */
export async function withDemo<T>(
  now: string,
  use: (demo: Demo) => Promise<T>,
  options: Omit<DemoAccountOptions, "now"> = {},
): Promise<T> {
  const demo = await unmanagedDemo(now, options);
  try {
    return await use(demo);
  } finally {
    demo.destroy();
    await demo.account.close();
  }
}

export interface Fetched {
  readonly results: readonly ResultByTime[];
  readonly pages: number;
}

/** Every page of a request. */
export async function fetchAll(
  ce: CostExplorerClient,
  input: GetCostAndUsageCommandInput,
): Promise<Fetched> {
  const results: ResultByTime[] = [];
  let pages = 0;
  let token: string | undefined;
  do {
    const page = await ce.send(
      new GetCostAndUsageCommand(token === undefined ? input : { ...input, NextPageToken: token }),
    );
    results.push(...(page.ResultsByTime ?? []));
    pages += 1;
    token = page.NextPageToken;
  } while (token !== undefined);
  return { results, pages };
}

/** Every item of every page. */
export async function allOf<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<{ readonly items: Item[]; readonly pages: number }> {
  const items: Item[] = [];
  let count = 0;
  for await (const page of pages) {
    items.push(...(itemsOf(page) ?? []));
    count += 1;
  }
  return { items, pages: count };
}

/** `"12.3400000000"` as exact millionths. */
export function toMicros(amount: string | undefined): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,10}))?$/.exec(amount ?? "");
  if (match === null) throw new Error(`not a decimal amount: ${amount}`);
  const [, sign = "", whole = "0", decimals = ""] = match;
  const padded = decimals.padEnd(10, "0");
  if (!padded.endsWith("0000")) throw new Error(`finer than a millionth: ${amount}`);
  const value = BigInt(whole + padded.slice(0, 6));
  return sign === "-" ? -value : value;
}

/** The sum of a metric over groups, or over totals where there are no groups. */
export function sumOf(results: readonly ResultByTime[], metric = "UnblendedCost"): bigint {
  let sum = 0n;
  for (const { Groups = [], Total = {} } of results) {
    for (const group of Groups) sum += toMicros(group.Metrics?.[metric]?.Amount);
    if (Total[metric] !== undefined) sum += toMicros(Total[metric].Amount);
  }
  return sum;
}

export const day = (text: string, plus = 0): string =>
  new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) + plus * 86_400_000)
    .toISOString()
    .slice(0, 10);

export const firstOfMonth = (text: string, months = 0): string => {
  const date = new Date(text);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1))
    .toISOString()
    .slice(0, 10);
};

/** What a rejected call says about itself. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<{ name: string; message: string; status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & {
      $metadata?: { httpStatusCode?: number };
    };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  throw new Error("the call succeeded");
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request without any SDK in between. */
export function rawRequest(
  endpoint: string,
  options: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string | Buffer;
  } = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const { method = "POST", path = "/", body = "" } = options;
    // Node frames the body of a GET only if told its length.
    const headers = { ...options.headers, "content-length": String(Buffer.byteLength(body)) };
    const request = httpRequest(
      `${endpoint}${path}`,
      { method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

type Send = (args: { readonly request: unknown }) => Promise<unknown>;

/** As much of any client's middleware as is used here; each client has types of its own for it. */
interface Middleware {
  add(middleware: (next: Send) => Send, options: { step: "build"; name: string }): void;
}

/** Bodies go out as they are made: the SDK signs them, but checks nothing. */
export function replaceBodies(
  client: { readonly middlewareStack: object },
  body: () => string,
): void {
  (client.middlewareStack as Middleware).add(
    (next) => (args) => {
      const request = args.request as { body: string; headers: Record<string, string> };
      request.body = body();
      request.headers["content-length"] = String(Buffer.byteLength(request.body));
      return next(args);
    },
    { step: "build", name: "replaceBody" },
  );
}
