import type { BillingConfig } from "../config/index.ts";
import type { CostAnalysisOutput, SectionName } from "../tools/cost-analysis-output.ts";
import { accessAdvice } from "../tools/errors.ts";
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
  const content = adviseOnce([...new Set(errors.map(({ message }) => message))]).join("\n\n");
  return { content, error: { code: errors[0]?.code ?? "UPSTREAM", message: content } };
}

/** Warnings, and the sections that failed or were left out: those with the same reason together. */
function gaps(data: CostAnalysisOutput): string[] {
  const reasons = new Map<string, string[]>();
  const lines: string[] = [];
  for (const [name, title] of Object.entries(sectionTitles)) {
    const section = data[name as SectionName];
    if (section?.status === "error" || section?.status === "skipped") {
      const reason =
        section.status === "error"
          ? `not available (${section.error.code}). ${section.error.message}`
          : `left out. ${section.reason}`;
      reasons.set(reason, [...(reasons.get(reason) ?? []), title]);
    } else {
      lines.push(...(section?.warnings ?? []));
    }
  }
  const missing = [...reasons].map(([reason, titles]) => `${titles.join(", ")}: ${reason}`);
  const truncated =
    "⚠ AWS had more pages than are read: the sums are too low. Narrow the question.";
  const all = [
    ...adviseOnce(missing),
    ...lines,
    ...data.meta.notes,
    ...(data.meta.truncated ? [truncated] : []),
  ];
  return all.length === 0 ? [] : [all.map((line) => `- ${line}`).join("\n")];
}

/** What to do about a permission is the same for each of them. */
function adviseOnce(texts: readonly string[]): string[] {
  let told = false;
  return texts.map((text) => {
    if (!text.includes(accessAdvice)) return text;
    const short = told ? text.replace(` ${accessAdvice}`, "") : text;
    told = true;
    return short;
  });
}

function footer({ analysisType, meta }: CostAnalysisOutput): string {
  const { services, accounts, regions } = meta.filters;
  const filters = [
    services.length > 0 ? `services ${services.join(" + ")}` : "",
    accounts.length > 0 ? `accounts ${accounts.join(" + ")}` : "",
    regions.length > 0 ? `regions ${regions.join(" + ")}` : "",
  ].filter((text) => text !== "");
  const facts = [
    ...(meta.accountId === undefined ? [] : [`Account ${meta.accountId}`]),
    // Anomalies and budgets know nothing of these.
    ...(analysisType === "anomalies" || analysisType === "alerts"
      ? []
      : [
          meta.metric,
          meta.headline === "net" ? "net of credits and refunds" : "without credits and refunds",
          ...(filters.length > 0 ? [`only ${filters.join(", ")}`] : []),
        ]),
    `data as of ${meta.asOf.slice(0, 16).replace("T", " ")} UTC`,
    meta.ceRequests === 0
      ? "no paid requests"
      : `${count(meta.ceRequests, "paid request")}, about $${meta.estimatedApiCostUsd.toFixed(2)}`,
  ];
  return `_${facts.join("; ")}._`;
}
