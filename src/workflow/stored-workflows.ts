import type { StorageBackend, Workflow } from "../base/storage.ts";
import type { JsonObject } from "../plugin-api/index.ts";
import { hasEnded, isOver, type Step, type WorkflowRecord } from "./record.ts";

/** Namespace of the steps of a workflow that is being carried out. */
const STEPS = "workflow-steps:";
const PAGE = 500;

export interface WorkflowsQuery {
  readonly status?: string;
  readonly limit: number;
  readonly offset: number;
}

/**
 * Workflows in a storage backend. While one is carried out, each step is an entry of its own, so that the end of one among a
 * thousand does not write the others; when it is over, it is one record again.
 */
export class StoredWorkflows {
  readonly #storage: StorageBackend;

  constructor(storage: StorageBackend) {
    this.#storage = storage;
  }

  /** What has been promised when this resolves survives the server. */
  async create(record: WorkflowRecord): Promise<void> {
    await this.#storage.saveWorkflow(toStored(record));
  }

  async saveStep(workflow: string, step: Step): Promise<void> {
    await this.#storage.put(STEPS + workflow, step.task.id, step as unknown as JsonObject);
  }

  /** Its steps stand in the record from now on. */
  async finish(record: WorkflowRecord): Promise<void> {
    await this.#storage.saveWorkflow(toStored(record));
    for (const id of await this.#stepIds(record.id)) {
      await this.#storage.delete(STEPS + record.id, id);
    }
  }

  async load(id: string): Promise<WorkflowRecord | undefined> {
    const stored = await this.#storage.loadWorkflow(id);
    return stored === undefined ? undefined : this.whole(toRecord(stored));
  }

  /** As they were created or have ended, the ones created last first. */
  async page(query: WorkflowsQuery): Promise<readonly WorkflowRecord[]> {
    return (await this.#storage.listWorkflows(query)).map(toRecord);
  }

  /** As it was created, with what its steps have come to since. */
  async whole(record: WorkflowRecord): Promise<WorkflowRecord> {
    if (isOver(record)) return record;
    const saved = new Map<string, Step>();
    for (const id of await this.#stepIds(record.id)) {
      const entry = await this.#storage.get(STEPS + record.id, id);
      if (entry !== undefined) saved.set(id, entry.value as unknown as Step);
    }
    const steps = record.steps.map((step) => saved.get(step.task.id) ?? step);
    const times = steps.filter(hasEnded).map(({ endedAt = 0 }) => endedAt);
    return { ...record, steps, updatedAt: Math.max(record.updatedAt, ...times) };
  }

  async #stepIds(workflow: string): Promise<readonly string[]> {
    const ids: string[] = [];
    for (;;) {
      const after = ids.at(-1);
      const query = { limit: PAGE, ...(after !== undefined && { after }) };
      const page = await this.#storage.keys(STEPS + workflow, query);
      ids.push(...page);
      if (page.length < PAGE) return ids;
    }
  }
}

function toStored(record: WorkflowRecord): Workflow {
  return record as unknown as Workflow;
}

/** What stands under a workflow's id was written by this class. */
function toRecord(stored: Workflow): WorkflowRecord {
  return stored as unknown as WorkflowRecord;
}
