import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { startDemoAccount } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { SERVICES } from "../../../../plugins/aws-operations/demo-account/services/services.ts";
import { hasModels, loadModel } from "./model-validator.ts";
import { botocoreCalls, botocoreModels } from "./botocore-calls.ts";

const CLIENT = fileURLToPath(new URL("./botocore-client.py", import.meta.url));
const NOW = "2026-11-20T10:00:00Z";

interface Outcome {
  readonly outcome: "ok" | "unknown" | "wrong";
  readonly detail: string;
}

/** A Python that has botocore; Debian's own is not always the first one found. */
async function findPython(): Promise<string | undefined> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      await promisify(execFile)(python, ["-c", "import botocore"]);
      return python;
    } catch {
      // The next one may have it.
    }
  }
  return undefined;
}

/** The published models, laid out as botocore looks for them: it may be older than they are. */
async function layOutModels(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "demo-models-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [boto, model] of botocoreModels) {
    const version = /\d{4}-\d\d-\d\d$/.exec(model)?.[0] ?? "";
    await mkdir(join(folder, boto, version), { recursive: true });
    const file = join(folder, boto, version, "service-2.json");
    await writeFile(file, JSON.stringify(loadModel(model)));
  }
  return folder;
}

async function outcomesOf(python: string, request: object): Promise<readonly Outcome[]> {
  const env = hasModels ? { ...process.env, AWS_DATA_PATH: await layOutModels() } : process.env;
  const child = spawn(python, [CLIENT], { env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(JSON.stringify(request));
  const [printed, errors] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (printed === "") throw new Error(errors);
  return JSON.parse(printed) as Outcome[];
}

const python = await findPython();

test("botocore is given a call of every operation that the demo account serves", async () => {
  const account = await startDemoAccount({ now: () => new Date(NOW) });
  onTestFinished(() => account.close());
  const called = botocoreCalls(account, NOW).map(
    ({ signingName, operation }) => `${signingName} ${operation}`,
  );
  const services = await Promise.all(SERVICES.map(({ load }) => load()));
  const served = services.flatMap(({ signingName, operations }) =>
    [...operations.keys()].map((name) => `${signingName} ${name}`),
  );
  expect([...new Set(called)].toSorted()).toEqual(served.toSorted());
  expect(botocoreModels).toHaveLength(9);
});

describe.skipIf(python === undefined)(
  "botocore, a client that is not the SDK for JavaScript (skipped without python3 and botocore)",
  () => {
    test("signs, calls and understands every operation", { timeout: 120_000 }, async (context) => {
      const account = await startDemoAccount({ now: () => new Date(NOW) });
      onTestFinished(() => account.close());
      const { endpoint, accessKeyId, secretAccessKey } = account;
      const calls = botocoreCalls(account, NOW);
      const outcomes = await outcomesOf(python ?? "", {
        endpoint,
        accessKeyId,
        secretAccessKey,
        calls,
      });
      const all = calls.map(({ service, operation }, index) => ({
        call: `${service} ${operation}`,
        ...outcomes[index],
      }));
      expect(all.filter(({ outcome }) => outcome === "wrong")).toEqual([]);
      const unknown = all.filter(({ outcome }) => outcome === "unknown");
      // With the published models there is nothing that botocore does not know.
      if (hasModels) expect(unknown).toEqual([]);
      for (const { detail = "" } of unknown) await context.annotate(`not called: ${detail}`);
      expect(account.log.length).toBe(all.length - unknown.length);
      expect(account.log.every(({ signatureOk }) => signatureOk)).toBe(true);
    });
  },
);
