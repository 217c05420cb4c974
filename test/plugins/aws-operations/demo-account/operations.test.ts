import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientsFor, failureOf, openDemo } from "./helpers.ts";
import { OPERATION_CALLS, sendCall, SERVICES_UNDER_TEST } from "./operations.ts";

const NOW = "2026-11-20T10:00:00Z";

/** What each service calls its throttle. */
const THROTTLED = /^(?:LimitExceededException|ThrottlingException|Throttling)$/;

/** One call of each operation. */
const CALLS = OPERATION_CALLS.filter(
  ({ service, operation }, index) =>
    OPERATION_CALLS.findIndex((one) => one.service === service && one.operation === operation) ===
    index,
);

describe.each(CALLS.map((call) => [call.service, call.operation, call] as const))(
  "%s %s",
  (service, operation, call) => {
    test("fails as it is told to, in sequence, after letting pass as many as it is told to", async () => {
      const demo = await openDemo(NOW);
      const kinds = ["throttle", "access-denied", "expired-token", "http", "truncated"] as const;
      demo.account.faults.add(...kinds.map((kind) => ({ operation, kind, skip: 1 })));
      const outcomes: { name: string; message: string; status: number | undefined }[] = [];
      for (let attempt = 0; attempt < 7; attempt += 1) {
        const sent = sendCall(call, demo, NOW);
        outcomes.push(
          await failureOf(sent).catch(() => ({ name: "", message: "answered", status: 200 })),
        );
      }
      const fine = { name: call.refusal ?? "" };
      const { signingName } = SERVICES_UNDER_TEST[service];
      const action = new RegExp(
        `is not authorized to perform: ${ACTIONS[signingName] ?? signingName}:`,
      );
      expect(outcomes).toMatchObject([
        fine,
        { name: expect.stringMatching(THROTTLED) as string, message: "Rate exceeded" },
        {
          name: expect.stringMatching(/^AccessDenied(?:Exception)?$/) as string,
          message: expect.stringMatching(action) as string,
        },
        { name: expect.stringMatching(/^ExpiredToken(?:Exception)?$/) as string },
        { status: 503 },
        {},
        fine,
      ]);
      expect(outcomes[5]?.message).not.toBe("answered");
      expect(demo.account.faults.pending).toEqual([]);
    });

    test("is refused to whoever does not know the secret, and shows in the log as asked", async () => {
      const { account } = await openDemo(NOW);
      const clients = clientsFor({ ...account, secretAccessKey: "something else" });
      const { message } = await failureOf(sendCall(call, clients, NOW));
      clients.destroy();
      expect(message).toContain("does not match the signature you provided");
      expect(account.log).toMatchObject([
        { service: SERVICES_UNDER_TEST[service].signingName, operation, signatureOk: false },
      ]);
    });
  },
);

/** As far as one middleware for all services needs it. */
interface MiddlewareStack {
  add(middleware: (next: Send) => Send, options: object): void;
}

type Send = (args: {
  request: { body: string; headers: Record<string, string> };
}) => Promise<unknown>;

/** Every place in a value, as the names that lead there. */
function placesIn(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    [name],
    ...placesIn(member).map((place) => [name, ...place]),
  ]);
}

function replaced(value: unknown, [name = "", ...rest]: string[], junk: unknown): unknown {
  const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  const members = copy as Record<string, unknown>;
  members[name] = rest.length === 0 ? junk : replaced(members[name], rest, junk);
  return copy;
}

test("with anything else in any one place, every operation answers or refuses", async () => {
  const demo = await openDemo(NOW);
  const calls = CALLS.filter(({ service }) => service !== "sts");
  let body = "";
  for (const { service } of calls) {
    // The body goes out as it is made: the SDK signs it, but checks nothing.
    const stack = demo[service].middlewareStack as unknown as MiddlewareStack;
    stack.add(
      (next) => (args) => {
        args.request.body = body;
        args.request.headers["content-length"] = String(Buffer.byteLength(body));
        return next(args);
      },
      { step: "build", name: "replaceBody", override: true },
    );
  }
  const junk = fc.anything({ maxDepth: 2, withNullPrototype: false, withBigInt: false });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...calls), fc.nat(), junk, async (call, pick, value) => {
      const input: unknown = JSON.parse(
        JSON.stringify(call.input(NOW), (_name, member: unknown) =>
          // JSON carries times as epoch seconds.
          typeof member === "string" && /T\d\d:.*Z$/.test(member)
            ? Date.parse(member) / 1000
            : member,
        ),
      );
      const places = placesIn(input);
      const place = places[pick % places.length] ?? ["extra"];
      body = JSON.stringify(replaced(input, place, value));
      const status = await sendCall(call, demo, NOW).then(
        () => 200,
        (error: { $metadata?: { httpStatusCode?: number } }) => error.$metadata?.httpStatusCode,
      );
      expect([200, 400]).toContain(status);
    }),
    { numRuns: 400 },
  );
  expect(demo.account.log.every(({ signatureOk }) => signatureOk)).toBe(true);
});

/** Where permissions have another prefix than signatures. */
const ACTIONS: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };
