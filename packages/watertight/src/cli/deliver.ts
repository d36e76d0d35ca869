import type { Report } from "../report.ts";
import type { PlaceOptions } from "../reporters/place.ts";
import { replaceFile } from "./replace-file.ts";
import type { ReportFile } from "./report-files.ts";
import { FORMATS } from "./report-formats.ts";

/** A report that could not be made or written, in one sentence. */
export type Failure = string;

/** Does one thing of several that must not stop each other; answers the failure, if there is one. */
export async function attempt(
  what: string,
  act: () => Promise<void> | void,
): Promise<readonly Failure[]> {
  try {
    await act();
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`${what} is missing: ${reason.replaceAll(/\s+/g, " ")}`];
  }
}

/** Makes and writes each report on its own; answers which of them failed, and why. */
export async function writeReports(
  report: Report,
  files: readonly ReportFile[],
  options: PlaceOptions & { readonly print: (text: string) => void },
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const { format, path } of files) {
    const name = path === "-" ? `The ${format} report` : `The ${format} report ${path}`;
    const missing = await attempt(name, async () => {
      const text = FORMATS[format].render(report, options);
      if (path === "-") options.print(text);
      else await replaceFile(path, text);
    });
    failures.push(...missing);
  }
  return failures;
}
