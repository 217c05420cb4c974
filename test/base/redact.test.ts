import { describe, expect, test } from "vitest";
import { Redactor } from "../../src/base/redact.ts";

const SECRET = "correct-horse-battery";
const MASK = "[redacted]";

function redactorOf(...secrets: readonly string[]): Redactor {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

describe("a secret", () => {
  test("is masked where it is a key, at every depth", () => {
    const given = { [SECRET]: 1, list: [{ [`to ${SECRET}`]: "kept" }] };
    expect(redactorOf(SECRET).json(given)).toEqual({
      [MASK]: 1,
      list: [{ [`to ${MASK}`]: "kept" }],
    });
  });

  test.each([
    ["the shorter first", [SECRET, `${SECRET}-staple`]],
    ["the longer first", [`${SECRET}-staple`, SECRET]],
  ])("that begins with another leaves no end behind, told %s", (_order, secrets) => {
    const redactor = redactorOf(...secrets);
    expect(redactor.text(`a ${SECRET}-staple b ${SECRET} c`)).toBe(`a ${MASK} b ${MASK} c`);
  });

  test.each(['say "please" first', "back\\slash-secret", "two\nlines of it"])(
    "that JSON writes differently is masked in JSON text too: %j",
    (secret) => {
      const redactor = redactorOf(secret);
      expect(JSON.parse(redactor.text(JSON.stringify({ is: secret })))).toEqual({ is: MASK });
      expect(redactor.text(`plain: ${secret}`)).toBe(`plain: ${MASK}`);
    },
  );

  test("is taken from the configuration by the name of its key, also inside lists", () => {
    const redactor = new Redactor();
    redactor.addFrom({ region: "eu-central-1", deep: { apiKeys: 5, apiKey: [SECRET] } });
    expect(redactor.text(`${SECRET} in eu-central-1`)).toBe(`${MASK} in eu-central-1`);
  });

  test.each([
    ["https://example.com/mcp?key=my-own-key", "my-own-key"],
    ["https://example.com/mcp?sig=a%2Fb%2Fc%2Fd%2Fe", "a%2Fb%2Fc%2Fd%2Fe"],
    ["https://hooks.example.com/services/T0KEN5f0a9b8c7d6e/mcp", "T0KEN5f0a9b8c7d6e"],
    ["https://db:correct-horse@example.com/", "correct-horse"],
    ["postgres://db:correct%2Dhorse@example.com/main", "correct-horse"],
    ["mongodb://db:correct-horse@a.example:1,b.example:2/main", "correct-horse"],
  ])("is found in the address %s", (url, secret) => {
    const redactor = new Redactor();
    redactor.addFrom({ url });
    expect(redactor.text(`went to ${url}`)).not.toContain(secret);
  });

  test("is not taken for one in an address where it is but a name", () => {
    const redactor = new Redactor();
    redactor.addFrom({
      url: "https://example.com/eu-central-1/my-service-v2-production/mcp?tenant=blue-team",
    });
    const text = "eu-central-1 my-service-v2-production blue-team";
    expect(redactor.text(text)).toBe(text);
  });

  test("too short to be told from a word is left alone", () => {
    expect(redactorOf("monthly").text("the monthly cost")).toBe("the monthly cost");
  });
});

test.each([
  ["an AWS key id", "AKIAABCDEFGHIJKLMNOP"],
  ["a JSON web token", `eyJ${"a".repeat(20)}.${"b".repeat(40)}.${"c".repeat(20)}`],
  ["a bearer token", "Bearer abcdef0123456789"],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"],
  ["a private key without its end", "-----BEGIN PRIVATE KEY-----\nMIIE"],
  ["an AWS secret", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG"],
])("%s is masked though nobody named it", (_what, secret) => {
  expect(new Redactor().text(`found ${secret}`)).toBe(`found ${MASK}`);
});

/** The quickest of a few runs, so that a busy machine does not count. */
function quickest(work: () => unknown): number {
  const times = Array.from({ length: 4 }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

const TARGETS = "AKIA ASIA eyJ PRIVATE KEY bearer aws_secret ";

test.each([
  "eyJ-",
  "eyJaaaaaaaa.",
  "Bearer ",
  "Bearer          a",
  "-----BEGIN ",
  "-----BEGIN PRIVATE KEY",
  "aws_secret_access_key ",
])("text made to be slow takes no longer than a few plain scans of it: %j", (part) => {
  // Every mark is in it, so that no pattern is left out.
  const hostile = (TARGETS + part.repeat(1_000_000 / part.length)).slice(0, 1_000_000);
  const scan = quickest(() => hostile.replaceAll(/[A-Za-z]/gu, (letter) => letter));
  expect(quickest(() => new Redactor().text(hostile))).toBeLessThan(scan * 10);
});

test("secrets of headers and addresses are known in every form that they may come back in", () => {
  const redactor = new Redactor();
  redactor.addFrom({
    url: "https://api.example.com/mcp?api_key=query-secret-1&region=eu-central-1",
    headers: { Authorization: "Bearer header-secret-2", "X-API-Key": "header-secret-3" },
    env: {
      DATABASE: "postgres://ada:url-secret-4@db/main",
      MY_KEY: "key-secret-5",
      MODE: "production",
    },
  });
  const said = [
    "query-secret-1",
    "Bearer header-secret-2",
    "header-secret-2",
    "header-secret-3",
    "url-secret-4",
    "key-secret-5",
  ];
  for (const text of said) expect(redactor.text(`<${text}>`)).toBe("<[redacted]>");
  for (const text of ["eu-central-1", "production", "api.example.com"]) {
    expect(redactor.text(text)).toBe(text);
  }
});
