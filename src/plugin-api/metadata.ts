/** A picture that a client may show beside a name. */
export interface Icon {
  /** An `https:` or `data:` URL. */
  readonly src: string;
  readonly mimeType?: string;
  /** For example `["48x48"]` or `["any"]`. */
  readonly sizes?: readonly string[];
  readonly theme?: "light" | "dark";
}

/** What every definition may carry. */
export interface Metadata {
  readonly icons?: readonly Icon[];
  /** Passed to the client unchanged, under keys of your own (`example.com/key`). */
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** How long a client may keep an answer. */
export interface CacheHint {
  /** Seconds. */
  readonly ttl: number;
  /** `public` if everybody gets the same. Default `private`. */
  readonly scope?: "public" | "private";
}

/** Suggests values while a person types: a list, or a function of what has been typed. At most 100 are shown. */
export type Completer =
  | readonly string[]
  | ((
      typed: string,
      context: {
        /** Arguments that are already filled in. */
        readonly arguments: Readonly<Record<string, string>>;
        readonly signal: AbortSignal;
      },
    ) => readonly string[] | Promise<readonly string[]>);
