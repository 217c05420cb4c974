import type { ValidateFunction } from "ajv";

/**
 * What validates schemas against the schema of their dialect, compiled. From source there is none, and ajv compiles it
 * when it is first needed. The build puts compiled ones in place of this file: compiling takes more memory than all the
 * rest of a plugin's process.
 */
export function compiledMetaSchema(_dialect: string): Promise<ValidateFunction | undefined> {
  return Promise.resolve(undefined);
}
