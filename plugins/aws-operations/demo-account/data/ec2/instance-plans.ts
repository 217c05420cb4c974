import { HOSTILE_NOTE } from "../hostile-texts.ts";

/** One instance as a person would describe it. */
export interface InstancePlan {
  readonly number: number;
  readonly name: string;
  readonly zone: string;
  readonly subnet: number;
  readonly vpc: number;
  readonly type: "c6g.large" | "m4.large" | "m6i.large" | "m6i.xlarge" | "t3.large";
  readonly securityGroup: number;
  readonly privateIp: string;
  /** Only in a public subnet, and only while it runs. */
  readonly publicIp?: string;
  readonly launchedDaysAgo: number;
  /** Instances with the same number were launched together. */
  readonly reservation: number;
  /** Running unless it says when it was stopped. */
  readonly stoppedDaysAgo?: number;
  /** Runs, and does nothing. */
  readonly isIdle?: true;
  readonly team?: string;
  readonly environment?: string;
  readonly note?: string;
  /** Name of the role that its programs have. */
  readonly role?: string;
  /** Answers metadata requests without a session token. */
  readonly allowsImdsV1?: true;
}

const production = { environment: "production", role: "demo-app" } as const;

const VIRGINIA = { vpc: 1, securityGroup: 1, ...production } as const;
const IRELAND = { vpc: 2, securityGroup: 3, ...production } as const;
const OREGON = { vpc: 3, securityGroup: 5 } as const;

const VIRGINIA_PUBLIC_A = { ...VIRGINIA, zone: "us-east-1a", subnet: 1 } as const;
const VIRGINIA_PUBLIC_B = { ...VIRGINIA, zone: "us-east-1b", subnet: 2 } as const;
const VIRGINIA_PRIVATE_A = { ...VIRGINIA, zone: "us-east-1a", subnet: 3 } as const;
const VIRGINIA_PRIVATE_B = { ...VIRGINIA, zone: "us-east-1b", subnet: 4 } as const;
const IRELAND_PUBLIC_A = { ...IRELAND, zone: "eu-west-1a", subnet: 6 } as const;
const IRELAND_PRIVATE_A = { ...IRELAND, zone: "eu-west-1a", subnet: 7 } as const;
const IRELAND_PRIVATE_B = { ...IRELAND, zone: "eu-west-1b", subnet: 8 } as const;

/** Running types are those that the bill has, in the regions where it has them. */
export const INSTANCE_PLANS: readonly InstancePlan[] = [
  {
    number: 1,
    name: "demo-checkout-web-1",
    ...VIRGINIA_PUBLIC_A,
    type: "m6i.xlarge",
    privateIp: "10.0.0.11",
    publicIp: "198.51.100.11",
    launchedDaysAgo: 412,
    reservation: 1,
    team: "checkout",
  },
  {
    number: 2,
    name: "demo-checkout-web-2",
    ...VIRGINIA_PUBLIC_B,
    type: "m6i.xlarge",
    privateIp: "10.0.1.11",
    publicIp: "198.51.100.12",
    launchedDaysAgo: 412,
    reservation: 1,
    team: "checkout",
    allowsImdsV1: true,
  },
  {
    number: 3,
    name: "demo-checkout-batch",
    ...VIRGINIA_PRIVATE_A,
    type: "m6i.xlarge",
    privateIp: "10.0.16.13",
    launchedDaysAgo: 233,
    isIdle: true,
    reservation: 2,
    team: "checkout",
  },
  {
    number: 4,
    name: "demo-search-1",
    ...VIRGINIA_PRIVATE_A,
    type: "c6g.large",
    privateIp: "10.0.16.14",
    launchedDaysAgo: 305,
    reservation: 3,
    team: "search",
  },
  {
    // Fails its status check.
    number: 5,
    name: "demo-search-2",
    ...VIRGINIA_PRIVATE_B,
    type: "c6g.large",
    privateIp: "10.0.32.15",
    launchedDaysAgo: 305,
    reservation: 3,
    team: "search",
  },
  {
    number: 6,
    name: "demo-search-reindex",
    ...VIRGINIA_PRIVATE_B,
    type: "c6g.large",
    privateIp: "10.0.32.16",
    launchedDaysAgo: 120,
    reservation: 4,
    stoppedDaysAgo: 12,
    team: "search",
  },
  {
    number: 7,
    name: "demo-checkout-eu-1",
    ...IRELAND_PUBLIC_A,
    type: "m6i.large",
    privateIp: "10.1.0.11",
    publicIp: "198.51.100.71",
    launchedDaysAgo: 371,
    reservation: 5,
    team: "checkout",
  },
  {
    // Its host is due for maintenance.
    number: 8,
    name: "demo-checkout-eu-2",
    ...IRELAND_PRIVATE_A,
    type: "m6i.large",
    privateIp: "10.1.16.12",
    launchedDaysAgo: 371,
    reservation: 5,
    team: "checkout",
  },
  {
    number: 9,
    name: "demo-reporting",
    ...IRELAND_PRIVATE_B,
    type: "m6i.large",
    privateIp: "10.1.32.13",
    launchedDaysAgo: 188,
    isIdle: true,
    reservation: 6,
    team: "data",
  },
  {
    // Its uploads went through the NAT gateway on the days of the anomaly.
    number: 10,
    name: "demo-export-worker",
    ...IRELAND_PRIVATE_A,
    type: "m6i.large",
    privateIp: "10.1.16.14",
    launchedDaysAgo: 40,
    reservation: 7,
    team: "platform",
  },
  {
    number: 11,
    name: "demo-eu-jobs",
    ...IRELAND_PRIVATE_B,
    type: "m6i.large",
    privateIp: "10.1.32.15",
    launchedDaysAgo: 150,
    reservation: 8,
    team: "platform",
    note: HOSTILE_NOTE,
  },
  {
    number: 12,
    name: "demo-migration-test",
    ...IRELAND_PRIVATE_A,
    type: "m6i.large",
    privateIp: "10.1.16.16",
    launchedDaysAgo: 75,
    reservation: 9,
    stoppedDaysAgo: 19,
    team: "platform",
    environment: "staging",
  },
  {
    number: 13,
    name: "demo-poc-dashboard",
    ...OREGON,
    zone: "us-west-2a",
    subnet: 9,
    type: "t3.large",
    privateIp: "172.31.0.13",
    launchedDaysAgo: 260,
    reservation: 10,
    stoppedDaysAgo: 41,
    team: "data",
    allowsImdsV1: true,
  },
  {
    // Of a previous generation, and nobody's.
    number: 14,
    name: "legacy-import",
    ...OREGON,
    zone: "us-west-2b",
    subnet: 10,
    type: "m4.large",
    privateIp: "172.31.16.14",
    launchedDaysAgo: 1400,
    reservation: 11,
    stoppedDaysAgo: 143,
    allowsImdsV1: true,
  },
];
