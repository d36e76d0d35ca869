import { fileURLToPath } from "node:url";
import { ToolError } from "../errors.ts";
import { findFreePort, isPortTaken, placeOf } from "./port.ts";
import { isToldByOutput, type Ready } from "./readiness.ts";

/** Where a process will answer, and the port to tell it, if it is to be told. */
export interface Address {
  /** `undefined` if the process tells so itself. */
  readonly baseUrl: string | undefined;
  readonly port: number | undefined;
}

/** What the config says of an address. */
export interface AddressRequest {
  /** Its own fixed address. */
  readonly url?: string | undefined;
  readonly ready?: Ready | undefined;
  /** What is to answer there, and the option that says where: for a message. */
  readonly what?: string;
  readonly option?: string;
}

/**
 * Decides where a process will answer: at its own fixed `url`, at a port of its choice if it prints that
 * (it is told port 0), or at a free port. Throws WT_PORT_TAKEN if somebody else already answers there: a
 * check of the wrong server proves nothing.
 */
export async function chooseAddress(request: AddressRequest): Promise<Address> {
  const { url, ready, what = "the target", option = "target.url" } = request;
  if (url === undefined) {
    if (isToldByOutput(ready)) return { baseUrl: undefined, port: 0 };
    const port = await findFreePort();
    return { baseUrl: `http://127.0.0.1:${port}`, port };
  }
  if (await isPortTaken(placeOf(url))) {
    throw new ToolError(
      "WT_PORT_TAKEN",
      `Expected ${url} to be free for ${what}, but another process already answers there. Stop that process, or leave ${option} out and let it listen on PORT.`,
    );
  }
  return { baseUrl: url, port: undefined };
}

/** The command that serves a module of components to real sockets. */
export function hostCommand(modulePath: string): string {
  const host = fileURLToPath(new URL("./component-host/main.js", import.meta.url));
  return `"${process.execPath}" "${host}" "${modulePath}"`;
}
