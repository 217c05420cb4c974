import { IAMClient } from "@aws-sdk/client-iam";
import { onTestFinished } from "vitest";
import { clientOptions, type Access } from "./helpers.ts";

/** The real client, one attempt per call; closed with the test. */
export function iamOf(access: Access): IAMClient {
  const client = new IAMClient(clientOptions(access));
  onTestFinished(() => client.destroy());
  return client;
}
