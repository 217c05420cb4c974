import { AccessAnalyzerClient } from "@aws-sdk/client-accessanalyzer";
import { onTestFinished } from "vitest";
import type { DemoAccount } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { clientOptions } from "./helpers.ts";

/** The real client in a region, one attempt per call; closed with the test. */
export function analyzerIn(account: DemoAccount, region: string): AccessAnalyzerClient {
  const client = new AccessAnalyzerClient(clientOptions(account, region));
  onTestFinished(() => client.destroy());
  return client;
}

export const arnOfAnalyzer = (region: string, name: string): string =>
  `arn:aws:access-analyzer:${region}:111122223333:analyzer/${name}`;
