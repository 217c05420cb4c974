import type { IncomingHttpHeaders } from "node:http";
import type { Answer } from "./answer.ts";
import type { AwsError, Refusal, Spellings } from "./errors.ts";
import type { Form } from "./form.ts";

/** A request as it came over HTTP. */
export interface Incoming {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The parsed body, if it is a form. */
  readonly form: Form | undefined;
}

/** What a request asks of the service it is addressed to. */
export interface Asked {
  /** As the request names it, be it served or not. */
  readonly operation: string;
  /** The operation's input; the raw text if it could not be parsed. */
  readonly input: unknown;
  /** Why the input could not be parsed. */
  readonly problem?: Refusal;
}

/** How a service is addressed and how it answers. */
export interface Protocol {
  readonly spellings: Spellings;
  /** Undefined if the request is addressed to another service. */
  asked(request: Incoming): Asked | undefined;
  success(operation: string, output: object): Answer;
  failure(error: AwsError): Answer;
}

/** The protocol with some refusals spelled in a service's own way. */
export const spelling = (protocol: Protocol, own: Partial<Spellings>): Protocol => ({
  ...protocol,
  spellings: { ...protocol.spellings, ...own },
});
