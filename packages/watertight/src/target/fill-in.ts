import { ToolError } from "../errors.ts";

/** Where something that the suite has started can be reached. */
export interface Place {
  /** `http://127.0.0.1:41234`, without a path. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** Addresses by the name that the config gives them. */
export type Places = ReadonlyMap<string, Place>;

type Environment = Readonly<Record<string, string>>;

const FIELDS: readonly (keyof Place)[] = Object.freeze(["url", "host", "port"] as const);

/**
 * Replaces `{name.url}`, `{name.host}` and `{name.port}` in the values of an environment. Other braces stay
 * as they are. Throws WT_CONFIG_INVALID for a name or a field that does not exist, with those that do.
 */
export function fillIn(env: Environment, places: Places): Environment {
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => [
      key,
      value.replaceAll(/\{([\w-]+)\.([\w-]+)\}/g, (text, name: string, field: string) =>
        valueOf({ text, name, field }, key, places),
      ),
    ]),
  );
}

interface Placeholder {
  readonly text: string;
  readonly name: string;
  readonly field: string;
}

function valueOf({ text, name, field }: Placeholder, key: string, places: Places): string {
  const place = places.get(name);
  const known = FIELDS.find((candidate) => candidate === field);
  if (place !== undefined && known !== undefined) return String(place[known]);
  // Neither is ours: the braces belong to whoever reads the variable.
  if (place === undefined && known === undefined) return text;
  const names = [...places.keys()].flatMap((there) => FIELDS.map((one) => `{${there}.${one}}`));
  throw new ToolError(
    "WT_CONFIG_INVALID",
    `Expected ${key} in an \`env\` to have only placeholders of what is started before it (${names.join(", ") || "nothing is"}), got \`${text}\`: correct it`,
  );
}
