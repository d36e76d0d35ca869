/**
 * Where the compiled file of that name of this folder is. Node can't run the sources in a thread or a
 * process; from there, it is the one in `dist/`.
 */
export function entryPoint(name: string): URL {
  const here = new URL(".", import.meta.url);
  const isSource = import.meta.url.endsWith(".ts");
  const folder = isSource ? new URL("../../../dist/execution/isolation/", here) : here;
  return new URL(`${name}.js`, folder);
}
