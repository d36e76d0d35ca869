import { describe, expect, it } from "vitest";
import { notCovered } from "../../src/cli/not-covered.ts";
import { resolveConfig } from "../../src/config/resolve-config.ts";

const GAPS = {
  only: ["1.1"],
  hasShape: true,
  refusals: { count: 0, first: undefined },
  shared: new Set<string>(),
  blindness: undefined,
  complaints: [],
  others: [],
};
const MAIL = { mail: { kind: "smtp" } };

function sentences(config: object): readonly string[] {
  const scenario = async (): Promise<void> => {};
  return notCovered(resolveConfig({ scenario, ...config }, "/"), GAPS);
}

describe("what left the target unseen", () => {
  const target = { command: "node server.js" };
  const stranger = { url: "http://127.0.0.1:3000" };
  const logs = "What the server prints was not looked at.";

  it("is everything without sinks, and other places with them", () => {
    expect(sentences({ target })).toContain(
      "What the server sends elsewhere (mail, other servers) was not looked at.",
    );
    expect(sentences({ target, sinks: MAIL })).toContain(
      "What the server sends to other places than its sinks (mail) was not looked at.",
    );
  });

  it("is everything where nobody can tell the server of the sinks, and why", () => {
    expect(sentences({ target: stranger, sinks: MAIL })).toContain(
      "What the server sends elsewhere (mail, other servers) was not looked at: somebody else has started it, and can't be told of the sinks (mail).",
    );
    expect(sentences({ target: stranger })).toContain(
      "What the server sends elsewhere (mail, other servers) was not looked at.",
    );
  });

  it("includes what it prints where that can't be seen, or is of no interest", () => {
    expect(sentences({ target })).not.toContain(logs);
    expect(sentences({ target, logs: "ignore" })).toContain(logs);
    expect(sentences({ target: stranger })).toContain(logs);
  });
});
