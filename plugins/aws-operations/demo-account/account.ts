import type { AddressInfo } from "node:net";
import { AccessKeys } from "./access-keys.ts";
import {
  DEMO_ACCESS_KEY_ID,
  DEMO_ACCOUNT_ID,
  DEMO_REGION,
  DEMO_SECRET_ACCESS_KEY,
} from "./credentials.ts";
import { Estate } from "./data/estate.ts";
import { Ledger, type Variant } from "./data/ledger.ts";
import { FaultControl, type Fault } from "./faults.ts";
import { PageTokens } from "./protocol/page-tokens.ts";
import { RateLimit } from "./rate-limit.ts";
import type { RequestLogEntry } from "./request-log.ts";
import { createDemoServer } from "./server.ts";

export interface DemoAccountOptions {
  /** Port on 127.0.0.1. Default 0: any free one. */
  readonly port?: number;
  /**
   * The account's clock. Default: the real one. Costs, budgets and the anomaly follow it; signature
   * dates are always judged by the real clock.
   */
  readonly now?: () => Date;
  /**
   * - `default`: 13 months of costs in USD, one anomaly, three budgets; resources in three regions
   * - `cny`: the same in CNY
   * - `new`: six days old; no forecast, no anomaly, a monitor that has not run yet, nothing older
   * - `empty`: Cost Explorer never enabled, no budgets, no resources, no user but root
   */
  readonly variant?: Variant;
  /**
   * Result rows of Cost Explorer (groups, ungrouped buckets, dimension values) and datapoints of
   * CloudWatch on a page, and most items on a page of any list but CloudTrail's. Default 100 rows and
   * 4 items.
   */
  readonly pageSize?: number;
  /**
   * How many LookupEvents a second each region takes before it throttles; AWS takes two. `nowMs` is
   * the clock it counts by, by default a real one. Default: no limit.
   */
  readonly lookupLimit?: { readonly perSecond: number; readonly nowMs?: () => number };
  /** Faults to begin with. */
  readonly faults?: readonly Fault[];
  /** Serve `POST`/`DELETE /__fault` and `GET`/`DELETE /__log`. Default false. */
  readonly control?: boolean;
}

/** A running AWS endpoint; `server.ts` lists the services. */
export interface DemoAccount {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accountId: string;
  readonly region: typeof DEMO_REGION;
  /** Every request to a service, oldest first; the last 2,000. Set its length to 0 to empty it. */
  readonly log: RequestLogEntry[];
  /** What is in the account, as its answers show it. */
  readonly estate: Estate;
  readonly faults: FaultControl;
  /** Drops all connections, hanging ones included. A second call does nothing. */
  close(): Promise<void>;
}

// Small enough that a month of days by service takes several pages.
const DEFAULT_PAGE_SIZE = 100;
// So small that a caller that reads one page only misses something of nearly every list.
const DEFAULT_LIST_PAGE_SIZE = 4;
const NO_LIMIT: NonNullable<DemoAccountOptions["lookupLimit"]> = { perSecond: Infinity };

export async function startDemoAccount(options: DemoAccountOptions = {}): Promise<DemoAccount> {
  const { port = 0, now = () => new Date(), variant = "default", control = false } = options;
  const pageSize = options.pageSize ?? DEFAULT_PAGE_SIZE;
  const listPageSize = options.pageSize ?? DEFAULT_LIST_PAGE_SIZE;
  const log: RequestLogEntry[] = [];
  const faults = new FaultControl();
  faults.add(...(options.faults ?? []));
  const startedAt = now();
  const ledger = new Ledger(variant, startedAt);
  const estate = new Estate(variant, startedAt);
  const accessKeys = new AccessKeys();
  const pages = new PageTokens();
  const { perSecond, nowMs = () => performance.now() } = options.lookupLimit ?? NO_LIMIT;
  const lookups = new RateLimit(perSecond, nowMs);
  const server = createDemoServer({
    log,
    faults,
    accessKeys,
    control,
    view: (request) => ({
      ...request,
      now: now(),
      startedAt,
      accessKeys,
      lookups,
      variant,
      ledger: ledger.seenFrom(request.caller.account),
      estate: estate.seenFrom(request.caller.account),
      pages,
      pageSize,
      listPageSize,
    }),
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    accessKeyId: DEMO_ACCESS_KEY_ID,
    secretAccessKey: DEMO_SECRET_ACCESS_KEY,
    accountId: DEMO_ACCOUNT_ID,
    region: DEMO_REGION,
    log,
    estate,
    faults,
    close: () => {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}
