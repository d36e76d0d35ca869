/** Splits a command line into words; words in double quotes stay together. No shell is involved. */
export function splitCommand(line: string): string[] {
  const words = line.match(/"[^"]*"|[^\s"]+/g) ?? [];
  return words.map((word) => (word.startsWith('"') ? word.slice(1, -1) : word));
}
