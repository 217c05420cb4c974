import type { ContentBlock } from "./content.ts";
import type { Json, JsonObject, JsonSchema } from "./schema.ts";

/** Something that only the user, or the client on the user's behalf, can answer. */
export type InputRequest =
  | {
      /** A form with flat fields of text, numbers, booleans or choices. */
      readonly kind: "form";
      /** What the user reads above it. */
      readonly message: string;
      /** An object schema of its fields. */
      readonly schema: JsonSchema;
    }
  | {
      /** A page to visit, for what must not pass through the client, such as a password. */
      readonly kind: "url";
      readonly message: string;
      readonly url: string;
    }
  | {
      /** A completion by the client's own model. Few clients offer it. */
      readonly kind: "sampling";
      readonly messages: readonly {
        readonly role: "user" | "assistant";
        readonly content: ContentBlock;
      }[];
      readonly maxTokens: number;
      readonly systemPrompt?: string;
      readonly temperature?: number;
    }
  | {
      /** The folders that the client has opened. Few clients offer it. */
      readonly kind: "roots";
    };

/** The answer to an {@link InputRequest}. */
export type InputAnswer = JsonObject & {
  /** Of a form or a page: `accept` comes with `content`. */
  readonly action?: "accept" | "decline" | "cancel";
  /** Of a form: its fields. Of `sampling`: what the model wrote. */
  readonly content?: Json;
};

/** What the client says it can ask its user for. */
export interface ClientAbilities {
  readonly form: boolean;
  readonly url: boolean;
  readonly sampling: boolean;
  readonly roots: boolean;
}

export const inputRequiredBrand: unique symbol = Symbol.for("agentflow.InputRequired");

/** What a handler returns instead of an answer when it has to ask first; made by `context.inputRequired()`. */
export interface InputRequired {
  readonly [inputRequiredBrand]: true;
  readonly requests: Readonly<Record<string, InputRequest>>;
  readonly state?: unknown;
}
