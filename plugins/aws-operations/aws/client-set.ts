import { type AwsConnection, credentialsOf } from "./credentials.ts";
import { awsError } from "./errors.ts";
import { loadSdk, type Sdk, type SdkClient } from "./sdk.ts";
import { type Service, services } from "./services.ts";

/** A service's part of the SDK and its client for one region. */
export interface Loaded {
  readonly sdk: Sdk;
  readonly client: SdkClient;
}

type Identity = { readonly accessKeyId: string };

export interface ClientSetOptions {
  readonly connection: AwsConnection;
  /** Called with the keys that were found; throws if they may not be used. */
  readonly onIdentity: (identity: Identity) => void;
  /** What it means that no keys were found. */
  readonly onNoIdentity: (cause: unknown) => Error;
}

/** The clients of one sign-in, each loaded on its first use. They share sockets and credentials. */
export class ClientSet {
  readonly #options: ClientSetOptions;
  readonly #loading = new Map<string, Promise<Loaded>>();
  readonly #clients: SdkClient[] = [];
  #shared: { requestHandler: unknown; credentials: unknown } | undefined;
  #users = 0;
  #isRetired = false;

  constructor(options: ClientSetOptions) {
    this.#options = options;
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

  async use<T>(service: Service, region: string, run: (loaded: Loaded) => Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      return await run(await this.get(service, region));
    } finally {
      this.#users -= 1;
      if (this.#isRetired && this.#users === 0) this.destroy();
    }
  }

  /** Closes the sockets once the last request that uses them is over: others may still be answered. */
  retire(): void {
    this.#isRetired = true;
    if (this.#users === 0) this.destroy();
  }

  /** Closes all sockets now. */
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
    const { connection, onIdentity, onNoIdentity } = this.#options;
    const { endpoint } = connection;
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
      credentials: credentialsOf(connection),
      ...this.#shared,
    });
    if (this.#shared === undefined) {
      const { requestHandler } = client.config;
      const find = client.config.credentials.bind(client.config);
      const credentials = async (...args: unknown[]): Promise<Identity> => {
        const identity = await find(...args).catch((cause: unknown) => {
          throw onNoIdentity(cause);
        });
        onIdentity(identity);
        return identity;
      };
      Object.assign(client.config, { credentials });
      this.#shared = { requestHandler, credentials };
    }
    this.#clients.push(client);
    return client;
  }
}
