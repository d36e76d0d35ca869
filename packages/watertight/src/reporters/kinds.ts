import type { FindingKind } from "../finding.ts";

/** What a kind of finding means, for readers who have only a machine's list before them. */
export interface KindText {
  /** What was seen, one sentence. */
  readonly what: string;
  /** What to do about it, in a few sentences; the page has more. */
  readonly help: string;
  /** The page about it, from the root of the repository. */
  readonly page: string;
}

/** Each kind of finding, as docs/findings.md and docs/fixes tell it at length. */
export const KINDS: Readonly<Record<FindingKind, KindText>> = Object.freeze({
  leak: kind(
    "A user received data that belongs to another user.",
    "Make the object that routes events once per user, by a factory, so that it has no way to name somebody else's socket.",
    "shared-instance",
  ),
  swap: kind(
    "Two users received each other's events.",
    "Key every pending answer by its user, then by its request.",
    "owner-in-key",
  ),
  "outbound-leak": kind(
    "A message that the server sent elsewhere carried data of several users.",
    "Make what is sent for a user from values of that user's request, anew each time; share no mail or options object.",
    "outbound-leak",
  ),
  logged: kind(
    "The server printed what users said, or who they are.",
    "Log ids of requests, and take bodies, names and tokens out.",
    "logged",
  ),
  loss: kind(
    "A user did not receive every event of a run.",
    "Give each run one queue, and let nothing in its path depend on another user's run.",
    "delivery",
  ),
  duplicate: kind(
    "A user received events twice.",
    "Register a connection once, release it on its close event, and let one writer own each socket.",
    "delivery",
  ),
  reorder: kind(
    "A user received the events of a run in another order.",
    "Give each run one queue, and let one writer own each socket.",
    "delivery",
  ),
  unexpected: kind(
    "A run had events that the same run of a lone user does not have.",
    "Look for what users share and can use up: a lock, a quota, a pool, a table.",
    "delivery",
  ),
  "foreign-access": kind(
    "A user could do something to what belongs to another user by knowing its id.",
    "Look things up by user first; answer a foreign id like one that does not exist.",
    "owner-in-key",
  ),
  blocked: kind(
    "A user waited until another user's run was over.",
    "Replace the lock or queue that all users share by one for each user.",
    "blocked-users",
  ),
  "missing-death": kind(
    "A user was not told in time that the agent had died.",
    "Watch an agent's progress, not a timer that beats beside it.",
    "agent-death",
  ),
  "wrong-death": kind(
    "The run of a dead agent ended as something else than died.",
    "End a dead run with RUN_ERROR and the code AGENT_DIED.",
    "agent-death",
  ),
  "shared-instance": kind(
    "One instance of a component served several users.",
    "Create it per user, by a factory, and hand it down instead of looking it up.",
    "shared-instance",
  ),
  "shared-state": kind(
    "Instances of different users reach one place with data of several users.",
    "Move the table into the object that belongs to the user.",
    "shared-state",
  ),
  "split-scope": kind(
    "One user was served by several instances of a component.",
    "Keep one instance a user, and the user's connections inside it.",
    "split-scope",
  ),
  retained: kind(
    "Data or objects of users who left are still held.",
    "Let the scope that creates an object dispose and release it, tied to the connection's close event.",
    "retained",
  ),
  "heap-growth": kind(
    "Memory grows with every user who came and left.",
    "Let the scope that creates an object dispose and release it, tied to the connection's close event.",
    "retained",
  ),
  "handle-leak": kind(
    "Timers, sockets or listeners remain after users left.",
    "Close what a connection opened when the connection closes.",
    "handle-leak",
  ),
  contention: kind(
    "Users wait for each other.",
    "Replace the lock or queue that all users share by one for each user.",
    "blocked-users",
  ),
  "cost-per-user": kind(
    "An answer costs more, the more other users are connected.",
    "Send an event to its owner only; loop over nobody else's connections.",
    "cost-per-user",
  ),
  unfair: kind(
    "One user who floods the server makes the others wait.",
    "Take turns over users, not over requests, and bound what one user may queue.",
    "fairness",
  ),
  "memory-per-user": kind(
    "A connected user takes more memory than a user may.",
    "Let a user's objects hold what is the user's own, and nothing of the others.",
    "memory-per-user",
  ),
  crash: kind(
    "The server ended in the middle of a check.",
    "Handle what a user's connection throws where it is thrown.",
    "crash",
  ),
});

function kind(what: string, help: string, page: string): KindText {
  return Object.freeze({ what, help, page: `docs/fixes/${page}.md` });
}

/** All kinds, in the order of docs/findings.md. */
export function allKinds(): readonly FindingKind[] {
  return Object.keys(KINDS) as FindingKind[];
}
