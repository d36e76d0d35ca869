/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Page } from "playwright-core";

/** More stops than any page of these tests has. */
const MAX_STOPS = 1000;

/** Goes through a page with the Tab key, both ways; answers what is wrong with what it reached. */
export async function keyboardComplaints(page: Page): Promise<string[]> {
  const wanted = await page.evaluate(nameStops);
  const forward = await walk(page, "Tab");
  const backward = await walk(page, "Shift+Tab");
  const missed = (reached: readonly Stop[]): string[] =>
    wanted.filter((name) => !reached.some((stop) => stop.name === name));
  return [
    ...missed(forward).map((name) => `Tab never reaches ${name}`),
    ...missed(backward).map((name) => `Shift+Tab never reaches ${name}`),
    ...[...forward, ...backward].flatMap(({ name, faults }) =>
      faults.map((fault) => `${name} ${fault}`),
    ),
  ];
}

interface Stop {
  readonly name: string;
  readonly faults: readonly string[];
}

async function walk(page: Page, key: string): Promise<Stop[]> {
  const stops: Stop[] = [];
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    getSelection()?.removeAllRanges();
  });
  for (let count = 0; count < MAX_STOPS; count += 1) {
    await page.keyboard.press(key);
    const stop = await page.evaluate(lookAtFocus);
    if (stop === undefined) return stops;
    stops.push(stop);
  }
  throw new Error(`Expected ${key} to leave the page after at most ${MAX_STOPS} stops`);
}

/** Runs in the page: names everything that can be used, and answers the names of what is shown. */
function nameStops(): string[] {
  const stops = [...document.querySelectorAll<HTMLElement>("a[href], button, summary, [tabindex]")];
  for (const [place, stop] of stops.entries()) {
    const text = (stop.getAttribute("aria-label") ?? stop.textContent ?? "").trim().slice(0, 40);
    stop.dataset["stop"] = `${place} <${stop.tagName.toLowerCase()}> ${text}`;
  }
  const shown = stops.filter((stop) => stop.checkVisibility());
  return shown.map((stop) => stop.dataset["stop"] ?? "");
}

/** Runs in the page: whether what has the focus shows it, and is itself seen. */
function lookAtFocus(): { name: string; faults: string[] } | undefined {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return undefined;
  const style = getComputedStyle(focused);
  const [rect] = focused.getClientRects();
  const faults: string[] = [];
  const hasRing = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2;
  if (!hasRing) faults.push("shows no focus");
  if (rect === undefined) return { name: focused.dataset["stop"] ?? "", faults };
  const x = rect.left + Math.min(rect.width / 2, 10);
  const y = rect.top + Math.min(rect.height / 2, 10);
  const top = document.elementFromPoint(x, y);
  if (top === null) faults.push("is outside the window");
  else if (!focused.contains(top)) faults.push(`is covered by ${top.tagName}.${top.className}`);
  return { name: focused.dataset["stop"] ?? "", faults };
}
