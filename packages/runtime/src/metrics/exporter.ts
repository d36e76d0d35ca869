/** What a runtime is now, in numbers that name nobody. */
export interface Gauges {
  readonly users: number;
  readonly connections: number;
  readonly runs: number;
}

/** Writes a runtime's numbers in a form that a monitoring system reads. */
export interface MetricsExporter {
  readonly contentType: string;
  render(): Promise<string>;
}
