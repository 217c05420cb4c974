/** From the least to the most urgent. */
export const severities = ["LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;

export type Severity = (typeof severities)[number];

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

/** For sorting: the most urgent first. */
export function bySeverity(left: { severity: Severity }, right: { severity: Severity }): number {
  return severities.indexOf(right.severity) - severities.indexOf(left.severity);
}
