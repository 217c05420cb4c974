import { isToolError } from "../aws/errors.ts";
import type { CallScope } from "../aws/requests.ts";
import type { AWSSecurityAnalyzer } from "../security/aws-security-analyzer.ts";
import type { FrameworkId } from "../security/frameworks.ts";
import { type Administrators, administratorsIn } from "./administrators.ts";
import { type Authorizations, AwsIamReader } from "./aws-iam-reader.ts";
import { type CredentialReport, credentialReport } from "./credential-report.ts";
import type { ReviewCheck } from "./input.ts";

/** What is asked for, with every default filled in. */
export interface ReviewQuery {
  readonly checks: readonly ReviewCheck[];
  readonly maxKeyAgeDays: number;
  readonly limit: number;
  /** As they are named in the configuration. */
  readonly frameworkNames: readonly string[];
  readonly frameworks: readonly FrameworkId[];
}

/** The longest that an answer waits for the credential report. */
const longestWaitMs = 15_000;

/** What one review works with; what several of its parts need is read once. */
export class ReviewSource {
  readonly query: ReviewQuery;
  readonly now: Date;
  readonly reader: AwsIamReader;
  readonly #analyzer: AWSSecurityAnalyzer;
  readonly #scope: CallScope;
  readonly #waitMs: number;
  #authorizations: Promise<Authorizations> | undefined;
  #report: Promise<CredentialReport> | undefined;

  constructor(parts: {
    readonly query: ReviewQuery;
    readonly now: Date;
    readonly analyzer: AWSSecurityAnalyzer;
    readonly scope: CallScope;
    readonly remainingMs: number;
  }) {
    this.query = parts.query;
    this.now = parts.now;
    this.reader = new AwsIamReader(parts.analyzer.api, parts.scope);
    this.#analyzer = parts.analyzer;
    this.#scope = parts.scope;
    this.#waitMs = Math.min(longestWaitMs, parts.remainingMs / 3);
  }

  authorizations(): Promise<Authorizations> {
    this.#authorizations ??= this.reader.authorizations();
    return this.#authorizations;
  }

  async administrators(): Promise<Administrators & { readonly truncated: boolean }> {
    const authorizations = await this.authorizations();
    return { ...administratorsIn(authorizations), truncated: authorizations.truncated };
  }

  report(): Promise<CredentialReport> {
    this.#report ??= credentialReport(this.#analyzer.api, this.#scope, this.#waitMs);
    return this.#report;
  }

  /** The report, or why there is none: for what can do without it. */
  async reportIfAny(): Promise<{ readonly report?: CredentialReport; readonly code?: string }> {
    try {
      return { report: await this.report() };
    } catch (error) {
      if (!isToolError(error) || error.code === "CANCELLED") throw error;
      return { code: error.code };
    }
  }

  summary(): Promise<Readonly<Record<string, number>>> {
    return this.#analyzer.accountSummary(this.#scope);
  }
}
