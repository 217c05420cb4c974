import type {
  AgentPlugin,
  Handler,
  IntentCategory,
  Logger,
  PluginContext,
  PluginInfo,
  PluginOptions,
  PromptDefinition,
  ResourceDefinition,
  ToolConfig,
} from "agentflow-mcp/plugin";
import { z } from "zod";
import { AwsAnswers } from "./answer/aws-answers.ts";
import { takingProfiles } from "./answer/call-profile.ts";
import { AwsApi } from "./aws/api.ts";
import { SessionCosts } from "./aws/session-costs.ts";
import { resourcesFor } from "./aws-resources.ts";
import { type AwsParts, isOffered, promptsFor, toolsFor } from "./aws-tools.ts";
import { getAwsCategories } from "./categories.ts";
import {
  type AWSOperationsConfig,
  configSchema,
  configSlips,
  connectionsOf,
} from "./config/index.ts";
import { CostsWatch } from "./costs-watch.ts";
import { AWSBillingHandler } from "./cost-analysis/billing-handler.ts";
import { AWSCostExplorer } from "./cost-explorer/aws-cost-explorer.ts";
import { AWSSecurityAnalyzer } from "./security/aws-security-analyzer.ts";
import { AWSSecurityHandler } from "./security-scan/security-handler.ts";
import { AWSHealthChecker } from "./service-health/aws-health-checker.ts";
import { AWSOutageHandler } from "./service-health/outage-handler.ts";
import { awsError, isToolError } from "./aws/errors.ts";
import { AWSResourceHandler } from "./resource-inventory/resource-handler.ts";

export const info: PluginInfo = {
  name: "aws_operations",
  version: "1.2.0",
  description: "AWS operations and management plugin",
  author: "AgentFlow Community",
  requires: [
    "agentflow-mcp>=0.1.0",
    "@aws-sdk/client-cost-explorer@^3.1138.0",
    "@aws-sdk/client-budgets@^3.1124.0",
    "@aws-sdk/client-sts@^3.1169.0",
    "@aws-sdk/client-health@^3.1047.0",
    "@aws-sdk/client-cloudwatch@^3.1162.0",
    "@aws-sdk/client-accessanalyzer@^3.1080.0",
    "@aws-sdk/client-cloudtrail@^3.1137.0",
    "@aws-sdk/client-ec2@^3.1169.0",
    "@aws-sdk/client-iam@^3.1169.0",
    "@aws-sdk/credential-providers@^3.1169.0",
  ],
  categories: ["cloud", "infrastructure", "billing"],
  permissions: ["aws:read", "aws:analyze"],
};

/** What `createPlugin` takes: the settings of `configSchema`, at the top level or in `config`. */
export interface AWSOperationsOptions extends PluginOptions {
  readonly awsAccessKey?: string;
  readonly awsSecretKey?: string;
  readonly awsSessionToken?: string;
  /** Default `us-east-1`. */
  readonly awsRegion?: string;
  /** Accounts that calls may name, by the names they are given here. */
  readonly profiles?: Readonly<Record<string, object>>;
  /** URL used for every service instead of AWS. */
  readonly endpoint?: string;
  /** ISO 8601 time that fixes the clock. */
  readonly now?: string;
  /** A clock of the caller's own; wins over `now`. */
  readonly clock?: () => Date;
  /** Default true. */
  readonly checkCredentials?: boolean;
}

/** How long after loading the credentials are checked, unless a call comes first. */
const checkDelayMs = 1000;

/** AWS operations: what was spent and on what, what is down, what is exposed, who may do what. */
export class AWSOperationsPlugin implements AgentPlugin {
  readonly config: AWSOperationsConfig;
  readonly costExplorer: AWSCostExplorer;
  readonly billingHandler: AWSBillingHandler;
  readonly outageHandler: AWSOutageHandler;
  readonly resourceHandler: AWSResourceHandler;
  readonly securityHandler: AWSSecurityHandler;
  #timer: NodeJS.Timeout | undefined;
  #check: (() => void) | undefined;
  readonly #unloading = new AbortController();
  readonly #parts: AwsParts;
  readonly #costsWatch: CostsWatch;

