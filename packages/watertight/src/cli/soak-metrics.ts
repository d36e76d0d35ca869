import type { Report } from "../report.ts";
import { renderPrometheus } from "../reporters/prometheus.ts";
import { soakOf } from "../suite/soak-report.ts";

/** A report in Prometheus' text format: what every run measures, and what only a soak does. */
export function renderMetrics(report: Report): string {
  return renderPrometheus(report) + renderSoakMetrics(report);
}

/** Empty for any other report; what is not there was not measured. */
function renderSoakMetrics(report: Report): string {
  const soak = soakOf(report);
  if (soak === undefined) return "";
  const { played, latency, windows, perHour } = soak;
  const last = windows.at(-1);
  const label = { target: report.target.label };
  const quantiles: readonly (readonly [string, number])[] = [
    ["0.5", latency.p50],
    ["0.9", latency.p90],
    ["0.99", latency.p99],
  ];
  return [
    gauge("watertight_soak_windows", "Windows played to their end.", [[label, played]]),
    gauge(
      "watertight_soak_response_seconds",
      "Time of an operation over all windows.",
      latency.count === 0
        ? []
        : quantiles.map(([quantile, ms]) => [{ ...label, quantile }, ms / 1000]),
    ),
    gauge(
      "watertight_soak_memory_bytes",
      "Objects and buffers of the target in use after the last window, after forced collection.",
      typeof last?.memoryBytes === "number" ? [[label, last.memoryBytes]] : [],
    ),
    gauge(
      "watertight_soak_memory_slope_bytes_per_hour",
      "Slope of a line through the memory after the windows.",
      perHour === null ? [] : [[label, perHour.slope]],
    ),
    gauge(
      "watertight_soak_suite_bytes",
      "Resident memory of the suite itself after the last window.",
      last === undefined ? [] : [[label, last.suiteBytes]],
    ),
  ].join("");
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
    return `${name}{${pairs.join(",")}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
