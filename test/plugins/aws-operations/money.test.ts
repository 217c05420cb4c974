import { array, assert, bigInt, property } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatMoney,
  formatPercent,
  moneyFromNumber,
  parseMoney,
  percentOf,
  sum,
  toNumber,
} from "../../../plugins/aws-operations/cost-explorer/money.ts";

function print(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(13, "0");
  return `${amount < 0n ? "-" : ""}${digits.slice(0, -12)}.${digits.slice(-12)}`;
}

const anyAmount = bigInt({ min: -(10n ** 21n), max: 10n ** 21n });

describe("amounts are decimal strings", () => {
  test("what is printed is read back to the last digit", () => {
    assert(
      property(anyAmount, (amount) => {
        expect(parseMoney(print(amount))).toBe(amount);
      }),
    );
  });

  test("a sum does not depend on the order", () => {
    assert(
      property(array(anyAmount, { maxLength: 50 }), (amounts) => {
        const texts = amounts.map(print);
        const forwards = sum(texts.map((text) => parseMoney(text) ?? 0n));
        const backwards = sum(texts.toReversed().map((text) => parseMoney(text) ?? 0n));
        expect(forwards).toBe(backwards);
      }),
    );
  });

  test("a thousand times ten cents is a hundred", () => {
    const dimes = Array.from({ length: 1000 }, () => parseMoney("0.1000000000") ?? 0n);
    expect(toNumber(sum(dimes))).toBe(100);
    expect(dimes.reduce((total) => total + 0.1, 0)).not.toBe(100);
  });

  test.each([
    ["2641.54800000000022919266484677791595458984375", 2641.55],
    ["0.0000012345", 0.000001],
    ["-0.004", -0.004],
    ["1.2E-7", 0],
    ["1.5e3", 1500],
    ["12", 12],
    ["0.005", 0.005],
    ["0.015", 0.02],
    ["-0.015", -0.02],
  ])("%s is %d", (text, number) => {
    expect(toNumber(parseMoney(text) ?? -1n) + 0).toBe(number);
  });

  test("what is no number is not zero", () => {
    expect(["", "N/A", "1,000.00", "0x10", "NaN", "--1"].map(parseMoney)).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
  });

  test("a number of the configuration is the same amount", () => {
    expect(moneyFromNumber(1000)).toBe(parseMoney("1000"));
    expect(moneyFromNumber(0.1)).toBe(parseMoney("0.1"));
  });
});

describe("for people", () => {
  test("the unit is the amount's own", () => {
    expect(formatMoney(1234.5, "USD")).toBe("$1,234.50");
    expect(formatMoney(-3, "USD")).toBe("-$3.00");
    expect(formatMoney(1234.5, "CNY")).toBe("1,234.50 CNY");
    expect(formatMoney(0.0042, "USD")).toBe("$0.0042");
    expect(formatMoney(0, "USD")).toBe("$0.00");
  });

  test("a share has one decimal, and there is none of nothing", () => {
    expect(percentOf(1n, 3n)).toBe(33.3);
    expect(percentOf(-50n, 200n)).toBe(-25);
    expect(percentOf(50n, -200n)).toBe(25);
    expect(percentOf(5n, 0n)).toBeUndefined();
    expect(formatPercent(12)).toBe("+12.0 %");
    expect(formatPercent(undefined)).toBe("new");
  });
});
