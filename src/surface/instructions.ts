import type { Catalogue } from "../host/catalogue.ts";
import { CATEGORY_INDEX } from "./host-resources.ts";

const LONGEST = 2_000;
const SENTENCE = 160;

/** What a client tells its model of the server: the kinds of requests it answers, one clean sentence each. */
export function writeInstructions(catalogue: Catalogue): string {
  const head = "This server answers the following kinds of requests.";
  const tail = `Details, examples and tools of each kind: resource ${CATEGORY_INDEX}.`;
  // A category that no tool stands for yet would only raise hopes.
  const categories = catalogue.categories.filter(({ tools }) => tools.length > 0);
  const covered = new Set(categories.map(({ plugin }) => plugin));
  const others = catalogue.plugins.flatMap(({ id, manifest }) => {
    const tools = [...catalogue.tools.values()].filter(({ plugin }) => plugin === id);
    if (manifest === undefined || covered.has(id) || tools.length === 0) return [];
    return [
      entry(
        manifest.info.name,
        manifest.info.description,
        tools.map(({ name }) => name),
      ),
    ];
  });
  const entries = [
    ...categories.map(({ manifest, tools }) => entry(manifest.name, manifest.description, tools)),
    ...others,
  ];
  const lines: string[] = [];
  let left = LONGEST - head.length - tail.length - 40;
  for (const line of entries) {
    if (line.length + 1 > left) {
      lines.push(`- and ${entries.length - lines.length} more`);
      break;
    }
    lines.push(line);
    left -= line.length + 1;
  }
  if (lines.length === 0) return "";
  return [head, ...lines, ...(categories.length > 0 ? [tail] : [])].join("\n");
}

function entry(name: string, description: string | undefined, tools: readonly string[]): string {
  const use = tools.length === 0 ? "" : ` (use ${tools.slice(0, 3).join(", ")})`;
  const sentence = clean(description ?? "");
  return `- ${clean(name)}${sentence === "" ? "" : `: ${sentence}`}${use}`;
}

/** One line without control, direction and tag characters: it goes into a model's instructions. */
function clean(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Co}]+/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();
  const sentence = /^.*?[.!?](?=\s|$)/u.exec(line)?.[0] ?? line;
  return sentence.length > SENTENCE ? `${sentence.slice(0, SENTENCE - 1)}…` : sentence;
}
