const MASK = "[redacted]";
const SECRET_KEY =
  /pass(word|wd)?$|secret|token$|authorization|api_?key|access_?key|credential|private_?key|webhook/iu;
const PATTERNS: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/gu,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}\b/gu,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gu,
  /\bBearer\s+[\w.~+/=-]{8,}/giu,
  /\baws_secret_access_key\s*[=:]\s*\S+/giu,
];
const SHORTEST_SECRET = 8;

/**
 * Removes secrets from what leaves the host: values it was told, and what looks like a key.
 * One instance serves the whole process; values are never forgotten.
 */
export class Redactor {
  readonly #values = new Set<string>();

  /** Remembers a secret; values under 8 characters are too likely to be ordinary words. */
  add(value: string | undefined): void {
    if (value !== undefined && value.length >= SHORTEST_SECRET) this.#values.add(value);
  }

  /** Remembers every string under a key that names a secret. */
  addFrom(value: unknown, key = ""): void {
    if (typeof value === "string") {
      if (SECRET_KEY.test(key)) this.add(value);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    for (const [name, child] of Object.entries(value)) {
      this.addFrom(child, Array.isArray(value) ? key : name);
    }
  }

  text(text: string): string {
    let clean = text;
    for (const value of this.#values) {
      if (clean.includes(value)) clean = clean.replaceAll(value, MASK);
    }
    // Most text holds none of the marks that every pattern needs; the check is cheaper than five scans.
    if (!/AKIA|ASIA|eyJ|PRIVATE KEY|bearer|aws_secret/iu.test(clean)) return clean;
    for (const pattern of PATTERNS) clean = clean.replace(pattern, MASK);
    return clean;
  }

  /** A copy with every string cleaned; the same object where nothing was found. */
  json<T>(value: T): T {
    if (typeof value === "string") return this.text(value) as T;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      const cleaned = value.map((item: unknown) => this.json(item));
      return cleaned.some((item, index) => item !== value[index]) ? (cleaned as T) : value;
    }
    let copy: Record<string, unknown> | undefined;
    for (const [key, child] of Object.entries(value)) {
      const cleaned = this.json(child as unknown);
      if (cleaned === child) continue;
      copy ??= { ...(value as Record<string, unknown>) };
      copy[key] = cleaned;
    }
    return (copy ?? value) as T;
  }

  /** As {@link json}, and masks values under keys that name a secret: for log fields. */
  fields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const clean: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(fields)) {
      clean[key] = SECRET_KEY.test(key) && value !== undefined ? MASK : this.json(value);
    }
    return clean;
  }
}
