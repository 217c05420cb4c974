import { StorageError } from "../../base/storage.ts";
import type { RunSql, SqlDatabase } from "./sql-database.ts";

/** What makes each form of the tables out of the one before it. What has been released is never changed: add to it. */
const MIGRATIONS: readonly ((database: SqlDatabase) => readonly string[])[] = [
  ({ text }) => [
    `CREATE TABLE agentflow_entries (
       namespace ${text} NOT NULL,
       key ${text} NOT NULL,
       value TEXT NOT NULL,
       version BIGINT NOT NULL,
       expires_at BIGINT,
       PRIMARY KEY (namespace, key)
     )`,
    `CREATE INDEX agentflow_entries_expiry ON agentflow_entries (expires_at) WHERE expires_at IS NOT NULL`,
    `CREATE TABLE agentflow_workflows (
       id ${text} NOT NULL PRIMARY KEY,
       status TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       record TEXT NOT NULL
     )`,
    `CREATE INDEX agentflow_workflows_age ON agentflow_workflows (created_at, id)`,
    `CREATE INDEX agentflow_workflows_status ON agentflow_workflows (status, created_at, id)`,
    `CREATE TABLE agentflow_metrics (
       id BIGINT NOT NULL PRIMARY KEY,
       name TEXT NOT NULL,
       time BIGINT NOT NULL,
       record TEXT NOT NULL
     )`,
    `CREATE INDEX agentflow_metrics_time ON agentflow_metrics (time)`,
    `CREATE INDEX agentflow_metrics_name ON agentflow_metrics (name, time)`,
  ],
];

/** Brings the tables to this version's form. Hosts that start at the same time do it once. */
export async function migrate(database: SqlDatabase): Promise<void> {
  await database.alone(async (run) => {
    await run("CREATE TABLE IF NOT EXISTS agentflow_schema (form BIGINT NOT NULL)");
    const form = await formOf(run);
    if (form > MIGRATIONS.length) {
      throw new StorageError(
        "unusable",
        `it was written by a newer version (its form is ${form}, this version knows ${MIGRATIONS.length}). ` +
          "Update agentflow-mcp, or configure another place",
      );
    }
    for (const statements of MIGRATIONS.slice(form)) {
      for (const statement of statements(database)) await run(statement);
    }
    if (form === MIGRATIONS.length) return;
    await run("DELETE FROM agentflow_schema");
    await run("INSERT INTO agentflow_schema (form) VALUES ($1)", [MIGRATIONS.length]);
  });
}

async function formOf(run: RunSql): Promise<number> {
  const [row] = await run("SELECT form FROM agentflow_schema");
  return Number(row?.["form"] ?? 0);
}
