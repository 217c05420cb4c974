/** How many want to hear of each thing: whoever tells of it hears of the first and of the last. */
export class Watches {
  readonly #counts = new Map<string, number>();

  /** Returns its own undo. */
  add(key: string, begin: () => void, end: () => void): () => void {
    const before = this.#counts.get(key) ?? 0;
    this.#counts.set(key, before + 1);
    if (before === 0) begin();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.#counts.get(key) ?? 1) - 1;
      if (left > 0) {
        this.#counts.set(key, left);
        return;
      }
      this.#counts.delete(key);
      end();
    };
  }
}
