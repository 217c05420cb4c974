import type { Answer } from "./answer.ts";
import type { AwsError, Spellings } from "./errors.ts";

/** How a service answers. */
export interface Protocol {
  readonly spellings: Spellings;
  success(operation: string, output: object): Answer;
  failure(error: AwsError): Answer;
}

/** The protocol with some refusals spelled in a service's own way. */
export const spelling = (protocol: Protocol, own: Partial<Spellings>): Protocol => ({
  ...protocol,
  spellings: { ...protocol.spellings, ...own },
});

/** The one code for a page token that is no good, where the service has just one. */
export const pageTokenCode = (code: string): Partial<Spellings> => ({
  "bad-page-token": { code },
  "request-changed": { code },
});
