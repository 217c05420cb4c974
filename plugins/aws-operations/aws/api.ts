import { AwsClients } from "./clients.ts";
import { type AwsConnection, concealing } from "./credentials.ts";
import { awsError, type CredentialsSource, toAwsError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { type Answer, AwsRequests, type CallScope } from "./requests.ts";
import type { InputOf, OutputOf } from "./sdk.ts";
import { SessionCosts } from "./session-costs.ts";
import {
  actionOf,
  isAllowed,
  type OperationOf,
  priceInCents,
  type Service,
  type ServiceInfo,
  services,
} from "./services.ts";

export interface AwsApiOptions extends AwsConnection {
  /** By which answers grow old. Default: the system's clock. */
  readonly clock?: () => Date;
  /** Other sets of credentials, by the names that calls give them. */
  readonly profiles?: Readonly<Record<string, AwsConnection>>;
  /** Counts what is paid for. Default: one without a budget. */
  readonly costs?: SessionCosts;
}

/** One question to AWS: an operation of the allow-list and what its pages mean. */
export interface Question<S extends Service, Op extends OperationOf<S>, Value> {
  readonly service: S;
  readonly operation: Op;
  /** Without the token for the next page. */
  readonly input: InputOf<S, Op>;
  /** Default: the plugin's own. Services with one endpoint for all regions take no notice, unless `pinned`. */
  readonly region?: string | undefined;
  /** True where `region` is meant although the service has one endpoint for all: the second one of Health. */
  readonly pinned?: boolean;
  /** How long the answer stays fresh, in milliseconds. */
  readonly ttlMs: number;
  /** What is missing in a page that AWS cannot have meant; undefined if it is whole. Default: nothing is demanded. */
  readonly missing?: (page: OutputOf<S, Op>) => string | undefined;
  readonly read: (pages: readonly OutputOf<S, Op>[]) => Value;
  /** Pages that are read at most; what lies beyond makes the answer truncated. Default 50. */
  readonly maxPages?: number;
  /** True if some pages are better than none: what came before a failure that passes is the answer, and is truncated. */
  readonly isOfUseInPart?: boolean;
  /** The dates as they are sent, for error texts. */
  readonly interval?: { readonly Start: string; readonly End: string };
}

/** A question about all regions has some 200 answers; they are not to push out those that were paid for. */
const maxEntries = 600;

/** A call of AWS has gone wrong in a way that new credentials may mend. */
const staleCredentials = new Set(["EXPIRED_TOKEN", "BAD_CREDENTIALS"]);

/** Under what names services hand on the place in a list. */
const tokenNames = ["NextPageToken", "NextToken", "nextToken", "Marker"] as const;

/** The one place that sends requests to AWS: reads only, page by page, cached, shared by those who ask the same. */
export class AwsApi {
  /** The plugin's own region. */
  readonly region: string;
  readonly clock: () => Date;
  readonly costs: SessionCosts;
  /** By profile; the plugin's own without one. */
  readonly #clients: ReadonlyMap<string | undefined, AwsClients>;
  readonly #requests: AwsRequests;

  constructor(options: AwsApiOptions = {}) {
    const { clock = () => new Date(), profiles = {}, costs, ...connection } = options;
    this.clock = clock;
    this.costs = costs ?? new SessionCosts({ clock });
    const conceal = concealing([connection, ...Object.values(profiles)]);
    const own = new AwsClients(connection, { conceal });
    this.region = own.region;
    this.#clients = new Map([
      [undefined, own],
      ...Object.entries(profiles).map(([profile, other]): [string, AwsClients] => [
        profile,
        new AwsClients(other, { profile, conceal }),
      ]),
    ]);
    this.#requests = new AwsRequests({
      now: () => clock().getTime(),
      conceal,
      onSend: (request) => this.costs.spend(request),
      maxEntries,
    });
  }

  /** Names that calls may give as their profile. */
  get profiles(): readonly string[] {
    return [...this.#clients.keys()].filter((name) => name !== undefined);
  }

  /** The region of a profile, or the plugin's own. */
  regionOf(profile: string | undefined): string {
    return this.#clientsOf(profile).region;
  }

  /** Where the credentials of a profile, or the plugin's own, come from. */
  sourceOf(profile: string | undefined): CredentialsSource {
    return this.#clientsOf(profile).source;
  }

  async ask<S extends Service, Op extends OperationOf<S>, Value>(
    question: Question<S, Op, Value>,
    scope?: CallScope,
  ): Promise<Answer<Value>> {
    const { service, operation, input, interval, missing, maxPages, isOfUseInPart, read } =
      question;
    if (!isAllowed(service, operation)) {
      const text = `${service}:${operation} is not among the operations that this plugin sends.`;
      throw awsError("BAD_REQUEST", text);
    }
    const clients = this.#clientsOf(scope?.profile);
    const { source } = clients;
    const { title, perSecond }: ServiceInfo = services[service];
    const region = clients.regionOf(service, question.region, question.pinned === true);
    type Page = OutputOf<S, Op>;
    const about = {
      service: title,
      operation,
      action: actionOf(service, operation),
      priceInCents: priceInCents(service, operation, input),
      region,
      source,
    };
    const isStale = (error: unknown): boolean =>
      staleCredentials.has(toAwsError(error, about).code);
    return this.#requests.run<Page, Value>(
      {
        ...about,
        ...(interval !== undefined && { interval }),
        key: JSON.stringify([source.profile, region, service, operation, input, maxPages]),
        ttlMs: question.ttlMs,
        ...(maxPages !== undefined && { maxPages }),
        ...(perSecond !== undefined && { perSecond }),
        ...(isOfUseInPart !== undefined && { isOfUseInPart }),
        send: (token, abortSignal) =>
          clients.use({ service, region, isStale }, async ({ sdk, client }) => {
            const Command = sdk.command(operation);
            const command = new Command({ ...(input as object), ...place(token) });
            return (await client.send(command, { abortSignal })) as Page;
          }),
        missing: missing ?? (() => undefined),
        nextToken: (page) => nextPlace(page as object),
        read,
      },
      scope,
    );
  }

  /** Aborts what runs and closes the sockets. */
  close(): void {
    this.#requests.close();
    for (const clients of this.#clients.values()) clients.destroy();
  }

  #clientsOf(profile: string | undefined): AwsClients {
    const clients = this.#clients.get(profile);
    if (clients !== undefined) return clients;
    throw unknownProfile(profile ?? "", this.profiles);
  }
}

function unknownProfile(name: string, known: readonly string[]): Error {
  const near = nearest(name, known);
  const guess = near === undefined ? "" : ` Did you mean "${near}"?`;
  const all =
    known.length === 0
      ? " None is configured: leave `profile` out."
      : ` There are: ${known.join(", ")}.`;
  return awsError("BAD_REQUEST", `There is no profile "${name}".${guess}${all}`);
}

/** The place of the next page with the name that the service gives it: `NextToken=…`. */
function nextPlace(page: object): string | undefined {
  const members = page as Readonly<Record<string, unknown>>;
  for (const name of tokenNames) {
    const token = members[name];
    if (typeof token === "string" && token !== "") return `${name}=${token}`;
  }
  return undefined;
}

function place(token: string | undefined): Readonly<Record<string, string>> {
  if (token === undefined) return {};
  const end = token.indexOf("=");
  return { [token.slice(0, end)]: token.slice(end + 1) };
}
