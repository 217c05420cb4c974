/** Any value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** A JSON Schema document. It is kept verbatim, `$schema`, `$defs` and vendor keywords included. */
export type JsonSchema = { readonly [key: string]: unknown };

/**
 * The part of the Standard Schema interface (https://standardschema.dev) that the host uses to validate.
 * A library that also offers `~standard.jsonSchema` (zod 4.2, ArkType, …) converts by itself.
 */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    /** How the library converts it to JSON Schema, where it does. */
    readonly jsonSchema?: unknown;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/**
 * A schema of a tool's arguments or of its result's `data`:
 * zod 4, zod 3, any Standard Schema that converts to JSON Schema, or a plain JSON Schema (kept verbatim).
 */
export type Schema<T = unknown> = StandardSchema<T> | JsonSchema;
