import { footer } from "../answer/footer.ts";
import { gapLines } from "../answer/gaps.ts";
import { complianceText, findingsText, verdict } from "../security/findings-text.ts";
import type { ScanSections, SecurityScanOutput } from "./output.ts";

const scanTitles: Readonly<Record<keyof ScanSections, string>> = {
  externalAccess: "External access",
  publicResources: "Public resources",
  networkExposure: "Security groups",
  unusedAccess: "Unused access",
  iam: "Root user",
};

/** The scan in words: the verdict, the findings, the controls, then what could not be had. */
export function writeScan(data: SecurityScanOutput): string {
  const { timestamp: _, meta, compliance, ...sections } = data;
  const gaps = [...gapLines(sections, scanTitles), ...meta.notes];
  const facts = [
    ...(meta.regions.length > 0 ? [meta.regions.join(", ")] : []),
    `${meta.minSeverity} and above`,
  ];
  const parts = [
    "## AWS security scan",
    verdict(sections, scanTitles),
    ...regionLines(sections),
    ...findingsText(sections),
    ...complianceText(compliance),
    gaps.map((line) => `- ${line}`).join("\n"),
    footer(meta, facts),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** Where nobody has looked. */
function regionLines(sections: ScanSections): string[] {
  const { externalAccess, publicResources, networkExposure } = sections;
  const regions = [externalAccess, publicResources, networkExposure].flatMap((one) =>
    one?.status === "ok" ? (one.regions ?? []) : [],
  );
  const named = (wanted: string) => [
    ...new Set(regions.flatMap(({ region, state }) => (state === wanted ? [region] : []))),
  ];
  const blind = named("no analyzer");
  const closed = named("not opted in");
  return [
    ...(blind.length > 0
      ? [
          `No active analyzer in ${blind.join(", ")} (NO_ANALYZER): what is public or shared there is unknown, not nothing.`,
        ]
      : []),
    ...(closed.length > 0 ? [`Not opted into ${closed.join(", ")}: nothing can be there.`] : []),
  ];
}
