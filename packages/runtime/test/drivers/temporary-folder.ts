import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that is gone with the test; `fast` means in memory, if the system has such a place. */
export class TemporaryFolder implements Disposable {
  readonly path: string;

  constructor(kind: "disk" | "fast" = "disk") {
    const base = kind === "fast" && existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
    this.path = mkdtempSync(join(base, "watertight-"));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
