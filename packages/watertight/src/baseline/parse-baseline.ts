import { ToolError } from "../errors.ts";
import type { Baseline, BaselineFinding, BaselineNumber, BaselineRun } from "./baseline.ts";

type Fields = Readonly<Record<string, unknown>>;

const SHOWN_CHARACTERS = 60;

/**
 * Reads the text of a baseline file; keys that it does not know are kept. Throws
 * WT_BASELINE_UNREADABLE with the place that is wrong: cut off, of a newer version, or a field that
 * is missing or of another type.
 */
export function parseBaseline(text: string, path: string): Baseline {
  const reader = new Reader(path);
  const file = reader.record(reader.json(text), "a baseline");
  const { version } = file;
  if (typeof version === "number" && version > 1) {
    throw reader.refuse(`of version 1, got version ${version}, which a newer watertight wrote`);
  }
  if (version !== 1) throw reader.refuse(`with "version": 1, got ${show(version)}`);
  return {
    ...file,
    version,
    findings: reader
      .list(file, "findings")
      .map((entry, place) => readFinding(reader, entry, place)),
    numbers: reader.list(file, "numbers").map((entry, place) => readNumber(reader, entry, place)),
  };
}

function readFinding(reader: Reader, value: unknown, place: number): BaselineFinding {
  const where = `findings[${place}]`;
  const entry = reader.record(value, where);
  const { place: variable } = entry;
  return {
    ...entry,
    id: reader.text(entry, "id", where),
    check: reader.text(entry, "check", where),
    kind: reader.text(entry, "kind", where),
    title: reader.text(entry, "title", where),
    reason: reader.text(entry, "reason", where),
    ...(variable === undefined ? {} : { place: reader.text(entry, "place", where) }),
  };
}

function readNumber(reader: Reader, value: unknown, place: number): BaselineNumber {
  const where = `numbers[${place}]`;
  const entry = reader.record(value, where);
  const { unit } = entry;
  if (unit !== "×" && unit !== "B") {
    throw reader.refuse(`with ${where}.unit "×" or "B", got ${show(unit)}`);
  }
  const runs = reader.list(entry, "runs", where).map((run, index): BaselineRun => {
    const at = `${where}.runs[${index}]`;
    const fields = reader.record(run, at);
    return {
      ...fields,
      value: reader.number(fields, "value", at),
      low: reader.number(fields, "low", at),
      high: reader.number(fields, "high", at),
      node: reader.text(fields, "node", at),
      platform: reader.text(fields, "platform", at),
    };
  });
  return { ...entry, name: reader.text(entry, "name", where), unit, runs };
}

/** Takes values apart, and names the place where one is not what it should be. */
class Reader {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  json(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      const found = text.trim() === "" ? "an empty file" : (cause as Error).message;
      throw this.refuse(`JSON, got: ${found}. It may have been cut off, or hold a merge`);
    }
  }

  record(value: unknown, where: string): Fields {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Fields;
    }
    throw this.refuse(`with an object as ${where}, got ${show(value)}`);
  }

  list(fields: Fields, key: string, where?: string): readonly unknown[] {
    const value = fields[key];
    if (Array.isArray(value)) return value;
    throw this.refuse(`with a list as ${pathOf(key, where)}, got ${show(value)}`);
  }

  text(fields: Fields, key: string, where: string): string {
    const value = fields[key];
    if (typeof value === "string") return value;
    throw this.refuse(`with a text as ${pathOf(key, where)}, got ${show(value)}`);
  }

  number(fields: Fields, key: string, where: string): number {
    const value = fields[key];
    if (typeof value === "number") return value;
    throw this.refuse(`with a number as ${pathOf(key, where)}, got ${show(value)}`);
  }

  refuse(problem: string): ToolError {
    return new ToolError(
      "WT_BASELINE_UNREADABLE",
      `Expected the baseline ${this.#path} to be ${problem}. The file is as it was: correct it, or move it away and make a new one with --update-baseline.`,
    );
  }
}

function pathOf(key: string, where: string | undefined): string {
  return where === undefined ? key : `${where}.${key}`;
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, SHOWN_CHARACTERS);
}
