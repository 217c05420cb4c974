import {
  BaseHandler,
  type HandlerRequest,
  type Intent,
  type ToolResult,
} from "agentflow-mcp/plugin";
import { z } from "zod";
import { AwsAnswers, textOrFailure } from "../answer/aws-answers.ts";
import type { AwsApi } from "../aws/api.ts";
import { awsError } from "../aws/errors.ts";
import type { AWSPluginConfig } from "../config/index.ts";
import { askedRegions } from "../ec2/asked-regions.ts";
import { suggestActions } from "./actions.ts";
import type { InventoryOutput } from "./output.ts";
import { type InventoryQuery, toQuery } from "./query.ts";
import { limitItems, sectionsOf } from "./sections.ts";
import { writeText } from "./text.ts";
import { inventoryInput } from "./tool.ts";

export interface ResourceHandlerOptions {
  readonly api: AwsApi;
  readonly config: Pick<AWSPluginConfig, "regions">;
  /** Default: of its own. */
  readonly answers?: AwsAnswers;
}

/** Answers questions about what there is: instances, volumes, networks. */
export class AWSResourceHandler extends BaseHandler {
  override readonly priority: number = 8;
  readonly #api: AwsApi;
  readonly #config: ResourceHandlerOptions["config"];
  readonly #answers: AwsAnswers;

  constructor({ api, config, answers }: ResourceHandlerOptions) {
    super();
    this.#api = api;
    this.#config = config;
    this.#answers = answers ?? new AwsAnswers({ api });
  }

  canHandle(intent: Intent): boolean {
    return intent.type === "AWS_RESOURCE_MANAGEMENT";
  }

  handle(request: HandlerRequest): Promise<ToolResult<InventoryOutput>> {
    const query = queryOf(request);
    const about = {
      intentType: "AWS_RESOURCE_MANAGEMENT",
      toolsUsed: ["aws_resource_inventory"],
      confidence: request.intent.confidence,
      refresh: query.refresh,
    };
    return this.#answers.answer(request, about, async ({ now, scope, settle, meta }) => {
      const api = this.#api;
      const { regions: wanted, states, tags, limit } = query;
      const regions = await askedRegions(api, wanted, this.#config.regions, scope);
      const found = await settle(sectionsOf({ api, query, regions: regions.asked, scope }));
      const { notes, ...facts } = await meta();
      const data: InventoryOutput = {
        timestamp: now.toISOString(),
        meta: {
          ...facts,
          notes: [...regions.warnings, ...notes],
          regions: [...regions.asked],
          notEnabled: [...regions.notEnabled],
          filters: { states: [...states], tags: { ...tags }, limit },
        },
        ...limitItems(found, limit),
      };
      return {
        ...textOrFailure(found, () => writeText(data)),
        analysisType: "inventory",
        data,
        suggestedActions: suggestActions({ ...data, ...found }, query),
      };
    });
  }
}

function queryOf(request: HandlerRequest): InventoryQuery {
  const input = inventoryInput.safeParse(request.arguments);
  if (!input.success) throw awsError("BAD_REQUEST", z.prettifyError(input.error));
  return toQuery(input.data, request.message);
}
