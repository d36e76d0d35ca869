import type { Holder } from "../finding.ts";

/** What the heap says of one class of components while all users are connected. */
export interface ClassCensus {
  /** Live instances of the class. */
  readonly instances: number;
  /** Per instance, the names of the users whose data can be reached from it. */
  readonly usersPerInstance: readonly (readonly string[])[];
  /** Users whose data can be reached from the class itself: its statics and its module's variables. */
  readonly staticHolders: readonly Holder[];
  /** Places below several instances that hold data of several users. */
  readonly sharedState: readonly Holder[];
}

/** What can be seen inside the target's process. */
export interface Witness {
  /** Why the process can't be looked into; `undefined` if it can. */
  readonly blindness: string | undefined;
  /** Variables that hold data of two or more users now, the most telling first. */
  readonly holders: () => Promise<readonly Holder[]>;
  /** Counts the instances of some classes now, by class name. */
  readonly census: (classNames: readonly string[]) => Promise<ReadonlyMap<string, ClassCensus>>;
  /** Memory in use after forced collection, in bytes. */
  readonly memory: () => Promise<number>;
}
