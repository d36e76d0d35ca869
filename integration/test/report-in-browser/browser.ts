import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Page } from "playwright-core";

const NAMES: readonly string[] = Object.freeze([
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
]);

/** Nothing that a browser does by itself: no look for updates, no look-ups of its maker's hosts. */
const QUIET: readonly string[] = Object.freeze([
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
]);

/** The path of a browser: `CHROME_PATH`, or the first one on `PATH`; `undefined` if there is none. */
export function findBrowser(env: NodeJS.ProcessEnv): string | undefined {
  const named = env["CHROME_PATH"];
  if (named !== undefined && named !== "") return named;
  const folders = (env["PATH"] ?? "").split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How a page is looked at; a window of 1,440 × 900 in light colors unless something else is said. */
export interface View {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  readonly media?: "screen" | "print";
  /** What of the page is linked to: `#findings`. */
  readonly hash?: string;
}

/** A browser with one window, in which it opens texts as pages from disk, as a reader does. */
export class PageReader {
  readonly page: Page;
  /**
   * What the browser had to say against the page that is open: requests for anything but the page
   * itself, errors on the console, uncaught errors.
   */
  readonly complaints: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "watertight-pages-"));
  #pages = 0;
  #address = "";

  private constructor(page: Page) {
    this.page = page;
    page.on("request", (request) => {
      const [url = ""] = request.url().split("#");
      if (url !== this.#address) this.complaints.push(`requested ${url}`);
    });
    page.on("console", (message) => {
      const isBad = ["error", "warning"].includes(message.type());
      if (isBad) this.complaints.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`uncaught: ${error.message}`));
  }

  static async start(executablePath: string): Promise<PageReader> {
    const isRoot = process.getuid?.() === 0;
    const args = isRoot ? [...QUIET, "--no-sandbox"] : QUIET;
    const browser = await chromium.launch({ executablePath, args: [...args] });
    return new PageReader(await browser.newPage());
  }

  /** Opens a page and waits until it has loaded; what was said of the one before is forgotten. */
  async open(html: string, view: View = {}): Promise<Page> {
    const { width = 1440, colorScheme = "light", media = "screen", hash = "" } = view;
    this.#pages += 1;
    const path = join(this.#folder, `${this.#pages}.html`);
    writeFileSync(path, html);
    this.#address = pathToFileURL(path).href;
    await this.page.setViewportSize({ width, height: 900 });
    await this.page.emulateMedia({ media, colorScheme });
    this.complaints.length = 0;
    await this.page.goto(this.#address + hash, { waitUntil: "load" });
    return this.page;
  }

  async stop(): Promise<void> {
    await this.page.context().browser()?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
