import type {
  GetSavingsPlansUtilizationResponse,
  SavingsPlansUtilizationAggregates,
} from "@aws-sdk/client-cost-explorer";
import { MANAGEMENT, SAVINGS_PLAN } from "../../data/catalogue.ts";
import { formatAmount, type Micros } from "../../data/money.ts";
import { validation } from "../../protocol/errors.ts";
import type { AccountView } from "../service.ts";
import { cut, formatPercent, noData, sortRows, unsupportedDimension } from "./commitments.ts";
import type { SavingsPlansUtilizationRequest } from "./commitment-shapes.ts";
import { compileFilterOf } from "./filter.ts";
import { readClosedPeriod, toInterval, type Period } from "./periods.ts";
import type { Expression } from "./shapes.ts";

/** The organisation's one plan. A Compute plan has neither region nor instance family. */
const PLAN: ReadonlyMap<string, string> = new Map([
  ["LINKED_ACCOUNT", MANAGEMENT.id],
  ["SAVINGS_PLAN_ARN", SAVINGS_PLAN.arn],
  ["SAVINGS_PLANS_TYPE", "ComputeSavingsPlans"],
  ["REGION", ""],
  ["PAYMENT_OPTION", "No Upfront"],
  ["INSTANCE_TYPE_FAMILY", ""],
]);

interface Use {
  committed: Micros;
  used: Micros;
  /** What was used, at on-demand prices. */
  onDemand: Micros;
}

interface Row extends Use {
  readonly period: Period;
}

export function getSavingsPlansUtilization(
  request: SavingsPlansUtilizationRequest,
  account: AccountView,
): GetSavingsPlansUtilizationResponse {
  const isWanted = readFilter(request.Filter);
  const period = readClosedPeriod(request.TimePeriod, account.now);
  const rows = isWanted
    ? cut(period, request.Granularity)
        .map((bucket) => useIn(bucket, account))
        .filter(({ committed }) => committed > 0)
    : [];
  if (rows.length === 0) throw noData();
  const sorted = sortRows(rows, request.SortBy, {
    UtilizationPercentage: ({ used, committed }) => used / committed,
    TotalCommitment: ({ committed }) => committed,
    UsedCommitment: ({ used }) => used,
    UnusedCommitment: ({ used, committed }) => committed - used,
    NetSavings: ({ onDemand, committed }) => onDemand - committed,
  });
  const total: Use = { committed: 0, used: 0, onDemand: 0 };
  for (const row of rows) {
    total.committed += row.committed;
    total.used += row.used;
    total.onDemand += row.onDemand;
  }
  return {
    SavingsPlansUtilizationsByTime: sorted.map((row) => ({
      TimePeriod: toInterval(row.period),
      ...describe(row),
    })),
    Total: describe(total),
  };
}

function useIn(period: Period, { ledger, now }: AccountView): Row {
  const row: Row = { period, committed: 0, used: 0, onDemand: 0 };
  for (const line of ledger.linesBetween(period.start, period.end, now)) {
    if (line.recordType === "SavingsPlanRecurringFee") row.committed += line.unblended;
    if (line.recordType === "SavingsPlanCoveredUsage") {
      row.used += line.amortized;
      row.onDemand += line.unblended;
    }
  }
  return row;
}

const describe = ({ committed, used, onDemand }: Use): SavingsPlansUtilizationAggregates => ({
  Utilization: {
    TotalCommitment: formatAmount(committed),
    UsedCommitment: formatAmount(used),
    UnusedCommitment: formatAmount(committed - used),
    UtilizationPercentage: formatPercent(used, committed),
  },
  Savings: {
    NetSavings: formatAmount(onDemand - committed),
    OnDemandCostEquivalent: formatAmount(onDemand),
  },
  AmortizedCommitment: {
    AmortizedRecurringCommitment: formatAmount(committed),
    AmortizedUpfrontCommitment: formatAmount(0),
    TotalAmortizedCommitment: formatAmount(committed),
  },
});

/** Whether the plan is among those that the filter asks for. */
function readFilter(expression: Expression | undefined): boolean {
  const isMatch = compileFilterOf<typeof PLAN>(
    {
      dimension: (key) => {
        if (!PLAN.has(key)) throw unsupportedDimension(key, [...PLAN.keys()]);
        return (plan) => plan.get(key) ?? "";
      },
      tag: () => {
        throw validation("Tags are not supported in the filter of this request");
      },
    },
    expression,
  );
  return isMatch(PLAN);
}
