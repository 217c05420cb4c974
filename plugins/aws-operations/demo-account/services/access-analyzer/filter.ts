import type { Finding } from "../../data/access-analyzer/analyzers.ts";
import { Refusal } from "../../protocol/errors.ts";
import { boolean, list, map, structure, text, type Infer } from "../../protocol/shape.ts";

const values = list(text(), { min: 1, max: 20 });

export const filterMap = map(
  structure({ eq: values, neq: values, contains: values, exists: boolean }),
);

type Filter = Infer<typeof filterMap>;

type Read = (finding: Finding) => string | undefined;

const ANY: Readonly<Record<string, Read>> = {
  error: ({ summary }) => summary.error,
  id: ({ summary }) => summary.id,
  resource: ({ summary }) => summary.resource,
  resourceOwnerAccount: ({ summary }) => summary.resourceOwnerAccount,
  resourceType: ({ summary }) => summary.resourceType,
  status: ({ summary }) => summary.status,
};

/** What can be asked of the findings of external access only, and of unused access only. */
const EXTERNAL = new Map<string, Read>([
  ...Object.entries(ANY),
  ["isPublic", ({ isPublic }) => isPublic?.toString()],
  ["principal.AWS", ({ principal }) => principal],
]);
const UNUSED = new Map<string, Read>([
  ...Object.entries(ANY),
  ["findingType", ({ summary }) => summary.findingType],
]);

/** The test that all criteria make together. */
export function filterOf(filter: Filter, isUnusedAccess: boolean): (finding: Finding) => boolean {
  const keys = isUnusedAccess ? UNUSED : EXTERNAL;
  const tests = [...filter].map(([key, { eq, neq, contains, exists }]) => {
    const read = keys.get(key);
    if (read === undefined) {
      throw new Refusal("invalid", `Invalid filter key for this type of analyzer: ${key}`);
    }
    return (finding: Finding): boolean => {
      const value = read(finding);
      return (
        (exists === undefined || exists === (value !== undefined)) &&
        (eq === undefined || (value !== undefined && eq.includes(value))) &&
        (neq === undefined || value === undefined || !neq.includes(value)) &&
        (contains === undefined || contains.some((part) => value?.includes(part)))
      );
    };
  });
  return (finding) => tests.every((test) => test(finding));
}
