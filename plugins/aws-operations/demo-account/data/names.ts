import { idOf } from "./ec2/ids.ts";
import { INSTANCE_PLANS } from "./ec2/instance-plans.ts";

/** What several services speak of, by its name. */

interface NamedInstance {
  readonly id: string;
  readonly region: string;
  readonly type: string;
  readonly isRunning: boolean;
  /** Runs, and has next to nothing to do. */
  readonly isIdle: boolean;
}

/** `1` → `i-0a1b2c3d4e5f60001` */
export const instanceId = (number: number): string => idOf("i", number);

export const INSTANCES: readonly NamedInstance[] = INSTANCE_PLANS.map((plan) => ({
  id: instanceId(plan.number),
  region: plan.zone.slice(0, -1),
  type: plan.type,
  isRunning: plan.stoppedDaysAgo === undefined,
  isIdle: plan.isIdle ?? false,
}));

/** What the private subnets of eu-west-1 reach the internet through, and how. */
export const IRELAND_NETWORK = {
  vpc: idOf("vpc", 2),
  natGateway: idOf("nat", 2),
  routeTable: idOf("rtb", 5),
} as const;

/** The security group of the web servers in us-east-1. */
export const WEB_SECURITY_GROUP = idOf("sg", 1);

export const ORDERS_DATABASE = "orders-db";
export const THUMBNAIL_FUNCTION = "thumbnailer";
export const CHECKOUT_FUNCTION = "checkout-api";

export const SESSIONS_TABLE = "demo-sessions";
export const ORDERS_QUEUE = "demo-orders";

/** Anybody may read it. */
export const PUBLIC_BUCKET = "demo-public-assets";

/** The account's IAM users. */
export type UserName =
  | "anna.keller"
  | "backup-agent"
  | "ben.ortiz"
  | "chen.li"
  | "ci-runner"
  | "deploy-bot"
  | "dora.novak"
  | "finn.berg"
  | "grace.osei"
  | "hugo.lind"
  | "ivy.marsh";

export const LOAD_BALANCER = "app/demo-storefront/50dc6c495c0c9188";
export const PARTNERS_API = "demo-partners";
export const REPORTS_DATABASE = "reports-db";
