import { expect, test } from "vitest";
import { askAccount } from "./ask-account.ts";
import { inWords, originals } from "./originals.ts";

const ask = askAccount();

test.each(Object.entries(inWords))(
  "%j, as nothing but a message, gets the right analysis",
  async (message, { tool, analysis, text = [], without = [], data = {}, next = "" }) => {
    const answer = await ask(tool, { message });
    expect(answer.analysis).toBe(analysis);
    for (const fact of text) expect(answer.text).toContain(fact);
    for (const other of without) expect(answer.text).not.toContain(other);
    expect(answer.data).toMatchObject(data);
    expect(answer.next).toContain(next);
  },
);

test("every one of the original's examples is asked so", () => {
  expect(Object.keys(inWords).toSorted()).toEqual(originals.toSorted());
});
