import type { Finding, Holder } from "../finding.ts";
import { findingHeadline, holderText } from "./finding-text.ts";
import { isAbsolute, type PlaceOptions, placed, repositoryPath } from "./place.ts";
import { oneLine } from "./plain-text.ts";

type PlacedHolder = Holder & { readonly file: string };

/** Where a finding is shown: at the first place that held the data, else at the config. */
export function locationsOf(finding: Finding, options: PlaceOptions): object {
  const [first, ...others] = placed(finding.heldIn);
  if (first === undefined) {
    const file = { uri: uriOf(options.configFile, options) };
    const physicalLocation = {
      artifactLocation: { ...file, ...baseOf(options.configFile) },
      region: { startLine: 1 },
    };
    return { locations: [{ physicalLocation }] };
  }
  return {
    locations: [locationOf(first, holderText(first), options)],
    relatedLocations: others.map((holder, place) => ({
      id: place + 1,
      ...locationOf(holder, holderText(holder), options),
    })),
  };
}

/**
 * The way of the data, if it is known: from the variable over what it holds to the canary, and over
 * the wire. The steps after the first have no line of their own and are shown at the variable's.
 */
export function codeFlowsOf(finding: Finding, options: PlaceOptions): object {
  const [holder] = placed(finding.heldIn);
  if (holder === undefined) return {};
  const [, ...steps] = holder.path.split(" → ");
  const data = `${holder.kind} ${holder.variable} holds data of ${holder.users} users`;
  const messages = [data, ...steps.map((step) => `holds ${step}`), findingHeadline(finding)];
  const locations = messages.map((message, place) => ({
    location: locationOf(holder, message, options),
    executionOrder: place + 1,
    importance: place === 0 || place === messages.length - 1 ? "essential" : "important",
  }));
  return { codeFlows: [{ threadFlows: [{ locations }] }] };
}

function locationOf(
  { file, line, column, variable }: PlacedHolder,
  text: string,
  options: PlaceOptions,
): object {
  const region = { startLine: line ?? 1, ...(column === undefined ? {} : { startColumn: column }) };
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file, options), ...baseOf(file) },
      region,
    },
    logicalLocations: [{ name: variable, kind: "variable" }],
    message: { text: oneLine(text) },
  };
}

function uriOf(file: string, options: PlaceOptions): string {
  // Half a character, which a cut may leave, has no encoding.
  const path = repositoryPath(file, options).replaceAll(/\p{Cs}/gu, "\uFFFD");
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  if (!isAbsolute(path)) return encoded;
  return `file://${path.startsWith("/") ? "" : "/"}${encoded}`;
}

function baseOf(file: string): { readonly uriBaseId?: "%SRCROOT%" } {
  return isAbsolute(file.replaceAll("\\", "/")) ? {} : { uriBaseId: "%SRCROOT%" };
}
