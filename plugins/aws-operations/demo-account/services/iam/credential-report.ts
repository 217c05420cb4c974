import type { Identities } from "../../data/iam/identities.ts";
import type { IamUser } from "../../data/iam/users.ts";
import { AwsError } from "../../protocol/errors.ts";
import { PASSWORD_POLICY } from "./password-policy.ts";

const VALID_MS = 4 * 3_600_000;

/** The account's credential report: made on demand, which takes a while, and good for four hours. */
export class CredentialReport {
  #generatedAt: Date | undefined;
  #isRunning = false;

  /** Starts a report where none is valid; whoever asks next finds it ready. */
  generate(now: Date): { readonly State: "STARTED" | "COMPLETE"; readonly Description?: string } {
    if (this.#isRunning) this.#finish(now);
    if (this.#generatedAt !== undefined && isValid(this.#generatedAt, now)) {
      return { State: "COMPLETE" };
    }
    this.#isRunning = true;
    return {
      State: "STARTED",
      Description: "No report exists. Starting a new report generation task",
    };
  }

  /** When the report was made. Throws what IAM answers while there is none. */
  generatedAt(now: Date): Date {
    if (this.#isRunning) {
      this.#finish(now);
      throw new AwsError("ReportInProgress", "Credential report generation is in progress", 404);
    }
    if (this.#generatedAt === undefined) {
      throw new AwsError("ReportNotPresent", "No credential report exists", 410);
    }
    if (!isValid(this.#generatedAt, now)) {
      throw new AwsError("ReportExpired", "The credential report has expired", 410);
    }
    return this.#generatedAt;
  }

  #finish(now: Date): void {
    this.#isRunning = false;
    this.#generatedAt = now;
  }
}

const isValid = (generatedAt: Date, now: Date): boolean =>
  now.getTime() - generatedAt.getTime() < VALID_MS;

const NONE = "N/A";
const NOT_SUPPORTED = "not_supported";
const NO_INFORMATION = "no_information";

type Row = Readonly<Record<string, string>>;

/** The report as CSV: the root user first, then the users. */
export function reportOf(identities: Identities, rootArn: string, rootHasMfa: boolean): string {
  const rows = [rootRow(identities, rootArn, rootHasMfa), ...identities.users.map(userRow)];
  const header = Object.keys(rows[0] ?? {});
  return [header, ...rows.map((row) => header.map((name) => row[name] ?? ""))]
    .map((cells) => cells.join(","))
    .join("\n");
}

const rootRow = ({ root }: Identities, arn: string, hasMfa: boolean): Row => ({
  user: "<root_account>",
  arn,
  user_creation_time: time(root.created),
  password_enabled: NOT_SUPPORTED,
  password_last_used: time(root.used),
  password_last_changed: NOT_SUPPORTED,
  password_next_rotation: NOT_SUPPORTED,
  mfa_active: String(hasMfa),
  ...keyCells(1, undefined),
  ...keyCells(2, undefined),
  ...CERTIFICATE_CELLS,
});

const userRow = ({ detail, password, hasMfa, keys }: IamUser): Row => ({
  user: detail.UserName,
  arn: detail.Arn,
  user_creation_time: time(detail.CreateDate),
  password_enabled: String(password !== undefined),
  password_last_used: password === undefined ? NONE : timeOr(password.used, NO_INFORMATION),
  password_last_changed: timeOr(password?.changed, NONE),
  password_next_rotation:
    password === undefined ? NONE : time(PASSWORD_POLICY.nextRotation(password.changed)),
  mfa_active: String(hasMfa),
  ...keyCells(1, keys[0]),
  ...keyCells(2, keys[1]),
  ...CERTIFICATE_CELLS,
});

const keyCells = (number: 1 | 2, key: IamUser["keys"][number] | undefined): Row => ({
  [`access_key_${number}_active`]: String(key?.metadata.Status === "Active"),
  [`access_key_${number}_last_rotated`]: timeOr(key?.metadata.CreateDate, NONE),
  [`access_key_${number}_last_used_date`]: timeOr(key?.used?.at, NONE),
  [`access_key_${number}_last_used_region`]: key?.used?.region ?? NONE,
  [`access_key_${number}_last_used_service`]: key?.used?.service ?? NONE,
});

const CERTIFICATE_CELLS: Row = {
  cert_1_active: "false",
  cert_1_last_rotated: NONE,
  cert_2_active: "false",
  cert_2_last_rotated: NONE,
};

const time = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, "+00:00");

const timeOr = (date: Date | undefined, otherwise: string): string =>
  date === undefined ? otherwise : time(date);
