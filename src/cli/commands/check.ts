import type { GuardedStorage } from "../../backends/storage/guarded.ts";
import { messageOf } from "../../base/errors.ts";
import { HOST_ID } from "../../host/job-tools.ts";
import { retriesInWords } from "../../host/retries-in-words.ts";
import { openApp, type CommonOptions } from "../open-app.ts";
import { EXIT, print } from "../output.ts";
import { table } from "../table.ts";
import { remarks } from "./list.ts";

/** Loads and activates everything; exits 1 with reasons if anything is not served that should be. */
export async function check(options: CommonOptions): Promise<number> {
  const app = await openApp(options, { logLevel: "silent", eager: true });
  try {
    await app.host.settled();
    const { plugins, tools, prompts, categories } = app.host.catalogue;
    const { agents, llmBackends, storageBackends } = app.host.catalogue;
    const serving = plugins.filter(({ state }) => state === "serving");
    const bad = plugins.filter(
      ({ state, quarantined, named }) =>
        state === "failed" || quarantined.length > 0 || (named && state !== "serving"),
    );
    const enabled = plugins.filter(({ state }) => state !== "disabled");
    print(
      `${serving.length} of ${enabled.length} plugins serving (${serving.map(({ id }) => id).join(", ") || "none"}); ` +
        `${tools.size} tools, ${prompts.size} prompts, ${categories.length} intent categories.`,
    );
    if (agents.size + llmBackends.size + storageBackends.size > 0) {
      const names = (roles: typeof agents): string => [...roles.keys()].join(", ") || "none";
      print(
        `Agents: ${names(agents)}. LLM backends: ${names(llmBackends)}. ` +
          `Storage backends: ${names(storageBackends)}.`,
      );
    }
    const own = [...tools.values()].filter(({ plugin }) => plugin !== HOST_ID);
    if (own.length > 0) {
      print(
        `Retries\n${table(
          ["tool", "repeated"],
          own.map((tool) => [tool.name, retriesInWords(tool)]),
        )}`,
      );
    }
    const text = remarks(enabled, app.host.warnings);
    if (text !== "") print(text);
    const storage = await storageInWords(app.storage);
    print(storage.text);
    const broken = [...bad.map(({ id }) => id), ...(storage.works ? [] : ["storage"])];
    if (broken.length === 0) return EXIT.ok;
    print(`Not in order: ${broken.join(", ")}`);
    return EXIT.failed;
  } finally {
    await app.stop();
  }
}

/** Tries it out: a file or a server may be there and still take nothing. */
async function storageInWords(
  storage: GuardedStorage,
): Promise<{ readonly works: boolean; readonly text: string }> {
  try {
    await storage.tryOut();
    return { works: true, text: `Storage: ${storage.name}: works.` };
  } catch (error) {
    return { works: false, text: messageOf(error) };
  }
}
