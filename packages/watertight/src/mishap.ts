/**
 * What befalls one HTTP request of a user on its way. `hang up in the request`: half of the body is sent, then the
 * line is cut. `hang up before the answer`: the request is whole, nobody waits for what comes. `hang up in
 * the answer`: cut after the first bytes of the body. `slow request`, `slow answer`: pauses in the middle.
 * `broken body`: it ends in the middle, and its length says so; without a body, the address ends in a
 * percent sign. `stranger`: without any sign of who it is.
 * `lost`: to a path that does not exist.
 */
export type Mishap =
  | "hang up in the request"
  | "hang up before the answer"
  | "hang up in the answer"
  | "slow request"
  | "slow answer"
  | "broken body"
  | "stranger"
  | "lost";

/** A request that its user gave up on purpose: no fault of the server. */
export class HungUp extends Error {
  override readonly name = "HungUp";

  constructor(mishap: Mishap) {
    super(`the user was made to ${mishap}`);
  }
}
