import type { Section, SectionName } from "../tools/cost-analysis-output.ts";
import { isToolError } from "../tools/errors.ts";
import { anomalySection, budgetSection } from "./alert-sections.ts";
import type { BillingSource } from "./billing-source.ts";
import { forecastSection } from "./forecast-section.ts";
import {
  breakdownSection,
  currentMonthSection,
  periodSection,
  previousMonthSection,
  samePeriodSection,
} from "./period-sections.ts";
import { trendSection } from "./trend-section.ts";

/** The sections of one answer, by name; a failed one says why. */
export type Sections = { [Name in SectionName]?: Section<Name> | undefined };

/** Runs the sections of the analysis at the same time. None fails because another does. */
export async function runSections(
  source: BillingSource,
  onCrash: (section: SectionName, error: unknown) => void,
): Promise<Sections> {
  const running = Object.entries(sectionsOf(source)).map(async ([name, run]) => {
    try {
      return [name, await run()] as const;
    } catch (error) {
      if (!isToolError(error)) onCrash(name as SectionName, error);
      return [name, toFailure(error)] as const;
    }
  });
  return Object.fromEntries(await Promise.all(running));
}

/** Whether nothing of what was tried came back. */
export function allFailed(sections: Sections): boolean {
  const states = new Set(Object.values(sections).map((section) => section?.status));
  return states.has("error") && !states.has("ok");
}

function sectionsOf(source: BillingSource): Partial<Record<SectionName, () => Promise<Section>>> {
  const { analysis, period } = source.query;
  switch (analysis) {
    case "overview":
    case "breakdown":
      if (period !== undefined) {
        return {
          period: () => periodSection(source, period),
          serviceBreakdown: () => breakdownSection(source),
        };
      }
      return {
        currentMonth: () => currentMonthSection(source),
        previousMonth: () => previousMonthSection(source),
        samePeriodLastMonth: () => samePeriodSection(source),
        serviceBreakdown: () => breakdownSection(source),
      };
    case "trends":
    case "forecast":
      return {
        trends: () => trendSection(source),
        forecast: () => forecastSection(source),
      };
    case "anomalies":
    case "alerts":
      return {
        anomalies: () =>
          source.config.anomalyDetectionEnabled
            ? anomalySection(source)
            : Promise.resolve({
                status: "skipped",
                reason: "anomalyDetectionEnabled is false in the plugin's configuration.",
              }),
        budgetAlerts: () => budgetSection(source),
      };
  }
}

function toFailure(error: unknown): Extract<Section, { status: "error" }> {
  const known = isToolError(error)
    ? { code: error.code, message: error.message, retryable: error.retryable }
    : {
        code: "INTERNAL",
        message: "This part failed. Details are in the server's log.",
        retryable: false,
      };
  return { status: "error", error: known };
}
