import type { Finding, FindingKind } from "../finding.ts";

/** What to do about each kind of finding, and the page that shows how. */
export const ADVICE: Readonly<Record<FindingKind, Finding["fix"]>> = Object.freeze({
  leak: fix(
    "make what holds or routes it once per user, and put the user in the key of what is shared",
    "shared-instance",
  ),
  swap: fix("key every pending answer by its user, then by its request", "owner-in-key"),
  "outbound-leak": fix(
    "make what is sent for a user from values of that user's request, anew each time",
    "outbound-leak",
  ),
  logged: fix("log ids of requests, and take bodies, names and tokens out", "logged"),
  loss: fix("let a user's events depend on nothing that another user's run can change", "delivery"),
  duplicate: fix("register a connection once, and let one writer own each socket", "delivery"),
  reorder: fix("give each run one queue, and let one writer own each socket", "delivery"),
  unexpected: fix(
    "let a user's run depend on nothing that another user's run can use up",
    "delivery",
  ),
  "foreign-access": fix("look things up by user first; a foreign id is not found", "owner-in-key"),
  blocked: fix("replace the lock that all users share by one for each user", "blocked-users"),
  "missing-death": fix(
    "watch an agent's progress, not a timer that beats beside it",
    "agent-death",
  ),
  "wrong-death": fix("end a dead run with RUN_ERROR and the code AGENT_DIED", "agent-death"),
  "shared-instance": fix("create it per user, by a factory", "shared-instance"),
  "shared-state": fix("move the table into the object that belongs to the user", "shared-state"),
  "split-scope": fix("keep one instance a user, and its connections inside it", "split-scope"),
  retained: fix("let the scope that creates an object dispose and release it", "retained"),
  "heap-growth": fix("let the scope that creates an object dispose and release it", "retained"),
  "handle-leak": fix(
    "close what a connection opened when the connection closes, not when a timer comes round",
    "handle-leak",
  ),
  contention: fix("replace the lock that all users share by one for each user", "blocked-users"),
  "cost-per-user": fix(
    "send an event to its owner only; loop over nobody else's connections",
    "cost-per-user",
  ),
  unfair: fix("take turns over users, not over requests, and bound what one may queue", "fairness"),
  crash: fix("handle what a user's connection throws where it is thrown", "crash"),
  "memory-per-user": fix(
    "let a user's objects hold what is the user's own, and nothing of the others",
    "memory-per-user",
  ),
});

function fix(text: string, page: string): Finding["fix"] {
  return Object.freeze({ text, page: `docs/fixes/${page}.md` });
}
