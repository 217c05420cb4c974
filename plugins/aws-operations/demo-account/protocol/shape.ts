import { Refusal } from "./errors.ts";

/**
 * What a request member may be. `read` returns the value as the operation sees it, adds what AWS
 * would complain about to `problems`, and throws only for a value of the wrong JSON type.
 * Unknown members of a structure are ignored, as AWS ignores them.
 */
export interface Shape<T> {
  readonly read: (value: unknown, path: string, problems: string[]) => T;
  readonly required?: boolean;
}

type RequiredShape<T> = Shape<T> & { readonly required: true };
type Members = Readonly<Record<string, Shape<unknown>>>;
export type Infer<S> = S extends Shape<infer T> ? T : never;
type Structure<M extends Members> = {
  readonly [K in keyof M as M[K] extends { readonly required: true } ? K : never]: Infer<M[K]>;
} & {
  readonly [K in keyof M as M[K] extends { readonly required: true } ? never : K]?:
    | Infer<M[K]>
    | undefined;
};

export const required = <T>(shape: Shape<T>): RequiredShape<T> => ({ ...shape, required: true });

interface TextLimits {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
}

export function text({ min = 0, max = Infinity, pattern }: TextLimits = {}): Shape<string> {
  return {
    read(value, path, problems) {
      if (typeof value !== "string") throw wrongType(value, "String");
      const complain = complaint(value, path, problems);
      if (value.length < min) complain(`have length greater than or equal to ${min}`);
      if (value.length > max) complain(`have length less than or equal to ${max}`);
      if (pattern !== undefined && !new RegExp(`^(?:${pattern.source})$`, "u").test(value)) {
        complain(`satisfy regular expression pattern: ${pattern.source}`);
      }
      return value;
    },
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Shape<T> {
  const isMember = (value: string): value is T => values.some((known) => known === value);
  return {
    read(value, path, problems) {
      if (typeof value !== "string") throw wrongType(value, "String");
      if (isMember(value)) return value;
      complaint(value, path, problems)(`satisfy enum value set: [${values.join(", ")}]`);
      // The request is refused once all of it has been read.
      return value as T;
    },
  };
}

export function integer({ min = -Infinity, max = Infinity } = {}): Shape<number> {
  return {
    read(value, path, problems) {
      if (!Number.isInteger(value)) throw wrongType(value, "Integer");
      return inRange(Number(value), { min, max }, complaint(value, path, problems));
    },
  };
}

export const double: Shape<number> = {
  read(value) {
    if (typeof value !== "number") throw wrongType(value, "Double");
    return value;
  },
};

/** A time in epoch seconds, as JSON carries it. */
export const timestamp: Shape<Date> = {
  read(value) {
    const time = new Date(typeof value === "number" ? value * 1000 : Number.NaN);
    if (Number.isNaN(time.getTime())) throw wrongType(value, "Date");
    return time;
  },
};

export const boolean: Shape<boolean> = {
  read(value) {
    if (typeof value !== "boolean") throw wrongType(value, "Boolean");
    return value;
  },
};

/** An integer in a form or a query, where every value is text. */
export function integerText(limits: { min?: number; max?: number } = {}): Shape<number> {
  const { read } = integer(limits);
  return {
    read: (value, path, problems) =>
      read(
        typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
        path,
        problems,
      ),
  };
}

/** As `integerText`, for `true` and `false`. */
export const booleanText: Shape<boolean> = {
  read: (value, path, problems) =>
    boolean.read(value === "true" || (value === "false" ? false : value), path, problems),
};

export function list<T>(member: Shape<T>, { min = 0, max = Infinity } = {}): Shape<readonly T[]> {
  return {
    read(value, path, problems) {
      if (!Array.isArray(value)) throw wrongType(value, "List");
      const complain = complaint(JSON.stringify(value), path, problems);
      if (value.length < min) complain(`have length greater than or equal to ${min}`);
      if (value.length > max) complain(`have length less than or equal to ${max}`);
      return value.map((item: unknown, index) =>
        member.read(item, `${path}.${index + 1}.member`, problems),
      );
    },
  };
}

export function structure<const M extends Members>(members: M): Shape<Structure<M>> {
  return {
    read(value, path, problems) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw wrongType(value, "Structure");
      }
      const given: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
      const read: Record<string, unknown> = {};
      for (const [name, shape] of Object.entries(members)) {
        const memberPath = path === "" ? lowerFirst(name) : `${path}.${lowerFirst(name)}`;
        const member = given.get(name) ?? undefined;
        if (member !== undefined) read[name] = shape.read(member, memberPath, problems);
        else if (shape.required === true) {
          problems.push(
            `Value null at '${memberPath}' failed to satisfy constraint: Member must not be null`,
          );
        }
      }
      return read as Structure<M>;
    },
  };
}

/** Any names, each with a value of one shape. */
export function map<T>(member: Shape<T>): Shape<ReadonlyMap<string, T>> {
  return {
    read(value, path, problems) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw wrongType(value, "Map");
      }
      return new Map(
        Object.entries(value).map(([name, item]: [string, unknown]) => [
          name,
          member.read(item, `${path}.${name}`, problems),
        ]),
      );
    },
  };
}

/** A shape that refers to itself. */
export const lazy = <T>(make: () => Shape<T>): Shape<T> => ({
  read: (value, path, problems) => make().read(value, path, problems),
});

/** Reads a whole request, or throws one refusal that lists everything that is wrong. */
export function readRequest<T>(shape: Shape<T>, value: unknown): T {
  const problems: string[] = [];
  const request = shape.read(value, "", problems);
  if (problems.length === 0) return request;
  const count = `${problems.length} validation error${problems.length === 1 ? "" : "s"} detected`;
  throw new Refusal("invalid", `${count}: ${problems.join("; ")}`);
}

type Complain = (constraint: string) => void;

const complaint =
  (value: unknown, path: string, problems: string[]): Complain =>
  (constraint) => {
    problems.push(
      `Value '${String(value)}' at '${path}' failed to satisfy constraint: Member must ${constraint}`,
    );
  };

function inRange(value: number, limits: { min: number; max: number }, complain: Complain): number {
  if (value < limits.min) complain(`have value greater than or equal to ${limits.min}`);
  if (value > limits.max) complain(`have value less than or equal to ${limits.max}`);
  return value;
}

function wrongType(value: unknown, expected: string): Refusal {
  const actual = value === null ? "NULL_VALUE" : (typeof value).toUpperCase();
  return new Refusal("malformed", `${actual} can not be converted to a ${expected}`);
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
