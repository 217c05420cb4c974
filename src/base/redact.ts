const MASK = "[redacted]";
const SECRET_KEY =
  /pass(?:word|wd)?$|secret|token$|authorization|api[_-]?key|access[_-]?key|credential|private[_-]?key|webhook|cookie|[_-](?:key|auth|pat)$/iu;
/** What names a secret in a query, where names are shorter. */
const SECRET_PARAM = /^(?:key|auth|sig|signature|pat|pwd|jwt|sas)$/iu;
/** A part of a path that nobody has made up: long, with letters and digits in one piece. */
const RANDOM_PART = /^(?=.*\d)(?=.*[a-z])(?=.*[a-z\d]{12})[\w~=-]{16,}$/iu;
const PATTERNS: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/gu,
  // Bounded and never begun inside a token: whoever chooses the text must not choose the time it takes.
  /(?<![\w-])eyJ[\w-]{8,2048}\.[\w-]{8,8192}\.[\w-]{8,2048}/gu,
  /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|$)/gu,
  /\bBearer\s{1,8}[\w.~+/=-]{8,8192}/giu,
  /\baws_secret_access_key\s{0,8}[=:]\s{0,8}\S{1,256}/giu,
];
const SHORTEST_SECRET = 8;

/**
 * Removes secrets from what leaves the host: values it was told, and what looks like a key.
 * One instance serves the whole process; values are never forgotten.
 */
export class Redactor {
  /** Longest first: one that begins with another must not leave its end behind. */
  #values: readonly string[] = [];

  /** Remembers a secret; values under 8 characters are too likely to be ordinary words. */
  add(value: string | undefined): void {
    if (value === undefined || value.length < SHORTEST_SECRET) return;
    // As it stands, and as it stands inside JSON.
    const forms = [...this.#values, value, JSON.stringify(value).slice(1, -1)];
    this.#values = [...new Set(forms)].toSorted((a, b) => b.length - a.length);
  }

  /** Remembers every string under a key that names a secret, and the secrets inside of addresses. */
  addFrom(value: unknown, key = ""): void {
    if (typeof value === "string") {
      for (const secret of SECRET_KEY.test(key) ? spellings(value) : secretsInUrl(value)) {
        this.add(secret);
      }
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
    const bag = value as Readonly<Record<string, unknown>>;
    let copy: [string, unknown][] | undefined;
    for (const [index, key] of Object.keys(bag).entries()) {
      const [cleanKey, cleanChild] = [this.text(key), this.json(bag[key])];
      if (cleanKey !== key || cleanChild !== bag[key]) copy ??= Object.entries(bag).slice(0, index);
      copy?.push([cleanKey, cleanChild]);
    }
    return copy === undefined ? value : (Object.fromEntries(copy) as T);
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

/** A header carries a scheme before its secret, and whoever repeats the secret may leave it away. */
function spellings(value: string): readonly string[] {
  const bare = /^[A-Za-z]+ +(?<bare>\S+)$/u.exec(value)?.groups?.["bare"];
  return bare === undefined ? [value] : [value, bare];
}

/** `postgres://user:password@…`, `https://…?api_key=…`, `https://hooks.example.com/T0K3N…` */
function secretsInUrl(text: string): readonly string[] {
  if (!text.includes("://")) return [];
  // Databases have addresses with several hosts, which are no URLs.
  const password = /:\/\/[^:/?#]*:(?<password>[^@/?#]*)@/u.exec(text)?.groups?.["password"] ?? "";
  const passwords = [password, decoded(password)];
  if (!URL.canParse(text)) return passwords;
  const { searchParams, pathname } = new URL(text);
  const named = [...searchParams]
    .filter(([name]) => SECRET_KEY.test(name) || SECRET_PARAM.test(name))
    .flatMap(([, value]) => [value, encodeURIComponent(value)]);
  return [...passwords, ...named, ...pathname.split("/").filter((part) => RANDOM_PART.test(part))];
}

/** As the other side sees it, and may name it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
