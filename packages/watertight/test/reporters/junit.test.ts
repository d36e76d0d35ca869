import { describe, expect, it } from "vitest";
import { renderJunit } from "../../src/reporters/junit.ts";
import { comparedReport, hostileReport, knownReport } from "./changed-report.ts";
import {
  broadcastReport,
  inconclusiveReport,
  passedReport,
  singleLeakReport,
} from "./sample-report.ts";

/** Reads XML strictly; throws where it is not well-formed. Answers elements with their attributes and text. */
function readXml(
  xml: string,
): { name: string; attributes: Record<string, string>; text: string }[] {
  const elements: { name: string; attributes: Record<string, string>; text: string }[] = [];
  const open: (typeof elements)[number][] = [];
  let rest = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  while (rest !== "") {
    const tag = /^<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/.exec(rest);
    const text = /^[^<]+/.exec(rest)?.[0];
    if (tag === null && text === undefined) throw new Error(`not XML: ${rest.slice(0, 80)}`);
    rest = rest.slice((tag?.[0] ?? text ?? "").length);
    if (tag === null) {
      const last = open.at(-1);
      if (last !== undefined) last.text += decode(text ?? "");
      continue;
    }
    const [, end, name = "", attributes = "", isEmpty] = tag;
    if (end === "/") {
      expect(open.pop()?.name).toBe(name);
      continue;
    }
    const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)];
    const element = {
      name,
      attributes: Object.fromEntries(pairs.map(([, key = "", value = ""]) => [key, decode(value)])),
      text: "",
    };
    elements.push(element);
    if (isEmpty !== "/") open.push(element);
  }
  expect(open).toEqual([]);
  return elements;
}

function decode(text: string): string {
  // oxlint-disable-next-line no-control-regex -- XML 1.0 has no such characters
  expect(text).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|&(?!#\d+;)|]]>/);
  expect(text).not.toMatch(/\p{Cs}/u);
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

function namesOf(xml: string): string[] {
  return readXml(xml).map(({ name }) => name);
}

describe("JUnit XML", () => {
  it("has a suite for each category and a case for each check", () => {
    const elements = readXml(renderJunit(passedReport()));
    const suites = elements.filter(({ name }) => name === "testsuite");
    const cases = elements.filter(({ name }) => name === "testcase");

    expect(suites.map(({ attributes }) => attributes["name"])).toEqual([
      "1 Concurrent user execution isolation",
      "2 WebSocket event user isolation",
      "3 Factory pattern validation",
    ]);
    expect(cases.map(({ attributes }) => attributes["name"]?.slice(0, 3))).toEqual([
      "1.1",
      "1.2",
      "1.3",
      "2.1",
      "2.2",
      "3.1",
      "3.2",
      "3.3",
    ]);
    expect(elements[0]?.attributes).toMatchObject({ tests: "8", failures: "0", errors: "0" });
  });

  it("counts what it holds, in each suite as in all of them", () => {
    const elements = readXml(renderJunit(broadcastReport()));
    const failures = elements.filter(({ name }) => name === "failure").length;
    const suites = elements.filter(({ name }) => name === "testsuite");

    expect(failures).toBe(6);
    expect(elements[0]?.attributes["failures"]).toBe("6");
    expect(suites.map(({ attributes }) => Number(attributes["failures"]))).toEqual([2, 2, 2]);
  });

  it("tells in a failure what the terminal tells, without the excerpt", () => {
    const failure = readXml(renderJunit(singleLeakReport())).find(({ name }) => name === "failure");

    expect(failure?.attributes["message"]).toContain("user-03 received 4 frames that belong to");
    expect(failure?.text).toContain("held in   examples/singleton-backend/src/web-socket-manager");
    expect(failure?.text).toContain("docs/fixes/shared-instance.md");
    expect(failure?.text).not.toContain("You asked me to remember");
  });

  it("makes an inconclusive check an error, so that it is never green", () => {
    const xml = renderJunit(inconclusiveReport());
    const errors = readXml(xml).filter(({ name }) => name === "error");

    expect(errors).toHaveLength(2);
    expect(errors[0]?.attributes["message"]).toMatch(/^inconclusive: Only 12 of 400 answers/);
    expect(readXml(xml)[0]?.attributes).toMatchObject({ errors: "2", failures: "0" });
  });

  it("skips what is known, and fails for what is new, worse or, if strict, stale", () => {
    expect(namesOf(renderJunit(knownReport()))).toContain("skipped");
    expect(namesOf(renderJunit(knownReport()))).not.toContain("failure");

    const failures = readXml(renderJunit(comparedReport({ strict: true })))
      .filter(({ name }) => name === "failure")
      .map(({ attributes }) => attributes["message"] ?? "");
    expect(failures[0]).toContain("user-01 and user-02 were swapped");
    expect(failures[1]).toMatch(/^worse: memory per user who left 900 \[850; 950\] B, before 44/);
    expect(failures[2]).toContain("not seen any more, though check 1.2 was made: an old one");
    expect(failures).toHaveLength(3);
  });

  it("stays XML whatever a target sent", () => {
    const errors = readXml(renderJunit(hostileReport())).filter(({ name }) => name === "error");

    expect(errors[0]?.attributes["message"]).toContain("<b x='1'>&amp; \"q\"");
  });

  it("would be refused by the reader of this test, were it not escaped", () => {
    expect(() => readXml("<a>&amp;</a>")).toThrow();
    expect(() => readXml("<a><b></a>")).toThrow();
  });
});
