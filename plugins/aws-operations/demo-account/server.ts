import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AccessKeys } from "./access-keys.ts";
import { controlAnswer } from "./control.ts";
import { DEMO_REGION } from "./credentials.ts";
import { faultError } from "./fault-errors.ts";
import type { Fault, FaultControl } from "./faults.ts";
import { html, type Answer } from "./protocol/answer.ts";
import { readBody } from "./protocol/body.ts";
import { AwsError, Refusal } from "./protocol/errors.ts";
import { routeOf, type Route } from "./protocol/route.ts";
import { remember, type OpenEntry, type RequestLogEntry } from "./request-log.ts";
import type { AccountView } from "./services/service.ts";
import { SERVICES } from "./services/services.ts";
import { claimedScope, verifySignature, type SignedRequest } from "./sigv4.ts";
import { send, transmit } from "./transmit.ts";

// Longer than any client keeps an idle connection, so that it is never the server that drops one
// while a request is on its way.
const KEEP_ALIVE_MS = 120_000;

export interface DemoServerOptions {
  readonly log: RequestLogEntry[];
  readonly faults: FaultControl;
  readonly accessKeys: AccessKeys;
  /** The account as it is at this moment, for a request. */
  readonly view: (request: Pick<AccountView, "caller" | "conditions" | "region">) => AccountView;
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
  const route = await routeOf({ method, url, headers, body }, SERVICES);
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
  const { service, protocol, operation, target } = route;
  try {
    if (service === undefined) throw "refusal" in target ? target.refusal : new Error("no service");
    const { caller, region } = verifySignature(request, {
      findKey: (accessKeyId) => options.accessKeys.find(accessKeyId),
      regions: service.regions ?? [DEMO_REGION],
      service: service.signingName,
      // The demo clock may stand still; the caller's signature never does.
      now: new Date(),
    });
    entry.signatureOk = true;
    if ("refusal" in target) throw target.refusal;
    const aim = {
      service: service.signingName,
      region,
      operation,
      hasPageToken: hasPageToken(route.input),
    };
    fault = options.faults.take(aim);
    const conditions = options.faults.conditions(aim);
    entry.fault = fault?.kind ?? [...conditions][0];
    const injected =
      fault === undefined ? undefined : faultError(fault, { service, operation, caller });
    if (injected !== undefined) throw injected;
    const output = target.run(route.input, options.view({ caller, region, conditions }));
    return { answer: protocol.success(operation, output), fault };
  } catch (thrown) {
    const error = thrown instanceof Refusal ? thrown.spelled(protocol.spellings) : thrown;
    if (!(error instanceof AwsError)) throw error;
    entry.errorCode = error.code;
    return { answer: protocol.failure(error), fault };
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
    body: route.input,
    status: undefined,
    errorCode: undefined,
    fault: undefined,
    aborted: false,
  };
}

const PAGE_TOKENS = ["NextPageToken", "NextToken", "nextToken", "Marker"] as const;

const hasPageToken = (input: unknown): boolean =>
  typeof input === "object" && input !== null && PAGE_TOKENS.some((name) => name in input);
