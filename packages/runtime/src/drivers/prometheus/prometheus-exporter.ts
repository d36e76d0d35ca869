import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Gauges, MetricsExporter } from "../../metrics/exporter.ts";
import type { Counts, Monitor } from "../../metrics/monitor.ts";

const PREFIX = "watertight_";
const SECONDS = Object.freeze([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
/** Upper bounds of the classes of user counts that response times are told by. */
const USER_CLASSES = Object.freeze([1, 5, 10, 20, 50, 100, 1000, 10_000]);

/**
 * Exports a runtime's numbers to Prometheus, from a registry of its own: the library's default one is
 * shared by all of a process. No label has a user, thread or run in it. The first five are the
 * metrics of isolation: success rate, memory per user, response time by number of users, routing
 * accuracy, incidents per 1,000 operations.
 */
export function createPrometheusExporter(monitor: Monitor, gauges: () => Gauges): MetricsExporter {
  const registry = new Registry();
  exportIsolation(registry, monitor, gauges);
  exportResponseTime(registry, monitor);
  exportCounts(registry, monitor);
  exportGauges(registry, gauges);
  return Object.freeze({
    contentType: registry.contentType,
    render: () => registry.metrics(),
  });
}

function exportIsolation(registry: Registry, monitor: Monitor, gauges: () => Gauges): void {
  gauge(registry, "isolation_success_ratio", "Operations that stayed with their user.", () => {
    const { FOREIGN_OWNER = 0, INCIDENT_REPORTED = 0 } = monitor.counts.alarms;
    return 1 - ratio(FOREIGN_OWNER + INCIDENT_REPORTED, operations(monitor.counts));
  });
  gauge(registry, "memory_megabytes_per_user", "Resident memory by users who are here.", () => {
    return process.memoryUsage.rss() / 1024 / 1024 / Math.max(1, gauges().users);
  });
  gauge(registry, "event_routing_accuracy_ratio", "Events that are in their user's log.", () => {
    const { delivered, queued, refused } = monitor.counts.events;
    return 1 - ratio(refused, delivered + queued + refused);
  });
  gauge(registry, "concurrency_incidents_per_1000", "Alarms by 1,000 operations.", () => {
    const incidents = Object.values(monitor.counts.alarms).reduce((sum, count) => sum + count, 0);
    return 1000 * ratio(incidents, operations(monitor.counts));
  });
}

function exportResponseTime(registry: Registry, monitor: Monitor): void {
  const histogram = new Histogram({
    name: `${PREFIX}response_seconds`,
    help: "From the start of a run to its first event, by how many users were here at most.",
    labelNames: ["users"],
    buckets: [...SECONDS],
    // Users hold the monitor, which holds this listener: it must not lead to who is here.
    registers: [],
  });
  registry.registerMetric(histogram);
  monitor.onFirstEvent((tookMs) => {
    const most = USER_CLASSES.find((bound) => monitor.users <= bound);
    histogram.observe({ users: most ?? "+Inf" }, tookMs / 1000);
  });
}

function exportCounts(registry: Registry, { counts }: Monitor): void {
  counter(registry, "events_total", "Events published, by what became of them.", "status", () => {
    return Object.entries(counts.events);
  });
  counter(registry, "alarms_total", "Alarms raised.", "alarm", () => Object.entries(counts.alarms));
  counter(
    registry,
    "connections_closed_total",
    "Lines closed, by code; 0: by the peer.",
    "code",
    () => Object.entries(counts.closes),
  );
  counter(registry, "admissions_refused_total", "Requests turned away.", "status", () =>
    Object.entries(counts.refusedAdmissions),
  );
  const runs = new Counter({
    name: `${PREFIX}runs_total`,
    help: "Runs that ended, by agent and how.",
    labelNames: ["agent", "status"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [name, count] of Object.entries(counts.runs)) {
        const at = name.lastIndexOf(" ");
        this.inc({ agent: name.slice(0, at), status: name.slice(at + 1) }, count);
      }
    },
  });
  registry.registerMetric(runs);
}

function exportGauges(registry: Registry, gauges: () => Gauges): void {
  gauge(registry, "users", "Users who are here.", () => gauges().users);
  gauge(registry, "connections", "Lines that are open.", () => gauges().connections);
  gauge(registry, "runs", "Runs that have not ended.", () => gauges().runs);
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const metric = new Gauge({
    name: `${PREFIX}${name}`,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
  registry.registerMetric(metric);
}

function counter(
  registry: Registry,
  name: string,
  help: string,
  ...[label, read]: [string, () => readonly (readonly [string, number])[]]
): void {
  const metric = new Counter({
    name: `${PREFIX}${name}`,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of read()) this.inc({ [label]: value }, count);
    },
  });
  registry.registerMetric(metric);
}

function operations({ events, runsStarted }: Counts): number {
  return events.delivered + events.queued + events.refused + runsStarted;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, part / whole);
}
