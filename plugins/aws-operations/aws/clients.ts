import { isDemoKey } from "../demo-account/credentials.ts";
import { ClientSet, type Loaded } from "./client-set.ts";
import { type AwsConnection, sourceOf } from "./credentials.ts";
import { awsError, type CredentialsSource, toAwsError } from "./errors.ts";
import { type Service, services } from "./services.ts";

export interface AwsClientsOptions {
  /** The name that calls give this set of credentials. */
  readonly profile?: string;
  /** Takes out of a text what must not be shown. */
  readonly conceal?: (text: string) => string;
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
  #current: ClientSet;

  constructor(connection: AwsConnection = {}, { profile, conceal }: AwsClientsOptions = {}) {
    this.region = connection.region ?? "us-east-1";
    this.#connection = { ...connection, region: this.region };
    this.#conceal = conceal;
    this.source = sourceOf(connection, profile);
    this.#current = this.#signIn();
    this.#refuseDemoKey(connection.accessKey);
  }

  /** Where a request is sent and signed for. Services with one endpoint are where their partition has it, unless pinned. */
  regionOf(service: Service, region = this.region, pinned = false): string {
    return services[service].isGlobal && !pinned ? globalRegion(region) : region;
  }

  get(service: Service, region: string): Promise<Loaded> {
    return this.#current.get(service, region);
  }

  /** Runs a request with a client. After an error that a new sign-in may mend, the next request signs in anew. */
  async use<T>(
    request: {
      readonly service: Service;
      readonly region: string;
      readonly isStale: (error: unknown) => boolean;
    },
    run: (loaded: Loaded) => Promise<T>,
  ): Promise<T> {
    const used = this.#current;
    try {
      return await used.use(request.service, request.region, run);
    } catch (error) {
      // Whoever has failed with the one before says nothing about the new one.
      if (request.isStale(error) && this.#current === used) {
        this.#current = this.#signIn();
        used.retire();
      }
      throw error;
    }
  }

  /** Closes the sockets of every client that was loaded. */
  destroy(): void {
    this.#current.destroy();
  }

  #signIn(): ClientSet {
    return new ClientSet({
      connection: this.#connection,
      onIdentity: ({ accessKeyId }) => this.#refuseDemoKey(accessKeyId),
      onNoIdentity: (cause) => this.#signInError(cause),
    });
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
    if (!isDemoKey(accessKeyId)) return;
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
