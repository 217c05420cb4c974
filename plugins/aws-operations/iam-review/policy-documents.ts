/** How much a policy allows. */
export interface Reach {
  /** Every action on everything. */
  readonly everything: boolean;
  /** Services of which it allows every action on everything: `s3`. */
  readonly services: readonly string[];
  /** True if that holds only under a condition. */
  readonly conditional: boolean;
}

const nothing: Reach = { everything: false, services: [], conditional: false };

/** What a policy allows on everything. It cannot be read: undefined. Denials are not taken into account. */
export function reachOf(encoded: string | undefined): Reach | undefined {
  const statements = statementsIn(encoded);
  if (statements === undefined) return undefined;
  const wide = statements.flatMap((one) => {
    const reach = one["Effect"] === "Allow" && isEverywhere(one) ? actionsOf(one) : undefined;
    return reach === undefined ? [] : [{ ...reach, conditional: one["Condition"] !== undefined }];
  });
  const unconditional = wide.filter(({ conditional }) => !conditional);
  const full = wide.some(({ everything }) => everything);
  const fullFreely = unconditional.some(({ everything }) => everything);
  if (full) return { everything: true, services: [], conditional: !fullFreely };
  const services = [...new Set(wide.flatMap((one) => one.services))];
  if (services.length === 0) return nothing;
  return { everything: false, services, conditional: unconditional.length === 0 };
}

/** Who a role trusts, in words: `service lambda.amazonaws.com`, `account 111122223333`. */
export interface Trusted {
  readonly kind: string;
  readonly id: string;
  readonly conditional: boolean;
}

export function trustedBy(encoded: string | undefined): readonly Trusted[] | undefined {
  return statementsIn(encoded)?.flatMap((one) => {
    if (one["Effect"] !== "Allow") return [];
    const conditional = one["Condition"] !== undefined;
    const principal = one["Principal"];
    if (principal === "*") return [{ kind: "AWS", id: "*", conditional }];
    return Object.entries(isRecord(principal) ? principal : {}).flatMap(([kind, ids]) =>
      texts(ids).map((id) => ({ kind, id, conditional })),
    );
  });
}

type Statement = Readonly<Record<string, unknown>>;

/** The statements of a document, which IAM gives URL-encoded. */
function statementsIn(encoded: string | undefined): readonly Statement[] | undefined {
  try {
    const document = JSON.parse(decodeURIComponent(encoded ?? "")) as unknown;
    if (!isRecord(document)) return undefined;
    const { Statement: statements } = document;
    const all: readonly unknown[] = Array.isArray(statements) ? statements : [statements];
    return all.filter(isRecord);
  } catch {
    return undefined;
  }
}

function isEverywhere(statement: Statement): boolean {
  // All resources but some are as good as all.
  if (statement["NotResource"] !== undefined) return true;
  return texts(statement["Resource"]).includes("*");
}

function actionsOf(statement: Statement): Omit<Reach, "conditional"> {
  // All actions but some: iam:PassRole may be among the rest, and so may everything else.
  if (statement["NotAction"] !== undefined) {
    const left = texts(statement["NotAction"]).map((one) => one.split(":")[0]);
    return { everything: false, services: [`all but ${[...new Set(left)].join(", ")}`] };
  }
  const actions = texts(statement["Action"]);
  return {
    everything: actions.some((one) => /^\*(:\*)?$/.test(one)),
    services: actions.flatMap((one) => /^([\w-]+):\*+$/.exec(one)?.[1]?.toLowerCase() ?? []),
  };
}

function texts(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one) => typeof one === "string");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
