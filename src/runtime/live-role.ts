import { messageOf, PluginError } from "../base/errors.ts";
import type { Bag } from "../base/bag.ts";
import type { RoleManifest } from "../base/manifest.ts";
import type { OwnInstance } from "../base/port.ts";
import type { Role } from "../base/roles.ts";
import type { PluginContext } from "../plugin-api/index.ts";
import { checkConfig } from "./plugin-config.ts";
import type { CompiledSchema } from "./schemas.ts";
import { placeInStack } from "./source-place.ts";
import { method } from "./spelling.ts";

/** What is known of an agent or a backend when it has been read. */
export interface RoleSource {
  readonly role: Role;
  readonly manifest: RoleManifest;
  readonly object: unknown;
  /** Makes another one of it. */
  readonly construct: ((options?: Bag) => unknown) | undefined;
  readonly schema: CompiledSchema | undefined;
  readonly file: string | undefined;
}

/** What it needs to be initialised. */
export interface RoleSetup {
  /** Of the plugin whose file it is in. */
  readonly config: Bag;
  readonly context: PluginContext;
  configOf(name: string): Promise<Bag>;
}

export interface RoleInstance {
  readonly object: unknown;
  /** What it was initialised with. */
  readonly config: Bag;
}

/** An agent or a backend, and its instances: the plugin's own, and those with options of their own. */
export class LiveRole {
  readonly role: Role;
  readonly manifest: RoleManifest;
  readonly #source: RoleSource;
  readonly #more = new Map<string, Promise<RoleInstance>>();
  #setup: RoleSetup | undefined;
  #first: Promise<RoleInstance> | undefined;

  constructor(source: RoleSource) {
    this.#source = source;
    this.role = source.role;
    this.manifest = source.manifest;
  }

  /** `initialize` of the plugin's own instance; the same promise for everybody. Rejects with a `PluginError`. */
  async begin(setup: RoleSetup): Promise<void> {
    this.#setup = setup;
    this.#first ??= this.#initialize(this.#source.object, setup, {});
    await this.#first;
  }

  /** Whoever asks for one with options gets the same one until it is ended. */
  async instance(own: OwnInstance | undefined): Promise<RoleInstance> {
    const setup = this.#setup;
    if (setup === undefined || this.#first === undefined) {
      throw new PluginError("load", `'${this.manifest.name}' is not loaded`);
    }
    if (own === undefined) return this.#first;
    const { id, options } = own;
    const known = this.#more.get(id);
    if (known !== undefined) return known;
    const made = this.#construct(setup, options);
    this.#more.set(id, made);
    // The next one who asks tries anew.
    made.catch(() => this.#more.delete(id));
    return made;
  }

  /** Ends one that has options of its own. */
  async end(id: string): Promise<void> {
    const made = this.#more.get(id);
    this.#more.delete(id);
    if (made !== undefined) await this.#shutdown((await made).object);
  }

  /** Ends all. What fails does not keep the others from being ended. */
  async shutdown(): Promise<void> {
    const ends = [...this.#more.keys()].toReversed().map((id) => this.end(id));
    const outcomes = await Promise.allSettled(ends);
    const own = this.#first;
    this.#first = undefined;
    if (own !== undefined) {
      outcomes.push(...(await Promise.allSettled([this.#shutdown(this.#source.object)])));
    }
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    if (failure !== undefined) throw failure.reason;
  }

  async #construct(setup: RoleSetup, options: Bag): Promise<RoleInstance> {
    const { construct, manifest } = this.#source;
    if (construct === undefined) {
      throw new PluginError(
        "create",
        `'${manifest.name}' is one object and no class, so that there can be no instance with options of its own`,
      );
    }
    const object = this.#run("create", "constructor", () => construct(options));
    return this.#initialize(await object, setup, options);
  }

  async #initialize(object: unknown, setup: RoleSetup, options: Bag): Promise<RoleInstance> {
    const { name } = this.manifest;
    const given = { ...setup.config, ...(await setup.configOf(name)), ...options };
    const config = await checkConfig(name, given, this.#source.schema);
    const initialize = method(object, "initialize");
    if (initialize !== undefined) {
      await this.#run("load", "initialize", () => initialize(config, setup.context));
    }
    return { object, config };
  }

  async #shutdown(object: unknown): Promise<void> {
    const names = this.role === "storage_backend" ? ["shutdown", "close"] : ["shutdown"];
    for (const name of names) {
      const end = method(object, name);
      if (end !== undefined) await this.#run("serve", name, () => end());
    }
  }

  async #run(
    stage: "create" | "load" | "serve",
    what: string,
    run: () => unknown,
  ): Promise<unknown> {
    try {
      return await run();
    } catch (cause) {
      const at = placeInStack(cause, this.#source.file);
      const { className, name } = this.manifest;
      throw new PluginError(stage, `${className ?? name}.${what} threw: ${messageOf(cause)}`, {
        cause,
        problem: { code: "unhandled_error", ...(at !== undefined && { at }) },
      });
    }
  }
}