  constructor({ clock, config, ...options }: AWSOperationsOptions = {}) {
    this.config = parseConfig({ ...config, ...options });
    const { now } = this.config;
    const fixed = now === undefined ? undefined : () => new Date(now);
    const today = clock ?? fixed ?? (() => new Date());
    const costs = new SessionCosts({
      clock: today,
      dailyBudgetUsd: this.config.billingConfig.dailyRequestBudgetUsd ?? undefined,
      onChange: () => this.#costsWatch.changed(),
    });
    this.#costsWatch = new CostsWatch(costs);
    const api = new AwsApi({ ...connectionsOf(this.config), clock: today, costs });
    const answers = new AwsAnswers({
      api,
      onAnswer: () => this.#check?.(),
      offers: (tool) => isOffered(tool, this.config),
    });
    this.costExplorer = new AWSCostExplorer({ api });
    this.billingHandler = new AWSBillingHandler({
      costExplorer: this.costExplorer,
      config: this.config.billingConfig,
      answers,
    });
    this.outageHandler = new AWSOutageHandler({
      healthChecker: new AWSHealthChecker({ api }),
      config: this.config.outageConfig,
      answers,
    });
    this.resourceHandler = new AWSResourceHandler({ api, config: this.config, answers });
    const securityAnalyzer = new AWSSecurityAnalyzer({ api });
    this.securityHandler = new AWSSecurityHandler({
      securityAnalyzer,
      config: this.config.securityConfig,
      regions: this.config.regions,
      answers,
    });
    const { costExplorer } = this;
    this.#parts = { api, answers, costExplorer, securityAnalyzer, config: this.config };
  }

  getPluginInfo(): PluginInfo {
    return info;
  }

  getIntentCategories(): IntentCategory[] {
    return getAwsCategories();
  }

  getHandlers(): Handler[] {
    const handlers: Handler[] = [
      this.billingHandler,
      this.outageHandler,
      this.securityHandler,
      this.resourceHandler,
    ];
    return handlers.map((handler) => takingProfiles(handler, this.#parts.api.profiles));
  }

  getPrompts(): Readonly<Record<string, PromptDefinition>> {
    return promptsFor(this.#parts);
  }

  getResources(): Readonly<Record<string, ResourceDefinition>> {
    return resourcesFor(this.#parts.api.costs);
  }

  getToolsConfig(): Readonly<Record<string, ToolConfig>> {
    return toolsFor(this.#parts);
  }

  /**
   * Has the credentials checked in the background, a second later or after the first call: loading the SDK takes as
   * long as a start of the whole server, and a client that only lists the tools needs neither.
   */
  async onPluginLoad(context: PluginContext): Promise<void> {
    const { log } = context;
    for (const slip of configSlips(this.config)) log.warn(slip);
    if (this.config.checkCredentials) {
      this.#check = () => {
        this.#check = undefined;
        clearTimeout(this.#timer);
        void this.#verify(log);
      };
      this.#timer = setTimeout(() => this.#check?.(), checkDelayMs).unref();
    }
    await this.#costsWatch.start(context);
  }

  /** Aborts what runs and closes the connections. */
  async onPluginUnload(): Promise<void> {
    this.#check = undefined;
    clearTimeout(this.#timer);
    this.#costsWatch.stop();
    this.#unloading.abort(awsError("CANCELLED", "The plugin is being unloaded."));
    await this.costExplorer.close();
  }

  async #verify(log: Logger): Promise<void> {
    const { region } = this.costExplorer;
    try {
      const { account, arn } = await this.costExplorer.verifyCredentials({
        signal: this.#unloading.signal,
      });
      log.info("AWS credentials work", { account, arn, region });
    } catch (error) {
      if (this.#unloading.signal.aborted) return;
      const known = isToolError(error);
      log.warn(
        `AWS credentials do not work: ${known ? error.message : "the check failed"}`,
        known ? { code: error.code, region } : { region, error },
      );
    }
  }
}

/** The factory that the host calls. */
export function createPlugin(options: AWSOperationsOptions = {}): AWSOperationsPlugin {
  return new AWSOperationsPlugin(options);
}

function parseConfig(settings: Record<string, unknown>): AWSOperationsConfig {
  const result = configSchema.safeParse(settings);
  if (result.success) return result.data;
  throw new Error(`aws_operations: ${z.prettifyError(result.error)}`);
}
