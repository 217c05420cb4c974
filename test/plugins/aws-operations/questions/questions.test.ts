import { describe, expect, test } from "vitest";
import { askAccount } from "./ask-account.ts";
import { billingQuestions } from "./billing.ts";
import { originals } from "./originals.ts";
import { activityQuestions, outageQuestions } from "./outage.ts";
import { resourceQuestions } from "./resources.ts";
import { securityQuestions } from "./security.ts";

const categories = {
  billing: billingQuestions,
  security: securityQuestions,
  resources: resourceQuestions,
  outages: outageQuestions,
  activity: activityQuestions,
};
const all = Object.values(categories).flat();
const ask = askAccount();

describe.each(Object.entries(categories))("%s", (_, questions) => {
  test.each(questions.map((each) => [each.question, each] as const))(
    "%s",
    async (_question, { call: [tool, args], text = [], without = [], data, next }) => {
      const answer = await ask(tool, args);
      for (const fact of text) {
        if (typeof fact === "string") expect(answer.text).toContain(fact);
        else expect(answer.text).toMatch(fact);
      }
      for (const other of without) expect(answer.text).not.toContain(other);
      if (data !== undefined) expect(answer.data).toMatchObject(data);
      if (next !== undefined) expect(answer.next).toContain(next);
    },
  );
});

describe("the set", () => {
  test("has at least 40 questions, each once, and each with a fact that could be missing", () => {
    expect(all.length).toBeGreaterThanOrEqual(40);
    expect(new Set(all.map(({ question }) => question)).size).toBe(all.length);
    for (const { question, text = [], without = [], data } of all) {
      expect(text.length > 0 || data !== undefined, question).toBe(true);
      for (const fact of [...text, ...without]) expect(`${fact}`, question).not.toBe("");
    }
  });

  test("has the original's examples, word for word", () => {
    const asked = new Set(all.map(({ question }) => question));
    expect(originals).toHaveLength(20);
    expect(originals.filter((example) => !asked.has(example))).toEqual([]);
  });
});
