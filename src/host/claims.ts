import type { Quarantined } from "../base/manifest.ts";

/** What is published under its names, and what could not be. */
export class Claims<T extends { readonly plugin: string }> {
  readonly entries = new Map<string, T>();
  readonly #kind: "tool" | "prompt" | "resource";
  /** The first name of those that differ in capitals alone, by what they have in common. */
  readonly #alike = new Map<string, string>();

  constructor(kind: "tool" | "prompt" | "resource") {
    this.#kind = kind;
  }

  /** Publishes it, or adds it to what cannot be. */
  add(name: string, entry: T, refused: Quarantined[]): void {
    const folded = this.#kind === "resource" ? name : name.toLowerCase();
    const known = this.#alike.get(folded) ?? name;
    const first = this.entries.get(name) ?? this.entries.get(known);
    // Of one plugin, names may read alike; of two, nobody should take one for the other.
    if (first === undefined || (first.plugin === entry.plugin && !this.entries.has(name))) {
      this.entries.set(name, entry);
      if (known === name) this.#alike.set(folded, name);
      return;
    }
    const like = this.entries.has(name) ? "" : `, which reads like '${known}'`;
    const { plugin: owner } = entry;
    const reason =
      first.plugin === owner
        ? `two ${this.#kind}s of plugin '${owner}' have the public name '${name}'`
        : `plugin '${owner}' declares the ${this.#kind} '${name}'${like}, which plugin '${first.plugin}' already provides. ` +
          `Set "prefix" on one of them: plugins.${owner}.prefix`;
    refused.push({ kind: this.#kind, name, reason });
  }
}
