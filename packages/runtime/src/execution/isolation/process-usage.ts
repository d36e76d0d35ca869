import { readFileSync } from "node:fs";

/** What a process has used of its machine. */
export interface ProcessUsage {
  readonly cpuMs: number;
  readonly memoryMb: number;
}

/** Linux counts the time of processes in hundredths of a second, whatever the machine. */
const MS_PER_TICK = 10;

/** Says whether this system tells what a process has used. */
export function canMeasureProcesses(): boolean {
  return process.platform === "linux";
}

/** What the process has used; `undefined` if it is gone. */
export function readProcessUsage(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the process, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const residentKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuMs: ticks * MS_PER_TICK, memoryMb: residentKb / 1024 };
  } catch {
    return undefined;
  }
}
