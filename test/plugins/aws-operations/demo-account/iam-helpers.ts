import { IAMClient } from "@aws-sdk/client-iam";
import { onTestFinished } from "vitest";
import type { DemoAccount } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { clientOptions } from "./helpers.ts";

/** The real client, one attempt per call; closed with the test. */
export function iamOf(account: DemoAccount): IAMClient {
  const client = new IAMClient(clientOptions(account));
  onTestFinished(() => client.destroy());
  return client;
}
