import { fileURLToPath } from "node:url";
import { ToolError } from "../errors.ts";
import { findFreePort, isPortTaken } from "./port.ts";

/** Where a target will answer, and the port to tell it, if it is to be told. */
export interface Address {
  readonly baseUrl: string;
  readonly port: number | undefined;
}

/**
 * Decides where the target will answer: at a free port, or at its own fixed `url`. Throws
 * WT_PORT_TAKEN if somebody else already answers there: a check of the wrong server proves nothing.
 */
export async function chooseAddress(url: string | undefined): Promise<Address> {
  if (url === undefined) {
    const port = await findFreePort();
    return { baseUrl: `http://127.0.0.1:${port}`, port };
  }
  const { hostname, port, protocol } = new URL(url);
  const number = Number(port || (protocol === "https:" ? 443 : 80));
  if (await isPortTaken(hostname.replace(/^\[|\]$/g, ""), number)) {
    throw new ToolError(
      "WT_PORT_TAKEN",
      `Expected ${url} to be free for the target, but another process already answers there. Stop that process, or leave target.url out and let the server listen on PORT.`,
    );
  }
  return { baseUrl: url, port: undefined };
}

/** The command that serves a module of components to real sockets. */
export function hostCommand(modulePath: string): string {
  const host = fileURLToPath(new URL("./component-host/main.js", import.meta.url));
  return `"${process.execPath}" "${host}" "${modulePath}"`;
}
