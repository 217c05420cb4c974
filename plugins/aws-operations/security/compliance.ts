import { z } from "zod";
import type { FindingsSection } from "./finding.ts";
import {
  controlsAsOf,
  type Framework,
  frameworkOf,
  type FrameworkId,
  frameworks,
} from "./frameworks.ts";
import { type Rule, rules } from "./rules.ts";

const text = z.string();
const controls = z.array(text);

/** Which controls have findings. That one has none means that these checks found nothing, not that it is met. */
export const complianceSummary = z
  .array(
    z.object({
      framework: text,
      title: text.optional(),
      tableAsOf: text.optional(),
      withFindings: z.array(z.object({ control: text, title: text, findings: z.number() })),
      nothingFound: controls.describe("By these checks: no statement that a control is met"),
      partlyChecked: controls.describe("Nothing found so far"),
      notChecked: controls,
      note: text.optional(),
    }),
  )
  .meta({ id: "Controls" });

export type ComplianceSummary = z.infer<typeof complianceSummary>;
type Sections = Readonly<Record<string, FindingsSection | undefined>>;

/** Of the frameworks that are asked for, those that there is a table for. */
export function frameworksIn(names: readonly string[]): FrameworkId[] {
  return [...new Set(names.flatMap((name) => frameworkOf(name) ?? []))];
}

/** What the findings say about each framework's controls. To be asked before any of them is left out. */
export function summarise(names: readonly string[], sections: Sections): ComplianceSummary {
  const known = frameworksIn(names).map((id) => summaryOf(id, sections));
  const unknown = names
    .filter((name) => frameworkOf(name) === undefined)
    .map((framework) => ({
      framework,
      withFindings: [],
      nothingFound: [],
      partlyChecked: [],
      notChecked: [],
      note: `There is no table for it: nothing was compared. Known: ${Object.keys(frameworks).join(", ")}.`,
    }));
  return [...known, ...unknown];
}

function summaryOf(id: FrameworkId, sections: Sections): ComplianceSummary[number] {
  const { title, controls: all }: Framework = frameworks[id];
  const summary: ComplianceSummary[number] = {
    framework: id,
    title,
    tableAsOf: controlsAsOf,
    withFindings: [],
    nothingFound: [],
    partlyChecked: [],
    notChecked: [],
  };
  const findings = Object.values(sections).flatMap((one) =>
    one?.status === "ok" ? one.findings : [],
  );
  for (const [control, meaning] of Object.entries(all)) {
    const open = findings.filter(({ archived }) => archived !== true);
    const count = open.filter((one) => one.controls.includes(`${id} ${control}`)).length;
    if (count > 0) summary.withFindings.push({ control, title: meaning, findings: count });
    else summary[stateOf(id, control, sections)].push(control);
  }
  return summary;
}

/** How far the sections looked for what bears on a control. */
function stateOf(
  id: FrameworkId,
  control: string,
  sections: Sections,
): "nothingFound" | "partlyChecked" | "notChecked" {
  const relevant = Object.values<Rule>(rules).filter((rule) => rule.controls[id].includes(control));
  const states = relevant.map((rule) => rule.sections.map((name) => lookedIn(sections[name])));
  if (states.every((one) => !one.includes("all") && !one.includes("some"))) return "notChecked";
  return states.every((one) => one.includes("all")) ? "nothingFound" : "partlyChecked";
}

function lookedIn(section: FindingsSection | undefined): "all" | "some" | "none" {
  if (section?.status !== "ok") return "none";
  return section.complete ? "all" : "some";
}
