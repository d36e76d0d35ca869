import { createDeferred } from "../internal/deferred.ts";

/**
 * Holds everybody who arrives until all who are still taking part have arrived, then lets all go in
 * the same tick. Whoever is done must `leave`, or the others wait for ever.
 */
export class Barrier {
  #parties: number;
  #waiting = 0;
  #gate = createDeferred<void>();

  constructor(parties: number) {
    this.#parties = parties;
  }

  arrive(): Promise<void> {
    const gate = this.#gate.promise;
    this.#waiting += 1;
    this.#openIfComplete();
    return gate;
  }

  leave(): void {
    this.#parties -= 1;
    this.#openIfComplete();
  }

  #openIfComplete(): void {
    if (this.#waiting === 0 || this.#waiting < this.#parties) return;
    const gate = this.#gate;
    this.#waiting = 0;
    this.#gate = createDeferred<void>();
    gate.resolve();
  }
}
