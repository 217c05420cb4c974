/**
 * A kind of request that a plugin can answer, described so that an LLM or the host can recognise it.
 * It becomes the resource `agentflow://categories/<plugin>/<NAME>`.
 */
export interface IntentCategory {
  /** For example `AWS_BILLING`; handlers see it as `intent.type`. */
  readonly name: string;
  readonly description: string;
  /** Requests as a person would say them. */
  readonly examples?: readonly string[];
  /** Score from 0 to 1 below which a message does not belong to the category. Default 0.7. */
  readonly confidenceThreshold?: number;
  /** Words that hint at the category, matched as whole words in any case. */
  readonly keywords?: readonly string[];
  /** Regular expressions, matched in any case. One that does not compile is dropped with a reason. */
  readonly patterns?: readonly (string | RegExp)[];
}

/** What a request was recognised as. */
export interface Intent {
  /** The category's name. */
  readonly type: string;
  /** From 0 to 1; exactly 1 when the tool itself stands for the category. */
  readonly confidence: number;
}
