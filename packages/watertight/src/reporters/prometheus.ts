import type { FindingKind } from "../finding.ts";
import type { Report } from "../report.ts";
import { allKinds } from "./kinds.ts";
import { checksOf, findingsOf, knownAs, verdictOf } from "./standing.ts";

/** Labels that every sample of a run carries. */
export type PrometheusLabels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels: PrometheusLabels;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const BYTES_PER_MB = 1024 * 1024;
const MS_PER_S = 1000;
const VERDICTS = Object.freeze(["passed", "failed", "inconclusive"] as const);

/**
 * The five metrics, checks by verdict, findings by kind, and what was measured under load, in
 * Prometheus' text format 0.0.4; all are gauges. What was not measured is not there: a missing
 * sample is no zero. `labels` are added to each sample.
 */
export function renderPrometheus(report: Report, labels: PrometheusLabels = {}): string {
  const metrics = [...runMetrics(report), ...fiveMetrics(report), ...loadMetrics(report)];
  const all = { target: report.target.label, ...labels };
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map((metric) => renderMetric(metric, all))
    .join("");
}

function runMetrics(report: Report): readonly Metric[] {
  const { startedAt, durationMs, users, tool, environment } = report;
  const checks = checksOf(report);
  const findings = findingsOf(report);
  const ended = (new Date(startedAt).getTime() + durationMs) / MS_PER_S;
  const all = [...findings, ...(report.exposed ?? [])];
  const of = (kind: FindingKind): number => all.filter((one) => one.kind === kind).length;
  const known = findings.filter((finding) => knownAs(report, finding) !== undefined).length;
  const info = { version: tool.version, node: environment.node };
  return [
    gauge("watertight_run_info", "The run, always 1.", [{ labels: info, value: 1 }]),
    gauge("watertight_run_ended_seconds", "When the run ended, Unix time.", one(ended)),
    gauge("watertight_run_duration_seconds", "How long the run took.", one(durationMs / MS_PER_S)),
    gauge("watertight_users", "Simulated users.", one(users)),
    gauge(
      "watertight_verdict",
      "1 for the verdict that the run counts for, 0 for the others.",
      VERDICTS.map((verdict) => sample({ verdict }, verdictOf(report) === verdict ? 1 : 0)),
    ),
    gauge(
      "watertight_checks",
      "Checks by verdict.",
      VERDICTS.map((verdict) =>
        sample({ verdict }, checks.filter((check) => check.verdict === verdict).length),
      ),
    ),
    gauge(
      "watertight_findings",
      "Findings by kind.",
      allKinds().map((kind) => sample({ kind }, of(kind))),
    ),
    gauge("watertight_known_findings", "Findings that the baseline has.", one(known)),
  ];
}

function fiveMetrics({ metrics }: Report): readonly Metric[] {
  const { isolation, routing, memory, responseTime, incidents } = metrics;
  return [
    gauge(
      "watertight_isolated_users_ratio",
      "Users who got and lost nothing to another, of all users.",
      share(isolation?.isolatedUsers, isolation?.users),
    ),
    gauge(
      "watertight_routed_events_ratio",
      "Events that reached only whom they were meant for, of all events.",
      share(routing?.correct, routing?.total),
    ),
    gauge(
      "watertight_memory_bytes_per_user",
      "Memory of the target per user.",
      one(memory === null ? undefined : memory.mbPerUser * BYTES_PER_MB),
    ),
    gauge("watertight_response_seconds", "Median time of an answer.", [
      ...one(milliseconds(responseTime?.soloMs), { load: "alone" }),
      ...one(milliseconds(responseTime?.loadedMs), { load: "all" }),
    ]),
    gauge(
      "watertight_incidents_ratio",
      "Lost, doubled, reordered or doubly executed operations, of all operations.",
      share(incidents?.count, incidents?.operations),
    ),
  ];
}

function loadMetrics({ performance, memory }: Report): readonly Metric[] {
  const quantiles = Object.freeze([
    ["0.5", "p50"],
    ["0.9", "p90"],
    ["0.99", "p99"],
  ] as const);
  const points = performance?.points ?? [];
  const bytes = "watertight_memory_slope_bytes";
  return [
    gauge(
      "watertight_load_response_seconds",
      "Time of an answer by users at once.",
      points.flatMap(({ users, latency }) =>
        quantiles.map(([quantile, rank]) =>
          sample({ users: String(users), quantile }, latency[rank] / MS_PER_S),
        ),
      ),
    ),
    gauge(
      "watertight_load_operations_per_second",
      "Operations per second by users at once.",
      points.map(({ users, perSecond }) => sample({ users: String(users) }, perSecond)),
    ),
    gauge(bytes, "Memory of the target per user, slope of a line through the measurements.", [
      ...one(memory?.perUser?.slope, { user: "connected" }),
      ...one(memory?.perUserLeft?.slope, { user: "left" }),
    ]),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, samples };
}

function sample(labels: PrometheusLabels, value: number): Sample {
  return { labels, value };
}

function one(value: number | undefined, labels: PrometheusLabels = {}): readonly Sample[] {
  return value === undefined || Number.isNaN(value) ? [] : [{ labels, value }];
}

function share(part: number | undefined, whole: number | undefined): readonly Sample[] {
  if (part === undefined || whole === undefined || whole === 0) return [];
  return one(part / whole);
}

function milliseconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / MS_PER_S;
}

function renderMetric({ name, help, samples }: Metric, all: PrometheusLabels): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries({ ...all, ...labels });
    const text = pairs.map(([key, label]) => `${key}="${escapeLabel(label)}"`).join(",");
    return `${name}{${text}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
