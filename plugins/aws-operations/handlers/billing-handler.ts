import {
  BaseHandler,
  type HandlerRequest,
  type Intent,
  type ToolResult,
} from "agentflow-mcp/plugin";
import { z } from "zod";
import type { BillingConfig } from "../config/index.ts";
import type { AWSCostExplorer, CallerIdentity } from "../tools/aws-cost-explorer.ts";
import { costAnalysisInput } from "../tools/cost-analysis-tool.ts";
import type { CostAnalysisOutput } from "../tools/cost-analysis-output.ts";
import { awsError } from "../tools/errors.ts";
import { toDay } from "../tools/periods.ts";
import { suggestActions } from "./billing-actions.ts";
import { buildMeta, RequestMeter } from "./billing-meta.ts";
import { type BillingQuery, toQuery } from "./billing-query.ts";
import { allFailed, runSections } from "./billing-sections.ts";
import { BillingSource } from "./billing-source.ts";
import { writeFailure, writeText } from "./billing-text.ts";

export interface BillingHandlerOptions {
  readonly costExplorer: AWSCostExplorer;
  readonly config: BillingConfig;
  /** What day it is. Default: the system's clock. */
  readonly clock?: () => Date;
  /** Called after each answer. */
  readonly onAnswer?: () => void;
}

/** Kept back from the time that is left, to answer with what there is instead of running out of it. */
const reserveMs = 1000;

/** How long an answer waits for the account's number, which it can do without. */
const identityGraceMs = 500;

/** For how long, after it could not be had, answers do not wait for it at all. */
const identityPauseMs = 60_000;

/** Answers billing and cost questions. */
export class AWSBillingHandler extends BaseHandler {
  override readonly priority: number = 8;
  readonly #costExplorer: AWSCostExplorer;
  readonly #config: BillingConfig;
  readonly #clock: () => Date;
  readonly #onAnswer: () => void;
  #identityDownUntil = 0;

  constructor(options: BillingHandlerOptions) {
    super();
    this.#costExplorer = options.costExplorer;
    this.#config = options.config;
    this.#clock = options.clock ?? (() => new Date());
    this.#onAnswer = options.onAnswer ?? (() => undefined);
  }

  canHandle(intent: Intent): boolean {
    return intent.type === "AWS_BILLING";
  }

  async handle(request: HandlerRequest): Promise<ToolResult<CostAnalysisOutput>> {
    const started = performance.now();
    const now = this.#clock();
    const query = this.#query(request, now);
    const meter = new RequestMeter();
    const time = limitTime(request);
    try {
      const data = await this.#analyse(request, { query, now, meter, signal: time.signal });
      // The caller's reason to leave, or the host's, says more than sections that were cut off.
      if (request.signal.aborted) throw request.signal.reason;
      return {
        ...reply(data, this.#config),
        intentType: "AWS_BILLING",
        analysisType: query.analysis,
        data,
        toolsUsed: ["aws_cost_explorer"],
        processingTime: Math.round(performance.now() - started) / 1000,
        confidence: request.intent.confidence,
        suggestedActions: suggestActions(data, query),
      };
    } finally {
      time.clear();
      this.#onAnswer();
    }
  }

  #query(request: HandlerRequest, now: Date): BillingQuery {
    const input = costAnalysisInput.safeParse(request.arguments);
    if (!input.success) throw awsError("BAD_REQUEST", z.prettifyError(input.error));
    return toQuery(input.data, request.message, {
      config: this.#config,
      today: toDay(now),
      services: this.#costExplorer.seenNames("SERVICE"),
    });
  }

  async #analyse(
    request: HandlerRequest,
    context: { query: BillingQuery; now: Date; meter: RequestMeter; signal: AbortSignal },
  ): Promise<CostAnalysisOutput> {
    const { query, now, meter, signal } = context;
    const scope = {
      signal,
      retry: request.retry.bind(request),
      refresh: query.refresh,
      onSend: meter.onSend,
      onAnswer: meter.onAnswer,
    };
    const source = new BillingSource({
      costExplorer: this.#costExplorer,
      config: this.#config,
      query,
      scope,
    });
    const identity = this.#identify(signal);
    const sections = await runSections(source, (section, error) =>
      request.log.error("A section of the cost analysis crashed", { section, error }),
    );
    const isUp = performance.now() >= this.#identityDownUntil;
    const caller = await within(identity, isUp ? identityGraceMs : 0);
    if (caller === undefined) this.#identityDownUntil = performance.now() + identityPauseMs;
    return {
      timestamp: now.toISOString(),
      analysisType: query.analysis,
      meta: buildMeta({
        meter,
        query,
        now,
        region: this.#costExplorer.region,
        currency: currencyOf(sections) ?? this.#config.currency,
        accountId: caller?.account,
      }),
      ...sections,
    };
  }

  async #identify(signal: AbortSignal): Promise<CallerIdentity | undefined> {
    try {
      const caller = await this.#costExplorer.verifyCredentials({ signal });
      this.#identityDownUntil = 0;
      return caller;
    } catch {
      return undefined;
    }
  }
}

function reply(
  data: CostAnalysisOutput,
  config: BillingConfig,
): Pick<ToolResult, "content" | "error" | "fallback"> {
  const { timestamp: _, analysisType: __, meta: ___, ...sections } = data;
  if (!allFailed(sections)) return { content: writeText(data, config) };
  const { content, error } = writeFailure(sections);
  return { content, error, fallback: true };
}

function currencyOf(sections: Partial<CostAnalysisOutput>): string | undefined {
  return Object.values(sections)
    .filter((section) => typeof section === "object" && "currency" in section)
    .map(({ currency }) => currency)[0];
}

/** The value if it comes in time; the work goes on, for the next answer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Fires with the request's own signal, and shortly before its time is up. */
function limitTime(request: HandlerRequest): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const leave = (): void => controller.abort(request.signal.reason);
  const available = request.remainingMs();
  const limit = Math.max(available - reserveMs, available / 2);
  const timer = setTimeout(
    () => {
      const seconds = Math.round(limit / 100) / 10;
      controller.abort(
        awsError("TIMEOUT", `The time for this answer ran out after ${seconds} s.`, {
          retryable: true,
        }),
      );
    },
    Math.min(limit, 2 ** 31 - 1),
  );
  if (request.signal.aborted) leave();
  else request.signal.addEventListener("abort", leave, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      request.signal.removeEventListener("abort", leave);
    },
  };
}
