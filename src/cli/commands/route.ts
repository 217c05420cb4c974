import { openApp, type CommonOptions } from "../open-app.ts";
import { EXIT, print } from "../output.ts";
import { table } from "../table.ts";

/** Shows to which intent categories a request belongs, and which tools stand for them. */
export async function route(text: string, options: CommonOptions): Promise<number> {
  const app = await openApp(options, { logLevel: "silent" });
  try {
    const ranked = app.host.rankCategories(text);
    if (ranked.length === 0) {
      print("No plugin declares intent categories.");
      return EXIT.failed;
    }
    print(
      table(
        ["category", "plugin", "score", "threshold", "matches", "tools"],
        ranked.map(({ manifest, plugin, score, matches, tools }) => [
          manifest.name,
          plugin,
          score.toFixed(2),
          manifest.confidenceThreshold.toFixed(2),
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
