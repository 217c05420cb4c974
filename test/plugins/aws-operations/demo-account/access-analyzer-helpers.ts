import { AccessAnalyzerClient } from "@aws-sdk/client-accessanalyzer";
import { onTestFinished } from "vitest";
import { clientOptions, type Access } from "./helpers.ts";

/** The real client in a region, one attempt per call; closed with the test. */
export function analyzerIn(access: Access, region: string): AccessAnalyzerClient {
  const client = new AccessAnalyzerClient(clientOptions(access, region));
  onTestFinished(() => client.destroy());
  return client;
}

export const arnOfAnalyzer = (region: string, name: string): string =>
  `arn:aws:access-analyzer:${region}:111122223333:analyzer/${name}`;
