import type { Analysis } from "../tools/cost-analysis-input.ts";

/** In this order: "monthly forecast" asks for a forecast. */
const triggers: readonly (readonly [Analysis, readonly string[]])[] = [
  ["breakdown", ["breakdown", "by service", "detailed"]],
  ["forecast", ["forecast", "predict", "next month"]],
  ["trends", ["trend", "over time", "monthly"]],
  ["anomalies", ["anomaly", "anomalies", "spike", "unusual"]],
  ["alerts", ["alert", "budget", "threshold"]],
];

/** The analysis that a question in words asks for; an overview if it names none. */
export function determineAnalysisType(message: string): Analysis {
  const text = message.toLowerCase();
  const found = triggers.find(([, words]) => words.some((word) => text.includes(word)));
  return found?.[0] ?? "overview";
}
