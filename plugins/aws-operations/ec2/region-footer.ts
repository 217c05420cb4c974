import { footer } from "../answer/footer.ts";
import type { Meta } from "../answer/meta.ts";

/** The last line of an answer about regions. */
export function regionFooter(
  meta: Meta & { readonly regions: readonly string[]; readonly notEnabled: readonly string[] },
  facts: readonly string[] = [],
): string {
  const { regions, notEnabled } = meta;
  return footer(meta, [
    regions.length > 4 ? `${regions.length} regions` : regions.join(", ") || "no region",
    ...(notEnabled.length > 0
      ? [`not enabled for this account, so not asked: ${notEnabled.join(", ")}`]
      : []),
    ...facts,
  ]);
}
