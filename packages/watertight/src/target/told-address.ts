/** An expression without what its last use has left in it: `lastIndex` is state. */
export function fresh({ source, flags }: RegExp, more = ""): RegExp {
  return new RegExp(source + more, flags.replaceAll(/[gy]/g, ""));
}

/** Says whether what is looked for in a line has a group `port` or `url`. */
export function tellsAddress(wanted: string | RegExp): boolean {
  if (typeof wanted === "string") return false;
  // With an alternative that always matches it shows the groups that there are.
  const { groups = {} } = fresh(wanted, "|").exec("") ?? {};
  return "port" in groups || "url" in groups;
}

/** The address that a line tells by those groups, without a path; `undefined` if that is none. */
export function addressIn(line: string, wanted: string | RegExp): string | undefined {
  const groups = typeof wanted === "string" ? undefined : wanted.exec(line)?.groups;
  const port = groups?.["port"];
  const text = groups?.["url"] ?? (port === undefined ? "" : `http://127.0.0.1:${port}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === "") return undefined;
  // "All addresses" is where to listen, and nowhere to go.
  const isAll = url.hostname === "0.0.0.0" || url.hostname === "[::]";
  const host = isAll ? url.host.replace(url.hostname, "127.0.0.1") : url.host;
  return `${url.protocol}//${host}`;
}
