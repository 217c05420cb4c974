import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AccessKeys } from "./access-keys.ts";
import { controlAnswer } from "./control.ts";
import { DEMO_REGION } from "./credentials.ts";
import { faultError } from "./fault-errors.ts";
import type { Fault, FaultControl } from "./faults.ts";
import { failure, html, success, type Answer } from "./protocol/answer.ts";
import { readBody } from "./protocol/body.ts";
import { AwsError } from "./protocol/errors.ts";
import { isPageTokenError } from "./protocol/page-tokens.ts";
import { asQueryCompatible } from "./protocol/query-compatible.ts";
import { routeOf, type Route, type Services } from "./protocol/route.ts";
import { remember, type OpenEntry, type RequestLogEntry } from "./request-log.ts";
import { budgets } from "./services/budgets.ts";
import { cloudTrail } from "./services/cloudtrail/cloudtrail.ts";
import { cloudWatch } from "./services/cloudwatch/cloudwatch.ts";
import { costExplorer } from "./services/cost-explorer/cost-explorer.ts";
import { health } from "./services/health/health.ts";
import type { AccountView, Service } from "./services/service.ts";
import { sts } from "./services/sts.ts";
import { claimedScope, verifySignature, type SignedRequest } from "./sigv4.ts";
import { send, transmit } from "./transmit.ts";

export const SERVICES: Services = {
  json: new Map([
    ["AWSInsightsIndexService", costExplorer],
    ["AWSBudgetServiceGateway", budgets],
    ["AWSHealth_20160804", health],
    // The SDK for JavaScript names it short, others as the published model does.
    ["CloudTrail_20131101", cloudTrail],
    ["com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", cloudTrail],
    ["GraniteServiceVersion20100801", cloudWatch],
  ]),
  query: sts,
};

// Longer than any client keeps an idle connection, so that it is never the server that drops one
// while a request is on its way.
const KEEP_ALIVE_MS = 120_000;

export interface DemoServerOptions {
  readonly log: RequestLogEntry[];
  readonly faults: FaultControl;
  readonly accessKeys: AccessKeys;
  /** The account as it is at this moment, for a request. */
  readonly view: (request: Pick<AccountView, "caller" | "region">) => AccountView;
  /** Serve `/__fault` and `/__log`. */
  readonly control: boolean;
}

export function createDemoServer(options: DemoServerOptions): Server {
  const server = createServer((request, response) => {
    serve(request, response, options).catch(() => {
      // The caller left while sending, or the fault is ours: either way only this request ends.
      if (response.headersSent) response.destroy();
      else send(response, html(500, "Internal Server Error"));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: DemoServerOptions,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.shouldKeepAlive = false;
    send(response, html(413, "Request Entity Too Large"));
    return;
  }
  const { method = "", url = "", headers } = request;
  const text = body.toString("utf8");
  const steering = options.control ? controlAnswer({ method, url }, text, options) : undefined;
  if (steering !== undefined) {
    send(response, steering);
    return;
  }
  const route = routeOf({ method, url, headers }, text, SERVICES);
  const entry = openEntry(request, route);
  remember(options.log, entry);
  response.once("close", () => {
    entry.aborted = !response.writableFinished;
  });
  const { answer, fault } = answerTo({ method, url, headers, body }, route, entry, options);
  await transmit(response, answer, fault);
  // Before the bytes reach the caller, who may look at the log next.
  if (response.headersSent) entry.status = response.statusCode;
}

function answerTo(
  request: SignedRequest,
  route: Route,
  entry: OpenEntry,
  options: DemoServerOptions,
): { answer: Answer; fault: Fault | undefined } {
  let fault: Fault | undefined;
  try {
    const { service, operation, target } = route;
    if (service === undefined) throw "error" in target ? target.error : new Error("no service");
    const { caller, region } = verifySignature(request, {
      findKey: (accessKeyId) => options.accessKeys.find(accessKeyId),
      regions: service.regions ?? [DEMO_REGION],
      service: service.signingName,
      protocol: route.protocol,
      // The demo clock may stand still; the caller's signature never does.
      now: new Date(),
    });
    entry.signatureOk = true;
    if ("error" in target) throw target.error;
    fault = options.faults.take({
      service: service.signingName,
      operation,
      hasPageToken: hasPageToken(route.body),
    });
    entry.fault = fault?.kind;
    const injected =
      fault === undefined ? undefined : faultError(fault, service, operation, caller);
    if (injected !== undefined) throw injected;
    const output =
      fault?.kind === "no-monitors"
        ? withoutMonitors(operation)
        : target.run(route.body, options.view({ caller, region }));
    return { answer: inVersion(route, success(route.protocol, operation, output)), fault };
  } catch (thrown) {
    if (!(thrown instanceof AwsError)) throw thrown;
    const error = spelled(thrown, route.service);
    entry.errorCode = error.code;
    return { answer: inVersion(route, failure(route.protocol, error), error), fault };
  }
}

function openEntry(request: IncomingMessage, route: Route): OpenEntry {
  const scope = claimedScope(request.headers);
  const attempt = request.headers["amz-sdk-request"];
  return {
    time: new Date().toISOString(),
    service: route.service?.signingName,
    operation: route.operation,
    signatureOk: false,
    scope:
      scope === undefined
        ? undefined
        : { service: scope.service, region: scope.region, accessKeyId: scope.accessKeyId },
    attempt: typeof attempt === "string" ? attempt : undefined,
    connectionPort: request.socket.remotePort,
    body: route.body,
    status: undefined,
    errorCode: undefined,
    fault: undefined,
    aborted: false,
  };
}

const inVersion = ({ service }: Route, answer: Answer, error?: AwsError): Answer =>
  service?.jsonVersion === "1.0" ? asQueryCompatible(answer, error) : answer;

/** Services agree on what is wrong with a page token, but not on what to call it. */
function spelled(error: AwsError, service: Service | undefined): AwsError {
  const code = service?.pageTokenCode;
  return code !== undefined && isPageTokenError(error)
    ? new AwsError(code, error.message, error.status)
    : error;
}

const PAGE_TOKENS = ["NextPageToken", "NextToken", "nextToken"] as const;

const hasPageToken = (body: unknown): boolean =>
  typeof body === "object" && body !== null && PAGE_TOKENS.some((name) => name in body);

const withoutMonitors = (operation: string): object =>
  operation === "GetAnomalyMonitors" ? { AnomalyMonitors: [] } : { Anomalies: [] };
