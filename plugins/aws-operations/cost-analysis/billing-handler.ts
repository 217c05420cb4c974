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
import type { BillingConfig } from "../config/index.ts";
import type { AWSCostExplorer } from "../cost-explorer/aws-cost-explorer.ts";
import { toDay } from "../cost-explorer/periods.ts";
import { suggestActions } from "./actions.ts";
import { aboutQuery } from "./meta.ts";
import type { CostAnalysisOutput } from "./output.ts";
import { type BillingQuery, toQuery } from "./query.ts";
import { sectionsOf } from "./sections.ts";
import { BillingSource } from "./source.ts";
import { writeText } from "./text.ts";
import { costAnalysisInput } from "./tool.ts";

export interface BillingHandlerOptions {
  readonly costExplorer: AWSCostExplorer;
  readonly config: BillingConfig;
  /** Default: of its own. */
  readonly answers?: AwsAnswers;
}

/** Answers billing and cost questions. */
export class AWSBillingHandler extends BaseHandler {
  override readonly priority: number = 8;
  readonly #costExplorer: AWSCostExplorer;
  readonly #config: BillingConfig;
  readonly #answers: AwsAnswers;

  constructor({ costExplorer, config, answers }: BillingHandlerOptions) {
    super();
    this.#costExplorer = costExplorer;
    this.#config = config;
    this.#answers = answers ?? new AwsAnswers({ api: costExplorer.api });
  }

  canHandle(intent: Intent): boolean {
    return intent.type === "AWS_BILLING";
  }

  handle(request: HandlerRequest): Promise<ToolResult<CostAnalysisOutput>> {
    const costExplorer = this.#costExplorer;
    const config = this.#config;
    const query = this.#query(request, costExplorer.api.clock());
    const about = {
      intentType: "AWS_BILLING",
      toolsUsed: ["aws_cost_explorer"],
      confidence: request.intent.confidence,
      refresh: query.refresh,
    };
    return this.#answers.answer(request, about, async ({ now, scope, settle, meta, answers }) => {
      const source = new BillingSource({ costExplorer, config, query, scope });
      const sections = await settle(sectionsOf(source));
      const data: CostAnalysisOutput = {
        timestamp: now.toISOString(),
        analysisType: query.analysis,
        meta: aboutQuery(await meta(), query, currencyOf(sections) ?? config.currency, answers()),
        ...sections,
      };
      return {
        ...textOrFailure(sections, () => writeText(data, config)),
        analysisType: query.analysis,
        data,
        suggestedActions: suggestActions(data, query),
      };
    });
  }

  #query(request: HandlerRequest, now: Date): BillingQuery {
    const input = costAnalysisInput.safeParse(request.arguments);
    if (!input.success) throw awsError("BAD_REQUEST", z.prettifyError(input.error));
    return toQuery(input.data, request.message, {
      config: this.#config,
      today: toDay(now),
      services: this.#costExplorer.seenNames("SERVICE", profileOf(request)),
    });
  }
}

function currencyOf(sections: Partial<CostAnalysisOutput>): string | undefined {
  return Object.values(sections)
    .filter((section) => typeof section === "object" && "currency" in section)
    .map(({ currency }) => currency)[0];
}
