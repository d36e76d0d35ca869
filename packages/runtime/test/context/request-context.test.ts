import { describe, expect, it } from "vitest";
import {
  checkRequest,
  createRequestContext,
  RequestContext,
} from "../../src/context/request-context.ts";
import { createUserContext } from "../../src/context/user-context.ts";

const user = createUserContext({ userId: "alice" });
const details = { threadId: "thread", runId: "run" };

describe("a request context", () => {
  it("is frozen all the way down but for the signal, which must be able to fire", () => {
    const { signal } = new AbortController();
    const request = createRequestContext(user, { ...details, signal, deadline: 5 });

    const open = Object.values(request).filter((value) => !Object.isFrozen(value));

    expect(Object.isFrozen(request)).toBe(true);
    expect(open).toEqual([signal]);
    expect(() => Object.assign(request, { runId: "other" })).toThrow(TypeError);
  });

  it("keeps nothing of the object that it was made from", () => {
    const mutable = { ...details };
    const request = createRequestContext(user, mutable);

    mutable.runId = "other";

    expect(request.runId).toBe("run");
  });

  it.each([
    ["threadId", { ...details, threadId: "a\u0000" }],
    ["runId", { ...details, runId: "" }],
  ])("refuses a bad %s", (name, bad) => {
    expect(() => createRequestContext(user, bad)).toThrow(name);
    expect(createRequestContext(user, details)).toMatchObject(details);
  });

  it("refuses a deadline that is no moment", () => {
    for (const deadline of [Number.NaN, Number.POSITIVE_INFINITY, "soon" as never]) {
      expect(() => createRequestContext(user, { ...details, deadline })).toThrow("deadline");
    }
    expect(createRequestContext(user, { ...details, deadline: 1 }).deadline).toBe(1);
  });

  it("is made for real users only, past the factory too", () => {
    const fake = Object.assign(Object.create(null), user) as typeof user;

    for (const make of [
      () => createRequestContext(fake, details),
      () => new RequestContext(fake, details),
    ]) {
      expect(make).toThrow(expect.objectContaining({ code: "WT_CONTEXT_FORGED" }));
    }
  });

  it("can't be forged by a look-alike", () => {
    const request = createRequestContext(user, details);
    const fake = Object.assign(Object.create(null), request) as RequestContext;

    expect(() => checkRequest(fake)).toThrow(
      expect.objectContaining({ code: "WT_CONTEXT_FORGED" }),
    );
    expect(checkRequest(request)).toBe(request);
  });
});
