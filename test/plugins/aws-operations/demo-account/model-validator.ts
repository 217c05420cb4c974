import { gunzipSync } from "node:zlib";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The published models lie beside the repository, not in it. */
export const MODELS = fileURLToPath(
  new URL("../../../../../shared/data/aws-models/", import.meta.url),
);

export const hasModels = existsSync(MODELS);

interface ModelShape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
}

export interface Model {
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly input?: { readonly shape: string };
        readonly output?: { readonly shape: string };
        readonly errors?: readonly { readonly shape: string }[];
      }
    >
  >;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

export function loadModel(file: string): Model {
  return JSON.parse(gunzipSync(readFileSync(`${MODELS}${file}.json.gz`)).toString()) as Model;
}

/** What is wrong with a value that should have the shape `name`; empty if nothing is. */
export function problemsOf(model: Model, name: string, value: unknown, path = name): string[] {
  const shape = model.shapes[name];
  if (shape === undefined) return [`${path}: no shape ${name}`];
  switch (shape.type) {
    case "structure":
      return structureProblems(model, shape, value, path);
    case "list": {
      if (!Array.isArray(value)) return [`${path}: not a list`];
      const member = shape.member?.shape ?? "";
      return [
        ...rangeProblems(shape, value.length, `${path} (length)`),
        ...value.flatMap((item: unknown, index) =>
          problemsOf(model, member, item, `${path}[${index}]`),
        ),
      ];
    }
    case "map": {
      if (typeof value !== "object" || value === null) return [`${path}: not a map`];
      const problems: string[] = [];
      for (const [key, item] of Object.entries(value)) {
        problems.push(...problemsOf(model, shape.key?.shape ?? "", key, `${path} key ${key}`));
        problems.push(...problemsOf(model, shape.value?.shape ?? "", item, `${path}.${key}`));
      }
      return problems;
    }
    case "string":
      return textProblems(shape, value, path);
    case "boolean":
      return typeof value === "boolean" ? [] : [`${path}: not a boolean`];
    case "integer":
    case "long":
      return Number.isInteger(value)
        ? rangeProblems(shape, Number(value), path)
        : [`${path}: not an integer`];
    case "double":
    case "float":
      return typeof value === "number" ? rangeProblems(shape, value, path) : [`${path}: no number`];
    case "timestamp":
      // JSON 1.1 sends epoch seconds.
      return typeof value === "number" && value > 1e8 && value < 1e10
        ? []
        : [`${path}: not a time in epoch seconds`];
    default:
      return [`${path}: the validator does not know the type ${shape.type}`];
  }
}

function structureProblems(
  model: Model,
  shape: ModelShape,
  value: unknown,
  path: string,
): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${path}: not a structure`];
  }
  const members = shape.members ?? {};
  const given = Object.entries(value);
  const missing = (shape.required ?? []).filter((name) => !(name in value));
  return [
    ...missing.map((name) => `${path}: lacks ${name}`),
    ...given.flatMap(([name, item]) => {
      const member = members[name];
      if (member === undefined) return [`${path}: has an unknown member ${name}`];
      return problemsOf(model, member.shape, item, `${path}.${name}`);
    }),
  ];
}

function textProblems(shape: ModelShape, value: unknown, path: string): string[] {
  if (typeof value !== "string") return [`${path}: not a string`];
  const problems = rangeProblems(shape, value.length, `${path} (length)`);
  if (shape.enum !== undefined && !shape.enum.includes(value)) {
    problems.push(`${path}: "${value}" is not one of its values`);
  }
  if (shape.pattern !== undefined && !patternOf(shape.pattern).test(value)) {
    problems.push(`${path}: "${value}" does not match ${shape.pattern}`);
  }
  return problems;
}

/** The models' patterns are Java's, in which a leading `(?i)` inside a group is allowed. */
const patternOf = (pattern: string): RegExp =>
  new RegExp(`^(?:${pattern.replaceAll("(?i)", "")})$`, "s");

function rangeProblems(shape: ModelShape, value: number, path: string): string[] {
  const problems: string[] = [];
  if (shape.min !== undefined && value < shape.min) problems.push(`${path}: under ${shape.min}`);
  if (shape.max !== undefined && value > shape.max) problems.push(`${path}: over ${shape.max}`);
  return problems;
}
