import type { FindingKind } from "../finding.ts";

/** What a kind of finding means, at length. */
export interface KindDetails {
  /** What was seen. */
  readonly seen: string;
  /** Why it matters. */
  readonly why: string;
}

/** Each kind of finding, in the words of docs/findings.md; a test compares them. */
export const KIND_DETAILS: Readonly<Record<FindingKind, KindDetails>> = Object.freeze({
  leak: details(
    "A user received a frame, an HTTP answer (headers included) or the reason of a close, with another user's canary in it: plain, in hex, or in base64 or base64url. A canary that streaming cut in two is found in the joined `delta`s of its message. Canaries whose label is in `share`, and secrets that the suite made this user say, don't count.",
    "It is the thing itself: one user's data reached another. One frame is enough.",
  ),
  swap: details(
    "Two users received each other's events, each of them from nobody else, and each misses some of their own. Reported as one swap instead of two leaks.",
    "Nobody gets nothing, so nobody complains: both users see an answer, and it is the wrong one.",
  ),
  "outbound-leak": details(
    "A message that the server sent to a sink (a mail, a request to another server) carried secrets of two or more users, and the sink is not said to batch. It names whom the message was for, where the message itself does, and whose data was in it besides; the sink, the number of the message, and an excerpt of it, decoded.",
    "It is a leak that no client sees: an invoice in somebody else's mail, one user's token on another's behalf. Whoever receives it rarely tells.",
  ),
  logged: details(
    "The server printed a secret of a user. A note on the run, not a finding of a check: it is told for each label, with a count, the users, and a line in which secrets are cut off.",
    "Logs are copied and kept, and read by people who may not read the data itself. It is for you to say whether they may.",
  ),
  loss: details(
    "Events of a user's own run did not arrive on a device that had to hear them. An answer is compared with what a lone user gets from the same agent; slow and dying runs are judged by gaps in `metadata.seq` and by a missing end. After a reconnect, only what follows the first event heard is asked for.",
    "Under concurrency an event that is missing here has often gone somewhere else. And a user who waits for an end that never comes is out of service.",
  ),
  duplicate: details(
    "Events of a user's own run came more often than once, or a run ended twice. Starting the same run id again must not start it again: in 1.2 a second run shows as duplicates.",
    "Clients append: the user reads everything twice, and a tool may be called twice.",
  ),
  reorder: details(
    "All events of a run arrived, in another order: their numbers (`metadata.seq`) go down, or their sequence or joined text differs from what a lone user gets.",
    "Text is put together in the order of arrival: the answer becomes another one. The cause is usually a second writer of the socket.",
  ),
  unexpected: details(
    "A run of a user had events that the same run of a lone user does not have: most often RUN_ERROR, because a run that succeeds alone failed when others were there. The finding names them with their codes. A run that failed is not also reported as a loss.",
    "Something that users share was used up or broken: a lock, a quota, a pool, a table. A second end of a run shows here too.",
  ),
  "foreign-access": details(
    "A user who knew another user's run id sent `cancel` for it, and the other user's run ended as cancelled.",
    "Ids are not secrets: they are in logs, links and screenshots, and clients choose them. Knowing one must give no power.",
  ),
  blocked: details(
    "While one user's slow run was going on, another user asked a short question, and got the answer only after the slow run was over.",
    "Something is shared that need not be, and one user can hold up all the others. Locks often come in as a fix for leaks.",
  ),
  "missing-death": details(
    "A user's agent stopped making progress, and the user was not told of the run's end within `agents.deathWithinMs` of its first event, or never.",
    "The user waits for something that will never come, and the server counts a corpse as work.",
  ),
  "wrong-death": details(
    "The run of a dead agent ended in time, but not as `RUN_ERROR` with the code `AGENT_DIED`: as finished, say, or as another error.",
    "A client can't tell a dead agent from a good end or from a failure that it may repeat.",
  ),
  "shared-instance": details(
    "With every user connected on two devices, the process's memory held fewer instances of a component's class than there were users: one, usually.",
    "Whatever the instance keeps is common property. It may work today, because every method looks at the right key. The first one that does not is a leak.",
  ),
  "shared-state": details(
    "There was an instance for each user, but from several of them, or from the class's own code (its statics, its module, what it imports), one place could be reached that held data of several users.",
    "Such a façade passes every test that compares identities, and leaks like the singleton that it was.",
  ),
  "split-scope": details(
    "A user with two devices had more than one instance of the class.",
    "What happens on one device is not heard on the other, and limits count sockets instead of users.",
  ),
  retained: details(
    "All users had left, `releaseWithinMs` had passed, garbage had been collected several times, and there were still instances of the class, or (3.1) variables that hold data of two or more users. Some of the users had lost a device without a word, as in a tunnel.",
    "Memory grows with every user who ever came, and what is still there can still be sent to somebody else.",
  ),
  "heap-growth": details(
    "Users came and left in waves. After each wave garbage was collected and the memory in use measured: it grows with the users who have left, by more than a clean server's noise (the lower bound of a 95 % interval of the slope is above the limit), and there are more objects of a kind than before. The finding names the kind that grew most, and the places that hold it.",
    "The server dies of it, later the better it runs. And what is still there can still be sent to somebody else.",
  ),
  "handle-leak": details(
    "After all users had left there were more timers, listeners, other handles or entries of a table than before they came. The finding counts them per user who left.",
    "Each of them holds what its function closes over: a socket, a user. A timer goes on working for nobody, and a listener on something shared still hears everybody.",
  ),
  contention: details(
    "With many users an operation took at least three times as long as for a lone user of the same run, though the server's processor had time left; twice in a row. The finding gives both times, the processor's share, and the part of the work that is done by one user after another.",
    "Users wait for each other, at a lock, a queue or a pool of one. More machines don't help.",
  ),
  "cost-per-user": details(
    "With many users an operation cost the server at least three times the processor time that it costs with few, or made users receive three times as many frames; twice in a row.",
    "Something is done for every connected user whenever one of them does something. Such a loop grows with the square of users, and is one condition away from a leak.",
  ),
  unfair: details(
    "While one user kept several requests in flight, the others waited at least three times as long as beside as many polite users with one request each; twice in a row. Both crowds make the same load.",
    "One user, or one faulty client, takes everybody's turn. It is the cheapest attack there is.",
  ),
  "memory-per-user": details(
    "Users connected step by step, and memory was measured at each. A user costs more than the limit of the config, or the users of the second half cost clearly more than those of the first; when it was filled up a second time, too.",
    "The first is a limit on how many users fit. The second means that users hold something of each other.",
  ),
  crash: details(
    "The process of the server ended in the middle of a trial, under delays that any busy machine may show. The finding quotes how, and the end of what the server printed.",
    "An error of one user's connection ends the service of all.",
  ),
});

function details(seen: string, why: string): KindDetails {
  return Object.freeze({ seen, why });
}
