import type { BillingConfig } from "../config/index.ts";
import type { CostAnalysisOutput, SectionName } from "../tools/cost-analysis-output.ts";
import { alertText } from "./alert-text.ts";
import type { Sections } from "./billing-sections.ts";
import { costText } from "./cost-text.ts";
import { count } from "./markdown.ts";
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
    ...costText(data, config),
    ...outlookText(data),
    ...alertText(data),
    ...gaps(data),
    footer(data),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** When nothing could be had: each reason once. */
export function writeFailure(sections: Sections): {
  content: string;
  error: { code: string; message: string };
} {
  const errors = Object.values(sections).flatMap((section) =>
    section?.status === "error" ? [section.error] : [],
  );
  const content = [...new Set(errors.map(({ message }) => message))].join("\n\n");
  return { content, error: { code: errors[0]?.code ?? "UPSTREAM", message: content } };
}

/** Warnings, and the sections that failed or were left out. */
function gaps(data: CostAnalysisOutput): string[] {
  const lines: string[] = [];
  for (const [name, title] of Object.entries(sectionTitles)) {
    const section = data[name as SectionName];
    if (section?.status === "error") {
      lines.push(`- ${title}: not available (${section.error.code}). ${section.error.message}`);
    } else if (section?.status === "skipped") {
      lines.push(`- ${title}: left out. ${section.reason}`);
    } else {
      lines.push(...(section?.warnings ?? []).map((text) => `- ${text}`));
    }
  }
  lines.push(...data.meta.notes.map((text) => `- ${text}`));
  if (data.meta.truncated) {
    lines.push("- ⚠ AWS had more pages than are read: the sums are too low. Narrow the question.");
  }
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function footer({ meta }: CostAnalysisOutput): string {
  const { services, accounts, regions } = meta.filters;
  const filters = [
    services.length > 0 ? `services ${services.join(" + ")}` : "",
    accounts.length > 0 ? `accounts ${accounts.join(" + ")}` : "",
    regions.length > 0 ? `regions ${regions.join(" + ")}` : "",
  ].filter((text) => text !== "");
  const facts = [
    ...(meta.accountId === undefined ? [] : [`Account ${meta.accountId}`]),
    meta.metric,
    meta.headline === "net" ? "net of credits and refunds" : "without credits and refunds",
    ...(filters.length > 0 ? [`only ${filters.join(", ")}`] : []),
    `data as of ${meta.asOf.slice(0, 16).replace("T", " ")} UTC`,
    meta.ceRequests === 0
      ? "no paid requests"
      : `${count(meta.ceRequests, "paid request")}, about $${meta.estimatedApiCostUsd.toFixed(2)}`,
  ];
  return `_${facts.join("; ")}._`;
}
