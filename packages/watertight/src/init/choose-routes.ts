import { hasParameters, type Route } from "./route.ts";

/** The routes that a first scenario goes by. */
export interface Chosen {
  /** One or two; `/` if none was seen. */
  readonly gets: readonly string[];
  readonly post: Route | undefined;
  /** Where users sign in with what they know, if such a way was seen. */
  readonly login: Route | undefined;
  /** A path that says whether the server is ready. */
  readonly health: string | undefined;
}

const MOST = 2;
const SIGNS_IN = /\/(?:log-?in|sign-?in|sessions?|authenticate|token)$/i;
const IS_HEALTH = /\/(?:health(?:z|check)?|ready(?:z)?|live(?:z|ness)?|ping|status)$/i;
/** What answers everybody alike, ends a session, or is called by somebody else than a user. */
const SAYS_NOTHING =
  /\/(?:metrics|docs|openapi|swagger|favicon|robots|static|assets|log-?out|sign-?out|webhooks?|callback|upload)|\.\w+$/i;
const IS_ONES_OWN = /\/(?:me|profile|account|whoami|dashboard|my)\b/i;

/** Chooses what tells most of a user: their own pages first, and nothing that needs an id. */
export function chooseRoutes(routes: readonly Route[]): Chosen {
  const plain = routes.filter((route) => !hasParameters(route));
  const usual = plain.filter(
    ({ path }) => !SAYS_NOTHING.test(path) && !IS_HEALTH.test(path) && !SIGNS_IN.test(path),
  );
  const takes = (wanted: string) => usual.filter(({ method }) => method === wanted);
  const [post] = takes("POST");
  const gets = takes("GET").map(({ path }) => path);
  const best = gets.toSorted((a, b) => promise(b, post) - promise(a, post));
  const isPost = ({ method }: Route): boolean => method === "POST";
  return {
    gets: best.length === 0 ? ["/"] : best.slice(0, MOST),
    post,
    login: plain.find((route) => isPost(route) && SIGNS_IN.test(route.path)),
    health: plain.find(({ method, path }) => method === "GET" && IS_HEALTH.test(path))?.path,
  };
}

/** How likely a page shows what its user said: where it was said, then one's own pages, the front page last. */
function promise(path: string, post: Route | undefined): number {
  if (path === post?.path) return 2;
  if (path === "/") return -1;
  return IS_ONES_OWN.test(path) ? 1 : 0;
}
