import type { PluginContext } from "agentflow-mcp/plugin";
import { z } from "zod";
import type { SessionCosts } from "./aws/session-costs.ts";

export const costsUri = "aws://session-costs";

const storageKey = "paid-requests";
const saved = z.object({
  date: z.string(),
  counts: z.array(z.tuple([z.string(), z.int().min(0), z.int().min(0)])),
});

/** Pages of one answer follow each other quickly; whoever watches need not hear of each. */
const pauseMs = 1000;

/** Keeps the day's costs beyond the life of this plugin, and tells those who watch them. */
export class CostsWatch {
  readonly #costs: SessionCosts;
  #context: Pick<PluginContext, "storage" | "resourceUpdated"> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(costs: SessionCosts) {
    this.#costs = costs;
  }

  async start(context: Pick<PluginContext, "storage" | "resourceUpdated" | "log">): Promise<void> {
    this.#context = context;
    try {
      const before = saved.safeParse(await context.storage.get(storageKey));
      if (before.success) this.#costs.restore(before.data);
    } catch (error) {
      context.log.warn("What was spent earlier today is not known: the budget begins anew", {
        error,
      });
    }
  }

  readonly changed = (): void => {
    const context = this.#context;
    if (context === undefined) return;
    // Whether or not it can be kept, the request goes on.
    context.storage.set(storageKey, this.#costs.save()).catch(() => undefined);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      context.resourceUpdated(costsUri);
    }, pauseMs).unref();
  };

  stop(): void {
    this.#context = undefined;
    clearTimeout(this.#timer);
  }
}
