import {
  DEMO_ACCESS_KEY_ID,
  DEMO_SECRET_ACCESS_KEY,
} from "../../../../plugins/aws-operations/demo-account/index.ts";
import { sign } from "../../../../plugins/aws-operations/demo-account/sigv4.ts";

export interface SignOptions {
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly path?: string;
  /** How far the caller's clock is ahead, in milliseconds. */
  readonly skewMs?: number;
  /** Headers to be sent outside of the signature. */
  readonly unsigned?: readonly string[];
}

/** The headers of a POST that is signed with the demo key, without any SDK in between. */
export function signedHeaders(endpoint: string, options: SignOptions): Record<string, string> {
  const { service, body, path = "/", skewMs = 0, unsigned = [] } = options;
  const timestamp = new Date(Date.now() + skewMs).toISOString().replace(/\.\d{3}|[-:]/g, "");
  const headers: Record<string, string> = {
    host: new URL(endpoint).host,
    "x-amz-date": timestamp,
    ...options.headers,
  };
  const names = Object.keys(headers)
    .filter((name) => !unsigned.includes(name))
    .toSorted();
  const date = timestamp.slice(0, 8);
  const scope = { accessKeyId: DEMO_ACCESS_KEY_ID, date, region: "us-east-1", service };
  const request = { method: "POST", url: path, headers, body: Buffer.from(body) };
  const signature = sign(request, names, scope, DEMO_SECRET_ACCESS_KEY);
  const credential = `${scope.accessKeyId}/${date}/us-east-1/${service}/aws4_request`;
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return headers;
}
