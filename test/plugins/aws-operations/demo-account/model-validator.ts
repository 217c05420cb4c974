import { gunzipSync } from "node:zlib";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseXml, type Element } from "./xml.ts";

/** The published models lie beside the repository, not in it. */
export const MODELS = fileURLToPath(
  new URL("../../../../../shared/data/aws-models/", import.meta.url),
);

export const hasModels = existsSync(MODELS);

/** A shape where another one uses it, under the name it has there on the wire. */
interface Use {
  readonly shape: string;
  readonly locationName?: string;
}

interface ModelShape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, Use>>;
  readonly member?: Use;
  readonly key?: Use;
  readonly value?: Use;
  readonly union?: boolean;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
}

export interface Model {
  readonly metadata: {
    readonly apiVersion: string;
    /** The first of those that the service speaks; what may be CBOR is JSON 1.0 here. */
    readonly protocol: "ec2" | "json" | "query" | "rest-json" | "smithy-rpc-v2-cbor";
    readonly xmlNamespace?: string;
  };
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly http: { readonly method: string; readonly requestUri: string };
        readonly output?: { readonly shape: string; readonly resultWrapper?: string };
        readonly errors?: readonly { readonly shape: string }[];
      }
    >
  >;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

export function loadModel(file: string): Model {
  return JSON.parse(gunzipSync(readFileSync(`${MODELS}${file}.json.gz`)).toString()) as Model;
}

/** What is wrong with the body of an operation's answer; empty if nothing is. */
export function answerProblems(model: Model, operation: string, body: string): string[] {
  const output = model.operations[operation]?.output;
  if (output === undefined) return [`${operation}: not in the model`];
  const { protocol } = model.metadata;
  if (protocol !== "ec2" && protocol !== "query") {
    return problemsOf(model, output.shape, JSON.parse(body));
  }
  const document = parseXml(body);
  if (document.name !== `${operation}Response`) return [`${operation}: in <${document.name}>`];
  const namespace = /xmlns="([^"]*)"/.exec(body)?.[1];
  const expected = `/doc/${model.metadata.apiVersion}/`;
  if (!namespace?.endsWith(expected)) return [`${operation}: in the namespace ${namespace}`];
  const result =
    output.resultWrapper === undefined
      ? { ...document, children: document.children.filter(({ name }) => name !== "requestId") }
      : document.children.find(({ name }) => name === output.resultWrapper);
  if (result === undefined) return [`${operation}: without <${output.resultWrapper}>`];
  return problemsOf(model, output.shape, fromXml(model, output.shape, result));
}

/** What JSON would carry where the model expects `element`. What it does not expect stays, by name. */
function fromXml(model: Model, name: string, element: Element): unknown {
  const shape = model.shapes[name];
  const { children, text } = element;
  if (shape === undefined) return text;
  switch (shape.type) {
    case "structure": {
      const members = Object.entries(shape.members ?? {});
      return Object.fromEntries(
        children.map((child): [string, unknown] => {
          const member = members.find(
            ([memberName, { locationName = memberName }]) => locationName === child.name,
          );
          return member === undefined
            ? [`<${child.name}>`, child.text]
            : [member[0], fromXml(model, member[1].shape, child)];
        }),
      );
    }
    case "list": {
      const { shape: member = "", locationName = "member" } = shape.member ?? {};
      const odd = children.find((child) => child.name !== locationName);
      if (odd !== undefined) return `<${odd.name}> in a list`;
      return children.map((child) => fromXml(model, member, child));
    }
    case "map":
      return Object.fromEntries(
        children.map(({ children: [key, value] }) => [
          key?.text,
          value === undefined ? undefined : fromXml(model, shape.value?.shape ?? "", value),
        ]),
      );
    case "integer":
    case "long":
    case "double":
    case "float":
      return text === "" ? text : Number(text);
    case "boolean":
      return text === "true" || (text === "false" ? false : text);
    default:
      return text;
  }
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
      return timestampProblems(model, value, path);
    case "blob":
      return typeof value === "string" && isBase64(value) ? [] : [`${path}: not in base64`];
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
  if (shape.union && given.length !== 1) return [`${path}: a union of ${given.length} members`];
  return [
    ...missing.map((name) => `${path}: lacks ${name}`),
    ...given.flatMap(([name, item]) => {
      const member = members[name];
      if (member === undefined) return [`${path}: has an unknown member ${name}`];
      return problemsOf(model, member.shape, item, `${path}.${name}`);
    }),
  ];
}

function timestampProblems({ metadata }: Model, value: unknown, path: string): string[] {
  if (metadata.protocol === "json" || metadata.protocol === "smithy-rpc-v2-cbor") {
    return typeof value === "number" && value > 1e8 && value < 1e10
      ? []
      : [`${path}: not a time in epoch seconds`];
  }
  return typeof value === "string" && ISO_TIME.test(value) && !Number.isNaN(Date.parse(value))
    ? []
    : [`${path}: not a time in ISO 8601`];
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

const isBase64 = (text: string): boolean => Buffer.from(text, "base64").toString("base64") === text;

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
  new RegExp(`^(?:${pattern.replaceAll("(?i)", "")})$`, pattern.includes("\\p{") ? "su" : "s");

function rangeProblems(shape: ModelShape, value: number, path: string): string[] {
  const problems: string[] = [];
  if (shape.min !== undefined && value < shape.min) problems.push(`${path}: under ${shape.min}`);
  if (shape.max !== undefined && value > shape.max) problems.push(`${path}: over ${shape.max}`);
  return problems;
}
