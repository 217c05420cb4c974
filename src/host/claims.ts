import type { Quarantined } from "../base/manifest.ts";
import { ROLES, type Role } from "../base/roles.ts";

type Kind = "tool" | "prompt" | "resource" | Role;

/** What is published under its names, and what could not be. */
export class Claims<T extends { readonly plugin: string }> {
  readonly entries = new Map<string, T>();
  readonly #kind: Kind;
  /** The first name of those that differ in capitals alone, by what they have in common. */
  readonly #alike = new Map<string, string>();

  constructor(kind: Kind) {
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
    const kind = this.#kind;
    const words = isRole(kind) ? ROLES[kind].words : kind;
    const help = isRole(kind)
      ? "Give one of them another name"
      : `Set "prefix" on one of them: plugins.${owner}.prefix`;
    const reason =
      first.plugin === owner
        ? `two ${words}s of plugin '${owner}' have the public name '${name}'`
        : `plugin '${owner}' declares the ${words} '${name}'${like}, which plugin '${first.plugin}' already provides. ${help}`;
    refused.push({ kind, name, reason });
  }
}

function isRole(kind: Kind): kind is Role {
  return Object.hasOwn(ROLES, kind);
}
