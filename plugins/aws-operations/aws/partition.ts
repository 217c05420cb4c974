/** `aws`, `aws-cn` or `aws-us-gov`: credentials of one are unknown in the others. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
