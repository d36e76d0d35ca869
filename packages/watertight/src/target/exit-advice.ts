/** What Node prints of a module that it can't find, whichever way it was asked for. */
const MISSING = /Cannot find (?:module|package) '([^']+)'/;
const IS_FILE = /^(?:[./\\]|file:|[A-Za-z]:[/\\])/;

/** What to do about a process that ended too early, by what it printed. */
export function exitAdvice(output: string): string {
  if (output.includes("EADDRINUSE")) {
    return "Another process listens on its port: stop that one, or let the server take its port from PORT.";
  }
  const missing = MISSING.exec(output)?.[1];
  if (missing === undefined) return "Run it by hand to see why.";
  return IS_FILE.test(missing)
    ? `There is no ${missing}: build it first, or correct what asks for it.`
    : `The package \`${packageOf(missing)}\` is not there: run \`npm install\`, or \`npm install ${packageOf(missing)}\` if package.json does not name it.`;
}

/** Of `@scope/name/part` the part that can be installed. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
