import type { SuggestedAction, ToolContext, ToolResult } from "agentflow-mcp/plugin";
import type { AwsApi } from "../aws/api.ts";
import { type CallerIdentity, callerIdentity } from "../aws/identity.ts";
import type { AnswerRecord, CallScope } from "../aws/requests.ts";
import { profileOf } from "./call-profile.ts";
import { failureOf } from "./gaps.ts";
import { limitTime } from "./limit-time.ts";
import { buildMeta, type Meta } from "./meta.ts";
import { RequestMeter } from "./request-meter.ts";
import {
  allFailed,
  type AnySection,
  type Runnable,
  type Settled,
  settleSections,
} from "./section.ts";

export interface AnswersOptions {
  readonly api: AwsApi;
  /** Called after each answer. */
  readonly onAnswer?: () => void;
  /** Whether a tool is there to be suggested; one may be switched off. Default: all are. */
  readonly offers?: (tool: string) => boolean;
}

/** One call that is being answered. */
export interface AnswerCall {
  readonly now: Date;
  /** To be handed to every request: its end, its retries, and what it costs. */
  readonly scope: CallScope;
  /** Runs sections side by side; what fails, fails by itself. */
  readonly settle: <Runs extends Runnable>(runs: Runs) => Promise<Settled<Runs>>;
  /** What the answer rests on so far. */
  readonly answers: () => readonly AnswerRecord[];
  /** About the answer: to be asked for when everything else is there. */
  readonly meta: () => Promise<Meta>;
}

/** An answer before it is known how long it took. */
export type Draft<Data> = Pick<
  ToolResult<Data>,
  "content" | "data" | "analysisType" | "suggestedActions" | "error" | "fallback"
>;

export interface AboutAnswer {
  /** The intent category that the tool stands for. */
  readonly intentType: string;
  readonly toolsUsed: readonly string[];
  /** From 0 to 1; default 1: the caller has named the tool. */
  readonly confidence?: number;
  /** Asks AWS again even where an answer is still fresh. */
  readonly refresh?: boolean;
}

/** How long an answer waits for the account's number, which it can do without. */
const identityGraceMs = 500;

/** For how long, after it could not be had, answers do not wait for it at all. */
const identityPauseMs = 60_000;

/** What is the same for the answers of all tools: the time they may take, what they cost, and whose account it is. */
export class AwsAnswers {
  readonly #api: AwsApi;
  readonly #onAnswer: () => void;
  readonly #offers: (tool: string) => boolean;
  /** By profile. */
  readonly #identityDownUntil = new Map<string | undefined, number>();

  constructor({ api, onAnswer = () => undefined, offers = () => true }: AnswersOptions) {
    this.#api = api;
    this.#onAnswer = onAnswer;
    this.#offers = offers;
  }

  async answer<Data>(
    context: ToolContext,
    about: AboutAnswer,
    draft: (call: AnswerCall) => Promise<Draft<Data>>,
  ): Promise<ToolResult<Data>> {
    const started = performance.now();
    const now = this.#api.clock();
    const profile = profileOf(context);
    const region = this.#api.regionOf(profile);
    const meter = new RequestMeter();
    const time = limitTime(context);
    try {
      const identity = this.#identify({ signal: time.signal, profile });
      const answer = await draft({
        now,
        scope: {
          signal: time.signal,
          retry: context.retry.bind(context),
          refresh: about.refresh === true,
          profile,
          onSend: meter.onSend,
          onAnswer: meter.onAnswer,
        },
        settle: (runs) =>
          settleSections(runs, (section, error) =>
            context.log.error("A section of the answer crashed", { section, error }),
          ),
        answers: () => meter.answers,
        meta: async () => {
          const accountId = await this.#accountOf(identity, profile);
          return buildMeta(meter, { now, region, accountId, profile });
        },
      });
      // The caller's reason to leave, or the host's, says more than sections that were cut off.
      if (context.signal.aborted) throw context.signal.reason;
      return {
        ...answer,
        ...(answer.suggestedActions !== undefined && {
          suggestedActions: answer.suggestedActions.map((action) => this.#step(action, profile)),
        }),
        intentType: about.intentType,
        toolsUsed: about.toolsUsed,
        processingTime: Math.round(performance.now() - started) / 1000,
        confidence: about.confidence ?? 1,
      };
    } finally {
      time.clear();
      this.#onAnswer();
    }
  }

  /** A next step as this server can take it, in the account that the call was about. */
  #step(action: string | SuggestedAction, profile: string | undefined): string | SuggestedAction {
    if (typeof action === "string" || action.tool === undefined) return action;
    const { tool, arguments: args, ...rest } = action;
    if (!this.#offers(tool)) return rest;
    const all = { ...args, ...(profile !== undefined && { profile }) };
    return { ...rest, tool, arguments: all };
  }

  async #accountOf(
    identity: Promise<CallerIdentity | undefined>,
    profile: string | undefined,
  ): Promise<string | undefined> {
    const isUp = performance.now() >= (this.#identityDownUntil.get(profile) ?? 0);
    const caller = await within(identity, isUp ? identityGraceMs : 0);
    if (caller === undefined) {
      this.#identityDownUntil.set(profile, performance.now() + identityPauseMs);
    }
    return caller?.account;
  }

  async #identify(scope: CallScope): Promise<CallerIdentity | undefined> {
    try {
      const caller = await callerIdentity(this.#api, scope);
      this.#identityDownUntil.delete(scope.profile);
      return caller;
    } catch {
      return undefined;
    }
  }
}

/** The text of an answer, or, where nothing at all could be had, the error with every reason in it. */
export function textOrFailure(
  sections: Readonly<Record<string, AnySection | undefined>>,
  write: () => string,
): Pick<ToolResult, "content" | "error" | "fallback"> {
  if (!allFailed(sections)) return { content: write() };
  return { ...failureOf(sections), fallback: true };
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
