/**
 * Amounts are integers in millionths of the account's currency, so that any two ways of adding
 * the same lines give the same sum to the last digit.
 */
export type Micros = number;

const MICROS_PER_UNIT = 1_000_000;

export const micros = (units: number): Micros => Math.round(units * MICROS_PER_UNIT);

export const toUnits = (amount: Micros): number => amount / MICROS_PER_UNIT;

/** `1234567` → `"1.2345670000"`, nothing → `"0"`, as Cost Explorer prints. */
export function formatAmount(amount: Micros): string {
  if (amount === 0) return "0";
  const sign = amount < 0 ? "-" : "";
  const digits = Math.abs(amount).toString().padStart(7, "0");
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}0000`;
}

/** `"6020.0"`, `"85.25"`: how Budgets prints. */
export function formatSpend(amount: Micros): string {
  const [whole = "0", decimals = ""] = formatAmount(amount).split(".");
  return `${whole}.${decimals.replace(/0+$/, "") || "0"}`;
}

const STEPS = [5, 2, 1] as const;

/** The nearest amount that a person would type, at most 0.2 % away. */
export function roundToTypedAmount(amount: Micros): Micros {
  const coarsest = amount * 0.004;
  const scale = 10 ** Math.floor(Math.log10(Math.max(coarsest, 1)));
  const step = scale * (STEPS.find((factor) => factor * scale <= coarsest) ?? 1);
  return Math.round(amount / step) * step;
}
