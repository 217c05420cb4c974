import type { ContentAnnotations } from "./content.ts";
import type { CallContext } from "./context.ts";
import type { InputRequired } from "./input.ts";
import type { CacheHint, Completer, Metadata } from "./metadata.ts";

/** What a resource holds. */
export interface ResourceContents {
  /** Default: the URI that was read. */
  readonly uri?: string;
  /** Default: the definition's. */
  readonly mimeType?: string;
  readonly text?: string;
  /** Base64. */
  readonly blob?: string;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** Text, bytes, or one or several contents. */
export type ResourceOutput = string | Uint8Array | ResourceContents | readonly ResourceContents[];

/** Which resource is asked for. */
export interface ResourceRequest extends CallContext {
  readonly uri: string;
  /** Of a template: the parts of the URI, by name. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * One entry of `getResources()`. The entry's key is its URI, or a URI template (RFC 6570: `notes://{id}`), which stands
 * for many. `agentflow:` and `result:` are the host's.
 */
export interface ResourceDefinition extends Metadata {
  /** Default: the key. */
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  readonly annotations?: ContentAnnotations;
  /** Bytes, where known. */
  readonly size?: number;
  readonly cache?: CacheHint;
  /** The content, where it never changes. */
  readonly text?: string;
  /** The same as base64. */
  readonly blob?: string;
  /** Reads the content. */
  read?(
    request: ResourceRequest,
  ): ResourceOutput | InputRequired | Promise<ResourceOutput | InputRequired>;
  /** Suggests values for a template's variables. */
  readonly complete?: Readonly<Record<string, Completer>>;
}
