import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** How a store was last used: from which start of the machine on, how safely, and whether it was closed. */
export interface MachineSession {
  /** What the system calls the time since it started; `null` where it has no name for it. */
  readonly bootId: string | null;
  readonly durability: "process" | "power";
  readonly isClosed: boolean;
}

/** Answers the session that the folder was last used in; `undefined` if there was none that can be read. */
export function readSession(folder: string): MachineSession | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "session.json"), "utf8")) as MachineSession;
  } catch {
    return undefined;
  }
}

/** Writes the session so that the machine may stop at any moment. */
export function writeSession(folder: string, session: MachineSession): void {
  const path = join(folder, "session.json");
  const file = openSync(`${path}.new`, "w");
  try {
    writeSync(file, JSON.stringify(session));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}

/** Answers what tells this start of the machine from every other. */
export function readBootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return null;
  }
}

/** Says whether the machine stopped while records were not on its disk yet. */
export function mayHaveLost(session: MachineSession | undefined, bootId: string | null): boolean {
  if (session === undefined || session.isClosed || session.durability === "power") return false;
  return session.bootId !== bootId;
}
