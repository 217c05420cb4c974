import {
  BaseHandler,
  type HandlerRequest,
  type Intent,
  type ToolResult,
} from "agentflow-mcp/plugin";
import { z } from "zod";
import { AwsAnswers, textOrFailure } from "../answer/aws-answers.ts";
import { awsError } from "../aws/errors.ts";
import type { AWSPluginConfig } from "../config/index.ts";
import { askedRegions } from "../ec2/asked-regions.ts";
import { suggestHealthActions } from "./actions.ts";
import { alarmsSection } from "./alarms-section.ts";
import type { AWSHealthChecker } from "./aws-health-checker.ts";
import { eventsSection } from "./events-section.ts";
import { serviceHealthInput } from "./input.ts";
import { instancesSection } from "./instances-section.ts";
import { metricsSection } from "./metrics-section.ts";
import type { HealthSections, ServiceHealthOutput } from "./output.ts";
import { toHealthQuery } from "./query.ts";
import type { HealthSource } from "./source.ts";
import { writeHealth } from "./text.ts";
import { verdictOf } from "./verdict.ts";

export interface OutageHandlerOptions {
  readonly healthChecker: AWSHealthChecker;
  readonly config: AWSPluginConfig["outageConfig"];
  /** Default: of its own. */
  readonly answers?: AwsAnswers;
}

/** Answers whether something is down, and whose trouble it is: AWS's or one's own. */
export class AWSOutageHandler extends BaseHandler {
  override readonly priority: number = 9;
  readonly #checker: AWSHealthChecker;
  readonly #config: OutageHandlerOptions["config"];
  readonly #answers: AwsAnswers;

  constructor({ healthChecker, config, answers }: OutageHandlerOptions) {
    super();
    this.#checker = healthChecker;
    this.#config = config;
    this.#answers = answers ?? new AwsAnswers({ api: healthChecker.api });
  }

  canHandle(intent: Intent): boolean {
    return intent.type === "AWS_OUTAGE";
  }

  async handle(request: HandlerRequest): Promise<ToolResult<ServiceHealthOutput>> {
    const input = serviceHealthInput.safeParse(request.arguments);
    if (!input.success) throw awsError("BAD_REQUEST", z.prettifyError(input.error));
    const { message } = request;
    const query = toHealthQuery(input.data, message);
    const about = {
      intentType: "AWS_OUTAGE",
      toolsUsed: ["aws_health_dashboard"],
      confidence: request.intent.confidence,
      refresh: input.data.refresh,
    };
    return this.#answers.answer(request, about, async ({ now, scope, settle, meta }) => {
      const checker = this.#checker;
      const fallback = this.#config.healthCheckRegions;
      const regions = await askedRegions(checker.api, query.regions, fallback, scope);
      const isEverywhere = query.regions.includes("all");
      const source = { checker, query, regions: regions.asked, isEverywhere, now, scope };
      const sections: HealthSections = await settle(runsOf(source));
      const { notes, ...facts } = await meta();
      const data: ServiceHealthOutput = {
        timestamp: now.toISOString(),
        meta: {
          ...facts,
          notes: [...regions.warnings, ...notes],
          services: query.services.map(({ title }) => title),
          regions: [...regions.asked],
          notEnabled: [...regions.notEnabled],
          resources: [...query.resources],
        },
        verdict: verdictOf(sections, { query, regions: regions.asked, now }),
        ...sections,
      };
      return {
        ...textOrFailure(sections, () => writeHealth(data)),
        analysisType: "service_health",
        data,
        suggestedActions: suggestHealthActions(data, { query, message }),
      };
    });
  }
}

function runsOf(source: HealthSource) {
  return {
    awsEvents: () => eventsSection(source),
    instances: () => instancesSection(source),
    alarms: () => alarmsSection(source),
    metrics: () => metricsSection(source),
  };
}
