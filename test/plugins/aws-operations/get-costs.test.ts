import { expect, onTestFinished, test } from "vitest";
import { AWSCostExplorer } from "../../../plugins/aws-operations/index.ts";
import { demo, noon } from "./helpers.ts";

test("getCosts adds up to the same total as any breakdown of the same days", async () => {
  const account = await demo();
  const explorer = new AWSCostExplorer({
    accessKey: account.accessKeyId,
    secretKey: account.secretAccessKey,
    endpoint: account.endpoint,
    clock: () => noon,
  });
  onTestFinished(() => explorer.close());
  const query = { period: { start: "2026-10-01", end: "2026-10-31" } } as const;
  const [costs, byService] = await Promise.all([
    explorer.getCosts(query),
    explorer.getCostsByDimension({ ...query, dimension: "SERVICE" }),
  ]);
  const total = ({ value }: typeof costs): bigint =>
    value.rows.reduce((sum, { amount }) => sum + amount, 0n);
  expect(total(costs)).toBe(total(byService));
  expect(total(costs)).toBeGreaterThan(0n);
});
