/** What several services speak of, by its name. */

interface NamedInstance {
  readonly id: string;
  readonly region: string;
  readonly type: string;
  readonly isRunning: boolean;
  /** Runs, and has next to nothing to do. */
  readonly isIdle: boolean;
}

const instance = (
  number: number,
  region: string,
  type: string,
  state: "running" | "idle" | "stopped" = "running",
): NamedInstance => ({
  id: `i-0a1b2c3d4e5f6${String(number).padStart(4, "0")}`,
  region,
  type,
  isRunning: state !== "stopped",
  isIdle: state === "idle",
});

export const INSTANCES: readonly NamedInstance[] = [
  instance(1, "us-east-1", "m6i.xlarge"),
  instance(2, "us-east-1", "m6i.xlarge"),
  instance(3, "us-east-1", "m6i.xlarge", "idle"),
  instance(4, "us-east-1", "c6g.large"),
  instance(5, "us-east-1", "c6g.large", "stopped"),
  instance(6, "us-east-1", "c6g.large", "stopped"),
  instance(7, "eu-west-1", "m6i.large"),
  instance(8, "eu-west-1", "m6i.large"),
  instance(9, "eu-west-1", "m6i.large", "idle"),
  instance(10, "eu-west-1", "m6i.large"),
  instance(11, "eu-west-1", "m6i.large"),
  instance(12, "eu-west-1", "m6i.large", "stopped"),
  instance(13, "us-west-2", "t3.large"),
  instance(14, "us-west-2", "t3.large", "stopped"),
];

export const ORDERS_DATABASE = "orders-db";
export const THUMBNAIL_FUNCTION = "thumbnailer";
