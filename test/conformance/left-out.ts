/** Scenarios that say something about HTTP and nothing about a server on stdio. */
export const LEFT_OUT_SCENARIOS: Readonly<Record<string, string>> = {
  "dns-rebinding-protection": "Host and Origin are headers of HTTP",
  "server-sse-multiple-streams": "several streams of events side by side are HTTP's",
  "server-sse-polling": "streams that end and are resumed are HTTP's",
  "server-session-lifecycle": "sessions with an id are HTTP's",
  "http-header-validation": "headers are HTTP's",
  "http-custom-header-server-validation": "headers are HTTP's",
  "tasks-request-headers": "headers are HTTP's",
};

const STATUS = "the status of an HTTP answer";

/** Checks of the same kind in scenarios that are otherwise about the protocol. */
export const LEFT_OUT_CHECKS: Readonly<Record<string, string>> = {
  "server-session-id-visible-ascii": "the id of an HTTP session",
  "sep-2575-http-server-header-mismatch-400": "headers are HTTP's",
  "sep-2575-http-server-meta-invalid-400": STATUS,
  "sep-2575-http-server-unsupported-version-400": STATUS,
  "sep-2575-missing-capability-http-400": STATUS,
  // Their JSON-RPC codes are tested on stdio in test/e2e/framing.test.ts.
  "sep-2575-http-server-method-not-found-404": STATUS,
  "sep-2575-http-server-method-not-found-404-initialize": STATUS,
  "sep-2575-http-server-method-not-found-404-ping": STATUS,
  "sep-2575-http-server-method-not-found-404-logging-setlevel": STATUS,
  "sep-2575-http-server-method-not-found-404-resources-subscribe": STATUS,
  "sep-2575-http-server-method-not-found-404-resources-unsubscribe": STATUS,
};
