/** A list of listeners to one thing that happens. Knows nothing of what happens. */

/** Listeners to one kind of event. */
export interface Listeners<Value> {
  /** Adds a listener; returns the function that takes it away. */
  add(listener: (value: Value) => void): () => void;
  /** Calls every listener. */
  tell(value: Value): void;
}

/** An empty list of listeners. */
export function listeners<Value>(): Listeners<Value> {
  const all = new Set<(value: Value) => void>();
  return {
    add(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
    tell(value) {
      for (const listener of all) listener(value);
    },
  };
}
