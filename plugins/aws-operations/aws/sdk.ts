import { createRequire } from "node:module";
import type { OperationOf, Service } from "./services.ts";

interface Modules {
  readonly ce: typeof import("@aws-sdk/client-cost-explorer");
  readonly budgets: typeof import("@aws-sdk/client-budgets");
  readonly sts: typeof import("@aws-sdk/client-sts");
  readonly health: typeof import("@aws-sdk/client-health");
  readonly cloudwatch: typeof import("@aws-sdk/client-cloudwatch");
  readonly "access-analyzer": typeof import("@aws-sdk/client-accessanalyzer");
  readonly iam: typeof import("@aws-sdk/client-iam");
  readonly ec2: typeof import("@aws-sdk/client-ec2");
  readonly cloudtrail: typeof import("@aws-sdk/client-cloudtrail");
}

type CommandOf<S extends Service, Op extends OperationOf<S>> = Modules[S] extends {
  readonly [Name in `${Op}Command`]: infer Command extends abstract new (...args: never) => unknown;
}
  ? InstanceType<Command>
  : never;

/** What an operation takes, as the SDK has it. */
export type InputOf<S extends Service, Op extends OperationOf<S>> =
  CommandOf<S, Op> extends { readonly input: infer Input } ? Input : never;

/** What an operation answers, page by page, as the SDK has it. */
export type OutputOf<S extends Service, Op extends OperationOf<S>> =
  CommandOf<S, Op> extends {
    resolveMiddleware(
      ...args: never
    ): (...args: never) => Promise<{ readonly output: infer Output }>;
  }
    ? Output
    : never;

export interface SdkClient {
  readonly config: {
    readonly requestHandler: unknown;
    credentials(...args: unknown[]): Promise<{ accessKeyId: string }>;
  };
  send(command: unknown, options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
  destroy(): void;
}

type NewClient = new (config: object) => SdkClient;
type NewCommand = new (input: unknown) => unknown;

const clients: {
  readonly [S in Service]: readonly [name: string, load: () => Promise<Modules[S]>];
} = {
  ce: ["CostExplorer", () => import("@aws-sdk/client-cost-explorer")],
  budgets: ["Budgets", () => import("@aws-sdk/client-budgets")],
  sts: ["STS", () => import("@aws-sdk/client-sts")],
  health: ["Health", () => import("@aws-sdk/client-health")],
  cloudwatch: ["CloudWatch", () => import("@aws-sdk/client-cloudwatch")],
  "access-analyzer": ["AccessAnalyzer", () => import("@aws-sdk/client-accessanalyzer")],
  iam: ["IAM", () => import("@aws-sdk/client-iam")],
  // By far the largest: `import` would analyse all of it for names, which doubles the time.
  ec2: [
    "EC2",
    () => Promise.resolve(createRequire(import.meta.url)("@aws-sdk/client-ec2") as Modules["ec2"]),
  ],
  cloudtrail: ["CloudTrail", () => import("@aws-sdk/client-cloudtrail")],
};

/** A service's part of the SDK. Loading one takes 50 to 300 ms and 15 to 80 MB. */
export interface Sdk {
  readonly Client: NewClient;
  command(operation: string): NewCommand;
}

/** Loads a service's part of the SDK; rejects with `ERR_MODULE_NOT_FOUND` if it is not installed. */
export async function loadSdk(service: Service): Promise<Sdk> {
  const [name, load] = clients[service];
  const module = (await load()) as unknown as Readonly<Record<string, NewClient & NewCommand>>;
  const exported = (key: string): NewClient & NewCommand => {
    const found = module[key];
    if (found === undefined) throw new Error(`The SDK of ${service} has no ${key}`);
    return found;
  };
  return {
    Client: exported(`${name}Client`),
    command: (operation) => exported(`${operation}Command`),
  };
}
