import { describe, expect, it } from "vitest";
import { addressIn, tellsAddress } from "../../src/target/told-address.ts";

const PORT = /port (?<port>\d+)/;
const URL_GROUP = /at (?<url>\S+)/;

describe("an expression that is looked for in a line", () => {
  it.each([
    [PORT, true],
    [URL_GROUP, true],
    [/(?<url>\S+)?(?<port>\d+)?/gy, true],
    [/port (\d+)/, false],
    [/(?<name>\d+)/, false],
    ["(?<port>", false],
  ])("%s tells an address: %s", (wanted, expected) => {
    expect(tellsAddress(wanted)).toBe(expected);
  });

  it.each([
    ["listening on port 3000", PORT, "http://127.0.0.1:3000"],
    ["Local: at http://localhost:5173/app/", URL_GROUP, "http://localhost:5173"],
    ["at http://0.0.0.0:80", URL_GROUP, "http://127.0.0.1"],
    ["at http://[::]:8080/", URL_GROUP, "http://127.0.0.1:8080"],
    ["at https://[::1]:8443/", URL_GROUP, "https://[::1]:8443"],
    ["at redis://127.0.0.1:6379", URL_GROUP, "redis://127.0.0.1:6379"],
  ])("finds in %j by %s the address %s", (line, wanted, address) => {
    expect(addressIn(line, wanted)).toBe(address);
  });

  it.each([
    ["port 99999", PORT],
    ["at nowhere", URL_GROUP],
    ["at file:///etc", URL_GROUP],
    ["listening", /listening(?: on (?<port>\d+))?/],
    ["listening", "listening"],
  ])("finds in %j by %s no address", (line, wanted) => {
    expect(addressIn(line, wanted)).toBeUndefined();
  });
});
