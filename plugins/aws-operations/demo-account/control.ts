import { parseFaults, type FaultControl } from "./faults.ts";
import type { Answer } from "./protocol/answer.ts";
import type { RequestLogEntry } from "./request-log.ts";

/**
 * Lets a test steer a demo account that runs in another process: `POST /__fault` adds faults,
 * `DELETE /__fault` withdraws them all, `GET /__log` reads the request log, `DELETE /__log`
 * empties it. Undefined for any other request.
 */
export function controlAnswer(
  request: { readonly method: string; readonly url: string },
  body: string,
  account: { readonly faults: FaultControl; readonly log: RequestLogEntry[] },
): Answer | undefined {
  switch (`${request.method} ${request.url}`) {
    case "POST /__fault":
      return addFaults(body, account.faults);
    case "DELETE /__fault":
      account.faults.clear();
      return json(200, { pending: [] });
    case "GET /__log":
      return json(200, account.log);
    case "DELETE /__log":
      account.log.length = 0;
      return json(200, []);
    default:
      return undefined;
  }
}

function addFaults(body: string, faults: FaultControl): Answer {
  try {
    faults.add(...parseFaults(JSON.parse(body)));
    return json(200, { pending: faults.pending });
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : "invalid faults" });
  }
}

const json = (status: number, value: unknown): Answer => ({
  status,
  contentType: "application/json",
  body: JSON.stringify(value),
  requestId: "control",
});
