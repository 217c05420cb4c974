/**
 * An amount of money in units of 10^-12: AWS writes amounts as long decimal strings, and adding thousands of them as
 * floating-point numbers, or rounding each, would show in the cents.
 */
export type Money = bigint;

const digits = 12;
const one = 10n ** BigInt(digits);

/** Reads `12.3400000001`, `-0.5` or `1.2E-7`. Undefined if it is not a number. Rounds half away from zero. */
export function parseMoney(text: string): Money | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole = "0", fraction = "", exponent = "0"] = match;
  const scale = digits - fraction.length + Number(exponent);
  const value = BigInt(whole + fraction);
  const scaled =
    scale >= 0 ? value * 10n ** BigInt(scale) : divideRounded(value, 10n ** BigInt(-scale));
  return sign === "-" ? -scaled : scaled;
}

export function moneyFromNumber(value: number): Money {
  return parseMoney(value.toFixed(digits)) ?? 0n;
}

/** Rounded to cents; amounts below a cent keep six digits, so that they do not look like nothing. */
export function toNumber(money: Money): number {
  const cent = one / 100n;
  const step = money > -cent && money < cent ? one / 1_000_000n : cent;
  const rounded = money < 0n ? -divideRounded(-money, step) : divideRounded(money, step);
  return Number(rounded) / Number(one / step);
}

/** A share of one amount in another, in percent with one decimal; undefined if there is nothing to compare with. */
export function percentOf(part: Money, whole: Money): number | undefined {
  if (whole === 0n) return undefined;
  return Math.round(Number((part * 10_000n) / absolute(whole)) / 10) / 10;
}

export function sum(amounts: Iterable<Money>): Money {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

export function byAmountFalling(left: Money, right: Money): number {
  if (left === right) return 0;
  return left > right ? -1 : 1;
}

export function absolute(money: Money): Money {
  return money < 0n ? -money : money;
}

/** `$1,234.50`, `-$3.00`, `1,234.50 CNY`: the unit is the amount's own. */
export function formatMoney(amount: number, unit: string): string {
  const magnitude = Math.abs(amount);
  const decimals = magnitude > 0 && magnitude < 0.01 ? 6 : 2;
  const text = magnitude.toLocaleString("en-US", {
    minimumFractionDigits: decimals === 2 ? 2 : 0,
    maximumFractionDigits: decimals,
  });
  const sign = amount < 0 ? "-" : "";
  return unit === "USD" ? `${sign}$${text}` : `${sign}${text} ${unit}`;
}

/** `+$3.00`, `-$3.00`: of a change. */
export function signed(amount: number, unit: string): string {
  return `${amount > 0 ? "+" : ""}${formatMoney(amount, unit)}`;
}

/** `+12.5 %`; `new` where there was nothing before. */
export function formatPercent(percent: number | undefined): string {
  if (percent === undefined) return "new";
  return `${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;
}

function divideRounded(value: bigint, by: bigint): bigint {
  return (value + by / 2n) / by;
}
