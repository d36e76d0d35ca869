import { describe, expect, it } from "vitest";
import { resolveConfig } from "../../src/config/resolve-config.ts";

const good = { target: { command: "node server.js" }, agents: { answers: { agent: "echo" } } };

describe("a config", () => {
  it("gets its defaults and absolute paths", () => {
    const config = resolveConfig(good, "/project");

    expect(config).toMatchObject({ users: 50, releaseWithinMs: 5000, share: [], only: [] });
    expect(config.target).toMatchObject({ kind: "command", cwd: "/project" });
    expect(config.agents).toMatchObject({ webSocket: "/ws", deathWithinMs: 5000 });
    expect(config.classes.manager).toBe("WebSocketManager");
    expect(config.limits.memoryPerUserBytes).toBe(1_048_576);
  });

  it("with a typo in a key is refused with the key that was meant", () => {
    expect(() => resolveConfig({ ...good, agent: {} }, "/")).toThrow("did you mean `agents`?");
    expect(() => resolveConfig({ ...good, target: { comand: "x" } }, "/")).toThrow(
      "did you mean `command`?",
    );
    expect(() => resolveConfig({ ...good, agents: { anwsers: {} } }, "/")).toThrow(
      "did you mean `answers`?",
    );
    expect(() => resolveConfig({ ...good, limits: { memoryPerUserByte: 1 } }, "/")).toThrow(
      "did you mean `memoryPerUserBytes`?",
    );
  });

  it.each([
    ["a list", [], "Expected `config` to be an object, got an array"],
    ["no target", { agents: good.agents }, "Expected `target` to be an object"],
    ["a target without a command", { ...good, target: {} }, "`target.command`"],
    ["nothing to do", { target: good.target }, "one of `agents` or `scenario`"],
    ["two things to do", { ...good, scenario: async () => {} }, "got both"],
    ["a text for a number", { ...good, users: "50" }, 'whole number of at least 2, got "50"'],
    ["one user", { ...good, users: 1 }, "whole number of at least 2, got 1"],
    ["half a user", { ...good, users: 2.5 }, "whole number of at least 2, got 2.5"],
    ["no address", { ...good, target: { command: "x", url: "3000" } }, "http://127.0.0.1:3000"],
    ["an agent without a name", { ...good, agents: { answers: {} } }, "`agents.answers.agent`"],
    ["a scenario for a module", { target: { components: "x" }, scenario() {} }, "no `scenario`"],
    ["agents that don't answer", { ...good, agents: {} }, "`agents.answers`"],
  ])("with %s is refused", (_, value, message) => {
    expect(() => resolveConfig(value, "/")).toThrow(message);
  });

  it("of components brings agents of its own", () => {
    const config = resolveConfig({ target: { components: "./components.ts" } }, "/project");

    expect(config.target).toMatchObject({
      kind: "components",
      components: "/project/components.ts",
    });
    expect(config.agents?.answers.agent).toBe("echo");
  });
});
