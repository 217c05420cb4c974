import { expect, test } from "vitest";
import { RetryBudgets } from "../../src/base/retry-budget.ts";

function spendAll(budgets: RetryBudgets, upstream: string, throttled?: boolean): number {
  let spent = 0;
  while (budgets.spend(upstream, throttled)) spent += 1;
  return spent;
}

test("an upstream has enough for 35 retries, or 100 where it throttles", () => {
  expect(spendAll(new RetryBudgets(), "u")).toBe(35);
  expect(spendAll(new RetryBudgets(), "u", true)).toBe(100);
});

test("upstreams have a budget each", () => {
  const budgets = new RetryBudgets();
  spendAll(budgets, "u");
  expect(budgets.spend("v")).toBe(true);
});

test("fourteen successes pay for one retry", () => {
  const budgets = new RetryBudgets();
  spendAll(budgets, "u", true);
  for (let one = 0; one < 13; one++) budgets.succeeded("u");
  expect(budgets.spend("u")).toBe(false);
  budgets.succeeded("u");
  expect(budgets.spend("u")).toBe(true);
});

test("what is full is forgotten, and more than full is nothing", () => {
  const budgets = new RetryBudgets();
  budgets.succeeded("never failed");
  expect(budgets.size).toBe(0);
  budgets.spend("u", true);
  expect(budgets.size).toBe(1);
  for (let one = 0; one < 5; one++) budgets.succeeded("u");
  expect(budgets.size).toBe(0);
  expect(spendAll(budgets, "u")).toBe(35);
});
