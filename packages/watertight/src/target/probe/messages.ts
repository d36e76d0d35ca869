/** What the suite may ask of a probed process. */
export type ProbeQuestion =
  | { readonly id: number; readonly ask: "heap" | "heap and buffers"; readonly file: string }
  | { readonly id: number; readonly ask: "memory" }
  | { readonly id: number; readonly ask: "cpu" }
  | { readonly id: number; readonly ask: "delays" }
  | { readonly id: number; readonly ask: "resources" }
  | { readonly id: number; readonly ask: "listening" };

/** What a process has worked since it began, in milliseconds of its own clock. */
export interface CpuReading {
  readonly atMs: number;
  /** Processor time of all its threads. */
  readonly cpuMs: number;
  /** How long its event loop was not idle, whether it had a processor meanwhile or not. */
  readonly loopMs: number;
}

/** The first words of a probed process. */
export interface ProbeHello {
  readonly hello: {
    readonly pid: number;
    readonly node: string;
    /** One of several that share a port (`node:cluster`). */
    readonly isWorker: boolean;
  };
}

/** The answer to a question, or why there is none. */
export type ProbeAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

/** What a buffer of the process holds; its bytes are in no heap snapshot. */
export interface HeldBuffer {
  /** The number of the buffer's object in the snapshot that was taken with this list. */
  readonly nodeId: number;
  readonly canaries: readonly string[];
}

/** Splits a stream of text into its lines and hands each over as soon as it is whole. */
export function createLineReader(onLine: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}
