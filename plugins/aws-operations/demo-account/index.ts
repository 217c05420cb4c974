export { startDemoAccount } from "./account.ts";
export type { DemoAccount, DemoAccountOptions } from "./account.ts";
export {
  DEMO_ACCESS_KEY_ID,
  DEMO_ACCOUNT_ID,
  DEMO_REGION,
  DEMO_SECRET_ACCESS_KEY,
} from "./credentials.ts";
export { analyzersIn } from "./data/access-analyzer/analyzers.ts";
export { resourcesIn } from "./data/ec2/resources.ts";
export type { RegionResources } from "./data/ec2/resources.ts";
export { identitiesOf } from "./data/iam/identities.ts";
export type { Variant } from "./data/ledger.ts";
export type { Fault, FaultControl, FaultKind } from "./faults.ts";
export type { RequestLogEntry } from "./request-log.ts";
