import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { splitCommand } from "../../src/target/command-line.ts";
import { chooseAddress, hostCommand } from "../../src/target/command-plan.ts";
import { isPortTaken } from "../../src/target/port.ts";

describe("a command line", () => {
  it.each([
    ["node server.js", ["node", "server.js"]],
    ["  node   server.js  ", ["node", "server.js"]],
    ['"/opt/my node" server.js', ["/opt/my node", "server.js"]],
    ['node --title="two words" a', ["node", "--title=two words", "a"]],
    ['node "" a', ["node", "", "a"]],
    ['node "left open', ["node", "left", "open"]],
    ["", []],
  ])("%j is split into %j", (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });

  it("of the component host survives spaces in every path", () => {
    const words = splitCommand(hostCommand("/a folder/components.ts"));

    expect(words).toHaveLength(3);
    expect(words[0]).toBe(process.execPath);
    expect(words[2]).toBe("/a folder/components.ts");
  });
});

describe("an address", () => {
  it("without a url is at a free port, which the target is told", async () => {
    const { baseUrl, port } = await chooseAddress({});

    expect(baseUrl).toBe(`http://127.0.0.1:${port}`);
    expect(await isPortTaken({ host: "127.0.0.1", port: port as number })).toBe(false);
  });

  it.each(["127.0.0.1", "[::1]"])(
    "at which somebody answers already is refused (%s)",
    async (host) => {
      const server = createServer().listen(0, host.replaceAll(/[[\]]/g, ""));
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const url = `http://${host}:${port}`;

      await expect(chooseAddress({ url })).rejects.toMatchObject({
        code: "WT_PORT_TAKEN",
        message: expect.stringContaining(`Expected ${url} to be free`) as string,
      });
      server.close();
      await once(server, "close");
      expect(await chooseAddress({ url })).toEqual({ baseUrl: url, port: undefined });
    },
  );
});
