import {
  BaseHandler,
  type HandlerRequest,
  type Intent,
  type ToolResult,
} from "agentflow-mcp/plugin";
import { z } from "zod";
import { AwsAnswers, textOrFailure } from "../answer/aws-answers.ts";
import { profileOf } from "../answer/call-profile.ts";
import { awsError } from "../aws/errors.ts";
import type { SecurityConfig } from "../config/index.ts";
import { usualRegions } from "../ec2/asked-regions.ts";
import type { IamReviewInput } from "../iam-review/input.ts";
import type { IamReviewOutput } from "../iam-review/output.ts";
import { reviewIam } from "../iam-review/tool.ts";
import type { AWSSecurityAnalyzer } from "../security/aws-security-analyzer.ts";
import { summarise } from "../security/compliance.ts";
import { type FindingsSection, showWorst } from "../security/finding.ts";
import { suggestScanActions } from "./actions.ts";
import { addDetails } from "./details.ts";
import { externalSection } from "./external-section.ts";
import { iamQuestion } from "./iam-question.ts";
import { iamSection } from "./iam-section.ts";
import { securityScanInput } from "./input.ts";
import { networkSection } from "./network-section.ts";
import type { SecurityAnswerOutput, SecurityScanOutput } from "./output.ts";
import { type ScanQuery, toScanQuery } from "./query.ts";
import { ScanSource } from "./source.ts";
import { writeScan } from "./text.ts";
import { unusedSection } from "./unused-section.ts";

export interface SecurityHandlerOptions {
  readonly securityAnalyzer: AWSSecurityAnalyzer;
  readonly config: SecurityConfig;
  /** Where to look if a call does not say. Default: the analyzer's own region. */
  readonly regions?: readonly string[];
  /** Default: of its own. */
  readonly answers?: AwsAnswers;
}

/** Answers what is exposed, and to whom. */
export class AWSSecurityHandler extends BaseHandler {
  override readonly priority: number = 8;
  readonly #analyzer: AWSSecurityAnalyzer;
  readonly #config: SecurityConfig;
  readonly #regions: readonly string[];
  readonly #answers: AwsAnswers;

  constructor({ securityAnalyzer, config, regions, answers }: SecurityHandlerOptions) {
    super();
    const { api } = securityAnalyzer;
    this.#analyzer = securityAnalyzer;
    this.#config = config;
    this.#regions = regions ?? [api.region];
    this.#answers = answers ?? new AwsAnswers({ api });
  }

  canHandle(intent: Intent): boolean {
    return intent.type === "AWS_SECURITY";
  }

  handle(request: HandlerRequest): Promise<ToolResult<SecurityAnswerOutput>> {
    const input = securityScanInput.safeParse(request.arguments);
    if (!input.success) throw awsError("BAD_REQUEST", z.prettifyError(input.error));
    const review = iamQuestion(input.data, request.message);
    if (review !== undefined) return this.#review(review, request);
    const query = toScanQuery(input.data, request.message, {
      config: this.#config,
      regions: usualRegions(this.#analyzer.api, this.#regions, profileOf(request)),
    });
    const about = {
      intentType: "AWS_SECURITY",
      toolsUsed: ["aws_security_analyzer"],
      confidence: request.intent.confidence,
      refresh: input.data.refresh,
    };
    return this.#answers.answer(request, about, async ({ now, scope, settle, meta }) => {
      const source = new ScanSource({ analyzer: this.#analyzer, query, scope });
      // A region that there is not is the caller's mistake, not a failure of each section.
      if (isRegional(query)) await source.regions();
      const all = await settle(runsOf(source));
      const compliance = summarise(query.frameworkNames, all);
      const sections = showWorst(all, query);
      const notes = await addDetails(sections, source);
      const known = await meta();
      const data: SecurityScanOutput = {
        timestamp: now.toISOString(),
        meta: {
          ...known,
          checks: [...query.checks],
          regions: isRegional(query) ? [...query.regions] : [],
          minSeverity: query.minSeverity,
          includeArchived: query.includeArchived,
          notes: [...known.notes, ...notes],
        },
        ...sections,
        compliance,
      };
      return {
        ...textOrFailure(sections, () => writeScan(data)),
        analysisType: "security_scan",
        data,
        suggestedActions: suggestScanActions(sections, { message: request.message, query }),
      };
    });
  }

  async #review(input: IamReviewInput, request: HandlerRequest) {
    const { data, ...result } = await reviewIam(input, request, {
      answers: this.#answers,
      securityAnalyzer: this.#analyzer,
      config: this.#config,
      confidence: request.intent.confidence,
    });
    return { ...result, ...(data !== undefined && { data: asAnswer(data) }) };
  }
}

function asAnswer({ meta, ...review }: IamReviewOutput): SecurityAnswerOutput {
  return { ...review, meta: { ...meta, regions: [], minSeverity: "LOW", includeArchived: false } };
}

function isRegional({ checks }: ScanQuery): boolean {
  return checks.some((check) => check !== "iam");
}

type Runs = Readonly<Record<string, () => Promise<FindingsSection>>>;

function runsOf(source: ScanSource): Runs {
  const asked = new Set(source.query.checks);
  const isPublicAlone = asked.has("public_exposure") && !asked.has("external_access");
  return {
    ...(asked.has("external_access") && {
      externalAccess: () => externalSection(source, { onlyPublic: false }),
    }),
    ...(isPublicAlone && {
      publicResources: () => externalSection(source, { onlyPublic: true }),
    }),
    ...(asked.has("public_exposure") && { networkExposure: () => networkSection(source) }),
    ...(asked.has("unused_access") && { unusedAccess: () => unusedSection(source) }),
    ...(asked.has("iam") && { iam: () => iamSection(source) }),
  };
}
