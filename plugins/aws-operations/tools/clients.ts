import type * as Budgets from "@aws-sdk/client-budgets";
import type * as CostExplorer from "@aws-sdk/client-cost-explorer";
import type * as Sts from "@aws-sdk/client-sts";
import { DEMO_ACCESS_KEY_ID } from "../demo-account/credentials.ts";
import { awsError } from "./errors.ts";

export interface AwsConnection {
  /** Both keys or neither; without them the SDK's own chain is used. */
  readonly accessKey?: string | undefined;
  readonly secretKey?: string | undefined;
  readonly sessionToken?: string | undefined;
  /** Default `us-east-1`. */
  readonly region?: string | undefined;
  /** URL for every service instead of AWS. */
  readonly endpoint?: string | undefined;
}

/** A module of the SDK and its one client. */
export interface Loaded<Module, Client> {
  readonly sdk: Module;
  readonly client: Client;
}

/**
 * The SDK's clients, each loaded on its first use: importing one takes 50 to 80 ms and 15 MB that a server which
 * is never asked about costs need not spend.
 */
export class AwsClients {
  readonly region: string;
  readonly #connection: AwsConnection;
  readonly #loading = new Map<string, Promise<unknown>>();
  readonly #clients: { destroy(): void }[] = [];
  #shared: { requestHandler: never; credentials: never } | undefined;

  constructor(connection: AwsConnection = {}) {
    this.#connection = connection;
    this.region = connection.region ?? "us-east-1";
    this.#refuseDemoKey(connection.accessKey);
  }

  costExplorer(): Promise<Loaded<typeof CostExplorer, CostExplorer.CostExplorerClient>> {
    return this.#once("@aws-sdk/client-cost-explorer", async () => {
      const sdk = await import("@aws-sdk/client-cost-explorer");
      return { sdk, client: this.#create(sdk.CostExplorerClient, globalRegion(this.region)) };
    });
  }

  budgets(): Promise<Loaded<typeof Budgets, Budgets.BudgetsClient>> {
    return this.#once("@aws-sdk/client-budgets", async () => {
      const sdk = await import("@aws-sdk/client-budgets");
      return { sdk, client: this.#create(sdk.BudgetsClient, globalRegion(this.region)) };
    });
  }

  sts(): Promise<Loaded<typeof Sts, Sts.STSClient>> {
    return this.#once("@aws-sdk/client-sts", async () => {
      const sdk = await import("@aws-sdk/client-sts");
      return { sdk, client: this.#create(sdk.STSClient, this.region) };
    });
  }

  /** Closes the sockets of every client that was loaded. */
  destroy(): void {
    for (const client of this.#clients.splice(0)) client.destroy();
    this.#loading.clear();
    this.#shared = undefined;
  }

  async #once<T>(name: string, load: () => Promise<T>): Promise<T> {
    // Its notice about future Node versions is for whoever updates the SDK, not for the user's log.
    process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
    const known = this.#loading.get(name);
    if (known !== undefined) return known as Promise<T>;
    const loading = load().catch((cause: unknown) => {
      this.#loading.delete(name);
      if ((cause as { code?: unknown }).code !== "ERR_MODULE_NOT_FOUND") throw cause;
      throw awsError("SDK_MISSING", `Install '${name}' to use aws_cost_analysis.`, { cause });
    });
    this.#loading.set(name, loading);
    return loading;
  }

  /** The first client's sockets and credentials serve the others: one sign-in and one pool for all services. */
  #create<Client extends AnyClient>(
    // oxlint-disable-next-line typescript/no-explicit-any -- each client has a configuration type of its own
    Client: new (config: any) => Client,
    region: string,
  ): Client {
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
      ...this.#credentials(),
      ...this.#shared,
    });
    if (this.#shared === undefined) {
      const { requestHandler } = client.config;
      const credentials = client.config.credentials.bind(client.config);
      const checked = async (...args: unknown[]): Promise<{ accessKeyId: string }> => {
        const identity = await credentials(...args);
        this.#refuseDemoKey(identity.accessKeyId);
        return identity;
      };
      Object.assign(client.config, { credentials: checked });
      this.#shared = { requestHandler, credentials: checked } as never;
    }
    this.#clients.push(client);
    return client;
  }

  #credentials(): { credentials?: object } {
    const { accessKey, secretKey, sessionToken } = this.#connection;
    if (accessKey === undefined || secretKey === undefined) return {};
    return {
      credentials: {
        accessKeyId: accessKey,
        secretAccessKey: secretKey,
        ...(sessionToken !== undefined && { sessionToken }),
      },
    };
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

interface AnyClient {
  readonly config: {
    readonly requestHandler: unknown;
    credentials(...args: unknown[]): Promise<{ accessKeyId: string }>;
  };
  destroy(): void;
}

/**
 * Where the partition's one Cost Explorer and Budgets endpoint is signed for. The SDK knows it only for AWS's own
 * endpoints, not for a custom one.
 */
function globalRegion(region: string): string {
  if (region.startsWith("cn-")) return "cn-northwest-1";
  if (region.startsWith("us-gov-")) return "us-gov-west-1";
  return "us-east-1";
}
