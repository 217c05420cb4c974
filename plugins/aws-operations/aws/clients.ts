import { DEMO_ACCESS_KEY_ID } from "../demo-account/credentials.ts";
import { type AwsConnection, credentialsOf, sourceOf } from "./credentials.ts";
import { awsError, type CredentialsSource, toAwsError } from "./errors.ts";
import { loadSdk, type Sdk, type SdkClient } from "./sdk.ts";
import { type Service, services } from "./services.ts";

export interface AwsClientsOptions {
  /** The name that calls give this set of credentials. */
  readonly profile?: string;
  /** Takes out of a text what must not be shown. */
  readonly conceal?: (text: string) => string;
}

/** A service's part of the SDK and its client for one region. */
interface Loaded {
  readonly sdk: Sdk;
  readonly client: SdkClient;
}

/**
 * The SDK's clients with one set of credentials, each loaded on its first use: a server that is never asked about a service
 * spends nothing on it.
 */
export class AwsClients {
  readonly region: string;
  readonly source: CredentialsSource;
  readonly #connection: AwsConnection;
  readonly #conceal: ((text: string) => string) | undefined;
  readonly #loading = new Map<string, Promise<Loaded>>();
  readonly #clients: SdkClient[] = [];
  #shared: { requestHandler: unknown; credentials: unknown } | undefined;

  constructor(connection: AwsConnection = {}, { profile, conceal }: AwsClientsOptions = {}) {
    this.region = connection.region ?? "us-east-1";
    this.#connection = { ...connection, region: this.region };
    this.#conceal = conceal;
    this.source = sourceOf(connection, profile);
    this.#refuseDemoKey(connection.accessKey);
  }

  /** Where a request is sent and signed for. Services with one endpoint are where their partition has it, unless pinned. */
  regionOf(service: Service, region = this.region, pinned = false): string {
    return services[service].isGlobal && !pinned ? globalRegion(region) : region;
  }

  get(service: Service, region: string): Promise<Loaded> {
    const key = `${service} ${region}`;
    const known = this.#loading.get(key);
    if (known !== undefined) return known;
    const loading = this.#load(service, region).catch((cause: unknown) => {
      this.#loading.delete(key);
      throw cause;
    });
    this.#loading.set(key, loading);
    return loading;
  }

  /** Closes the sockets of every client that was loaded. */
  destroy(): void {
    for (const client of this.#clients.splice(0)) client.destroy();
    this.#loading.clear();
    this.#shared = undefined;
  }

  async #load(service: Service, region: string): Promise<Loaded> {
    // Its notice about future Node versions is for whoever updates the SDK, not for the user's log.
    process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
    try {
      const sdk = await loadSdk(service);
      return { sdk, client: this.#create(sdk, region) };
    } catch (cause) {
      const { code } = cause as { code?: unknown };
      if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw cause;
      const text = `The AWS SDK's client for ${services[service].title} is not installed (@aws-sdk/client-…).`;
      throw awsError("SDK_MISSING", text, { cause });
    }
  }

  /** The first client's sockets and credentials serve the others: one sign-in and one pool for all services. */
  #create({ Client }: Sdk, region: string): SdkClient {
    const { endpoint } = this.#connection;
    const client = new Client({
      region,
      // Retries are the host's: two layers of them would multiply paid requests.
      maxAttempts: 1,
      // Without the last of these the SDK only warns about a request that takes too long, and goes on waiting.
      requestHandler: {
        connectionTimeout: 3000,
        requestTimeout: 12_000,
        throwOnRequestTimeout: true,
      },
      ...(endpoint !== undefined && { endpoint }),
      credentials: credentialsOf(this.#connection),
      ...this.#shared,
    });
    if (this.#shared === undefined) {
      const { requestHandler } = client.config;
      const credentials = client.config.credentials.bind(client.config);
      const checked = async (...args: unknown[]): Promise<{ accessKeyId: string }> => {
        const identity = await credentials(...args).catch((cause: unknown) => {
          throw this.#signInError(cause);
        });
        this.#refuseDemoKey(identity.accessKeyId);
        return identity;
      };
      Object.assign(client.config, { credentials: checked });
      this.#shared = { requestHandler, credentials: checked };
    }
    this.#clients.push(client);
    return client;
  }

  /** What went wrong on the way to credentials is no answer to the request that needed them. */
  #signInError(cause: unknown): Error {
    const { source, region } = this;
    const request =
      source.roleArn === undefined
        ? { service: "sign-in", operation: "GetCredentials", action: "sts:AssumeRole" }
        : { service: "STS", operation: "AssumeRole", action: "sts:AssumeRole" };
    return toAwsError(cause, { ...request, region, source }, this.#conceal);
  }

  /** The demo's keys sent to AWS would look like an attack, and its answer like a broken set-up. */
  #refuseDemoKey(accessKeyId: string | undefined): void {
    if (accessKeyId !== DEMO_ACCESS_KEY_ID) return;
    const elsewhere = Object.entries(process.env).some(
      ([name, value]) => name.startsWith("AWS_ENDPOINT_URL") && value !== undefined && value !== "",
    );
    if (this.#connection.endpoint !== undefined || elsewhere) return;
    throw awsError(
      "DEMO_CREDENTIALS",
      "These are the demo account's keys, and no `endpoint` is set: they are not sent to AWS. " +
        "Set `endpoint` to the demo account's URL, or configure credentials of a real account.",
    );
  }
}

/**
 * Where the partition's one endpoint of a service is, and is signed for. The SDK knows it only for AWS's own
 * endpoints, not for a custom one.
 */
function globalRegion(region: string): string {
  if (region.startsWith("cn-")) return "cn-northwest-1";
  if (region.startsWith("us-gov-")) return "us-gov-west-1";
  return "us-east-1";
}
