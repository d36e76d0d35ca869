import { expect, it } from "vitest";
import { checkInstruments } from "../../src/suite/self-check.ts";

it("the instruments work on this machine: an echo is innocent, a shout is not", async () => {
  await expect(checkInstruments()).resolves.toBeUndefined();
});
