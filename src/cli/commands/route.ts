import { createRanker } from "../../base/rank-categories.ts";
import { openApp, type CommonOptions } from "../open-app.ts";
import { EXIT, print } from "../output.ts";
import { table } from "../table.ts";

/** Shows to which intent categories a request belongs, and which tools stand for them. */
export async function route(text: string, options: CommonOptions): Promise<number> {
  const app = await openApp(options, "silent");
  try {
    const { categories } = app.host.catalogue;
    const ranked = categories
      .flatMap(({ plugin, manifest, tools }) =>
        createRanker([manifest])(text).map((entry) => ({ ...entry, plugin, tools })),
      )
      .toSorted((a, b) => b.score - a.score);
    if (ranked.length === 0) {
      print("No plugin declares intent categories.");
      return EXIT.failed;
    }
    print(
      table(
        ["category", "plugin", "score", "threshold", "matches", "tools"],
        ranked.map(({ category, plugin, score, matches, tools }) => [
          category.name,
          plugin,
          score.toFixed(2),
          category.confidenceThreshold.toFixed(2),
          matches ? "yes" : "no",
          tools.join(", "),
        ]),
      ),
    );
    return ranked.some(({ matches }) => matches) ? EXIT.ok : EXIT.failed;
  } finally {
    await app.stop();
  }
}
