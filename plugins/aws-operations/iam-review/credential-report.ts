import { setTimeout as sleep } from "node:timers/promises";
import type { AwsApi } from "../aws/api.ts";
import { isToolError } from "../aws/errors.ts";
import type { CallScope } from "../aws/requests.ts";

/** A user, or the root user, as the report has them. */
export interface Credentials {
  readonly user: string;
  readonly arn: string;
  readonly isRoot: boolean;
  readonly hasPassword: boolean;
  readonly hasMfa: boolean;
  /** Undefined if it has not been used, or nobody knows. */
  readonly passwordUsed: Date | undefined;
  /** Those that are active. */
  readonly keys: readonly AccessKey[];
}

interface AccessKey {
  /** 1 or 2: the report has no ids. */
  readonly number: number;
  readonly created: Date | undefined;
  readonly used: Date | undefined;
}

export interface CredentialReport {
  readonly madeAt: Date | undefined;
  readonly credentials: readonly Credentials[];
}

const minutes = 60_000;
const pauseMs = 500;

/**
 * The account's credential report. IAM makes it on request, which takes seconds to minutes, and gives the same for four hours;
 * fails with REPORT_NOT_READY if it takes longer than `waitMs`.
 */
export async function credentialReport(
  api: AwsApi,
  scope: CallScope,
  waitMs: number,
): Promise<CredentialReport> {
  const end = performance.now() + waitMs;
  let isRequested = false;
  for (;;) {
    try {
      return await readReport(api, scope);
    } catch (error) {
      if (!isToolError(error) || error.code !== "REPORT_NOT_READY") throw error;
      if (isRequested && performance.now() >= end) throw error;
    }
    if (!isRequested) await requestReport(api, scope);
    isRequested = true;
    await pause(Math.min(pauseMs, waitMs), scope.signal);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function requestReport(api: AwsApi, scope: CallScope): Promise<void> {
  // Never out of the cache: that a report was begun says nothing about the next one.
  const question = {
    service: "iam",
    operation: "GenerateCredentialReport",
    input: {},
    ttlMs: 0,
    read: () => undefined,
  } as const;
  await api.ask(question, scope);
}

async function readReport(api: AwsApi, scope: CallScope): Promise<CredentialReport> {
  const { value } = await api.ask(
    {
      service: "iam",
      operation: "GetCredentialReport",
      input: {},
      ttlMs: 5 * minutes,
      missing: ({ Content }) => (Content === undefined ? "Content" : undefined),
      read: ([page]) => ({
        madeAt: page?.GeneratedTime && new Date(page.GeneratedTime),
        credentials: rowsOf(new TextDecoder().decode(page?.Content)).map(toCredentials),
      }),
    },
    scope,
  );
  return value;
}

type Row = ReadonlyMap<string, string>;

function rowsOf(csv: string): Row[] {
  const [header = [], ...rows] = csv
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line) => line.split(","));
  return rows.map((cells) => {
    // A user's name may have commas, which the report does not quote; the name is also the end of the ARN.
    const commas = (cells.length - header.length) / 2;
    const user = cells.slice(0, commas + 1).join(",");
    const arn = cells.slice(commas + 1, 2 * commas + 2).join(",");
    const all = [user, arn, ...cells.slice(2 * commas + 2)];
    return new Map(header.map((name, index) => [name, all[index] ?? ""]));
  });
}

function toCredentials(row: Row): Credentials {
  const user = row.get("user") ?? "";
  const isRoot = user === "<root_account>";
  return {
    user,
    arn: row.get("arn") ?? "",
    isRoot,
    hasPassword: row.get("password_enabled") === "true",
    hasMfa: row.get("mfa_active") === "true",
    passwordUsed: timeIn(row, "password_last_used"),
    keys: [1, 2].flatMap((number) =>
      row.get(`access_key_${number}_active`) === "true"
        ? [
            {
              number,
              created: timeIn(row, `access_key_${number}_last_rotated`),
              used: timeIn(row, `access_key_${number}_last_used_date`),
            },
          ]
        : [],
    ),
  };
}

/** Undefined for `N/A`, `no_information` and the like. */
function timeIn(row: Row, name: string): Date | undefined {
  const time = Date.parse(row.get(name) ?? "");
  return Number.isNaN(time) ? undefined : new Date(time);
}
