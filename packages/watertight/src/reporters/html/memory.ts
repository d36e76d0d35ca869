import type { Report } from "../../report.ts";
import { renderAfterLeaving, renderConnected } from "./charts/memory-charts.ts";
import { type Content, markup } from "./markup.ts";
import { section } from "./parts.ts";

/** What memory did with users who are there, and with users who left. */
export function renderMemory({ memory }: Report): Content {
  if (memory === null) return undefined;
  const { perUser, perUserLeft } = memory;
  const connected = memory.connected.toSorted((a, b) => a.users - b.users);
  const afterLeaving = memory.afterLeaving.toSorted((a, b) => a.users - b.users);
  if (connected.length + afterLeaving.length === 0) {
    return section("memory", "Memory", markup`<p>No memory was measured.</p>`);
  }
  return section(
    "memory",
    "Memory",
    markup`<div class="charts">
${connected.length > 0 && renderConnected(connected, perUser)}${afterLeaving.length > 0 && renderAfterLeaving(afterLeaving, perUserLeft)}</div>`,
  );
}
