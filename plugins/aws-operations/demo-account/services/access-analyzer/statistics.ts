import type { FindingsStatistics, ResourceTypeDetails } from "@aws-sdk/client-accessanalyzer";
import { DEMO_ACCOUNT_ID } from "../../credentials.ts";
import type { Analyzer, Finding } from "../../data/access-analyzer/analyzers.ts";

/** What an analyzer has found, counted. */
export function statisticsOf({ summary, findings }: Analyzer): FindingsStatistics {
  const active = findings.filter((finding) => finding.summary.status === "ACTIVE");
  const totals = {
    totalActiveFindings: active.length,
    totalArchivedFindings: findings.filter((finding) => finding.summary.status === "ARCHIVED")
      .length,
    totalResolvedFindings: 0,
  };
  return summary.type === "ACCOUNT_UNUSED_ACCESS"
    ? { unusedAccessFindingsStatistics: { ...unusedStatistics(active), ...totals } }
    : {
        externalAccessFindingsStatistics: {
          resourceTypeStatistics: byResourceType(active),
          ...totals,
        },
      };
}

function byResourceType(active: readonly Finding[]): Record<string, ResourceTypeDetails> {
  const types = new Set(active.map(({ summary }) => summary.resourceType));
  return Object.fromEntries(
    [...types].map((type) => {
      const found = active.filter(({ summary }) => summary.resourceType === type);
      const errors = found.filter(({ summary }) => summary.error !== undefined).length;
      const open = found.filter(({ isPublic }) => isPublic).length;
      return [
        type,
        {
          totalActivePublic: open,
          totalActiveCrossAccount: found.length - open - errors,
          totalActiveErrors: errors,
        },
      ];
    }),
  );
}

function unusedStatistics(active: readonly Finding[]) {
  const counts = new Map<string, number>();
  for (const { summary } of active) {
    counts.set(summary.findingType, (counts.get(summary.findingType) ?? 0) + 1);
  }
  return {
    unusedAccessTypeStatistics: [...counts].map(([unusedAccessType, total]) => ({
      unusedAccessType,
      total,
    })),
    ...(active.length === 0
      ? {}
      : {
          topAccounts: [
            {
              account: DEMO_ACCOUNT_ID,
              numberOfActiveFindings: active.length,
              details: Object.fromEntries(counts),
            },
          ],
        }),
  };
}
