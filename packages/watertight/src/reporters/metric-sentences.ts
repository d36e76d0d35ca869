import type { Metrics } from "../report.ts";

/** The five metrics of a run, a short sentence each; one that was not measured says so. */
export function metricSentences(metrics: Metrics): readonly string[] {
  const { isolation, routing, memory, responseTime, incidents } = metrics;
  return [
    isolation === null
      ? "Isolation not measured"
      : `Isolation ${isolation.isolatedUsers}/${isolation.users} users`,
    routing === null
      ? "Routing not measured"
      : `Routing ${percent(routing.correct, routing.total)} of ${count(routing.total)} events`,
    memory === null ? "Memory not measured" : `Memory ${memory.mbPerUser.toFixed(2)} MB/user`,
    responseTime === null
      ? "Response time not measured"
      : `Response time ${responseTime.soloMs.toFixed(1)} ms alone, ×${(responseTime.loadedMs / responseTime.soloMs).toFixed(1)} with all at once`,
    incidents === null
      ? "Races not measured"
      : `${rate(incidents.count, incidents.operations)} races per 1,000 operations`,
  ];
}

/** Never rounded up to 100: one misrouted event in a million is not "100 %". */
function percent(part: number, whole: number): string {
  if (part === whole) return "100 %";
  return `${(Math.floor((part / whole) * 10_000) / 100).toFixed(2)} %`;
}

function rate(incidents: number, operations: number): string {
  const value = (incidents / operations) * 1000;
  if (incidents === 0) return "0";
  return value < 0.01 ? "less than 0.01" : value.toFixed(value < 10 ? 2 : 0);
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
