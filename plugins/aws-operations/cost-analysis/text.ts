import type { BillingConfig } from "../config/index.ts";
import type { CostAnalysisOutput, SectionName } from "./output.ts";
import { footer } from "../answer/footer.ts";
import { gapLines } from "../answer/gaps.ts";
import { alertText } from "./alert-text.ts";
import { costText } from "./cost-text.ts";
import { outlookText } from "./outlook-text.ts";

const sectionTitles: Readonly<Record<SectionName, string>> = {
  period: "Costs of the period",
  currentMonth: "This month",
  previousMonth: "Last month",
  samePeriodLastMonth: "Same days last month",
  serviceBreakdown: "Breakdown",
  trends: "Trends",
  forecast: "Forecast",
  anomalies: "Anomalies",
  budgetAlerts: "Budgets",
};

/** The answer in words: numbers, then what drives them, then what could not be had. */
export function writeText(data: CostAnalysisOutput, config: BillingConfig): string {
  const parts = [
    `## AWS costs: ${data.analysisType}`,
    ...(data.analysisType === "alerts" ? [] : costText(data, config)),
    ...outlookText(data),
    ...alertText(data, config),
    ...gaps(data),
    footer(data.meta, costFacts(data)),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** Warnings, and the sections that failed or were left out: those with the same reason together. */
function gaps(data: CostAnalysisOutput): string[] {
  const { timestamp: _, analysisType: __, meta, ...sections } = data;
  const truncated =
    "⚠ AWS had more pages than are read: the sums are too low. Narrow the question.";
  const all = [
    ...gapLines(sections, sectionTitles),
    ...meta.notes,
    ...(meta.truncated ? [truncated] : []),
  ];
  return all.length === 0 ? [] : [all.map((line) => `- ${line}`).join("\n")];
}

/** What the costs are, and of what. Anomalies and budgets know nothing of it. */
function costFacts({ analysisType, meta }: CostAnalysisOutput): string[] {
  if (analysisType === "anomalies" || analysisType === "alerts") return [];
  const { services, accounts, regions } = meta.filters;
  const filters = [
    services.length > 0 ? `services ${services.join(" + ")}` : "",
    accounts.length > 0 ? `accounts ${accounts.join(" + ")}` : "",
    regions.length > 0 ? `regions ${regions.join(" + ")}` : "",
  ].filter((text) => text !== "");
  return [
    meta.metric,
    meta.headline === "net" ? "net of credits and refunds" : "without credits and refunds",
    ...(filters.length > 0 ? [`only ${filters.join(", ")}`] : []),
  ];
}
