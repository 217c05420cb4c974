import { EC2Client } from "@aws-sdk/client-ec2";
import { onTestFinished } from "vitest";
import { clientOptions, type Access } from "./helpers.ts";

/** Where the account has resources. */
export const REGIONS = ["us-east-1", "eu-west-1", "us-west-2"] as const;

/** The real client in a region, one attempt per call; closed with the test. */
export function ec2In(access: Access, region: string): EC2Client {
  const client = new EC2Client(clientOptions(access, region));
  onTestFinished(() => client.destroy());
  return client;
}
