import type { FindingDetails } from "@aws-sdk/client-accessanalyzer";
import { isToolError } from "../aws/errors.ts";
import { worstOf } from "../security/finding.ts";
import type { ScanSections } from "./output.ts";
import type { ScanSource } from "./source.ts";

const mostDetailed = 5;

/** Says of the most urgent findings of Access Analyzer who can do what. Returns what could not be had. */
export async function addDetails(sections: ScanSections, source: ScanSource): Promise<string[]> {
  const chosen = worstOf(sections)
    .filter((finding) => source.places.has(finding))
    .slice(0, mostDetailed);
  const codes = new Set<string>();
  await Promise.all(
    chosen.map(async (finding) => {
      const place = source.places.get(finding);
      if (place === undefined) return;
      try {
        const found = await source.analyzer.details(place.analyzer, place.id, source.scope);
        finding.details = [...(finding.details ?? []), ...found.flatMap(inWords)];
      } catch (error) {
        if (!isToolError(error)) throw error;
        codes.add(error.code);
      }
    }),
  );
  if (codes.size === 0) return [];
  return [`Who can do what with the findings could not be read (${[...codes].join(", ")}).`];
}

function inWords({
  externalAccessDetails: external,
  unusedPermissionDetails: permission,
  unusedIamRoleDetails: role,
  unusedIamUserAccessKeyDetails: key,
  unusedIamUserPasswordDetails: password,
}: FindingDetails): string[] {
  const words: string[] = [];
  if (external !== undefined) {
    const { principal = {}, action = [], condition = {}, sources = [] } = external;
    const who = Object.entries(principal).map(([kind, id]) => `${kind} ${id}`);
    if (who.length > 0) words.push(`who: ${who.join(", ")}`);
    if (action.length > 0) words.push(`may: ${some(action)}`);
    const limits = Object.entries(condition).map(([name, value]) => `${name} = ${value}`);
    words.push(limits.length > 0 ? `if: ${limits.join(", ")}` : "without condition");
    const by = sources.flatMap(({ type }) => type ?? []);
    if (by.length > 0) words.push(`by: ${by.join(", ")}`);
  }
  if (permission !== undefined) {
    const { serviceNamespace, actions = [] } = permission;
    const names = actions.flatMap(({ action }) => action ?? []);
    words.push(`unused: ${serviceNamespace}${names.length > 0 ? ` (${some(names)})` : ""}`);
  }
  const used = role ?? key ?? password;
  if (used !== undefined) {
    words.push(
      used.lastAccessed === undefined
        ? "no use is known"
        : `last used ${new Date(used.lastAccessed).toISOString().slice(0, 10)}`,
    );
  }
  return words;
}

function some(names: readonly string[]): string {
  const more = names.length - 5;
  return more > 0 ? `${names.slice(0, 5).join(", ")} and ${more} more` : names.join(", ");
}
