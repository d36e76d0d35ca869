/** Splits a command line into words; what is in double quotes stays together. No shell is involved. */
export function splitCommand(line: string): string[] {
  const words = line.match(/(?:"[^"]*"|[^\s"]|"(?=[^"]*$))+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ""));
}
