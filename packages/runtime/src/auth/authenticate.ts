import type { IncomingMessage } from "node:http";

/** Who a request comes from, as far as it could be proved. */
export interface Identity {
  readonly tenantId: string;
  readonly userId: string;
  /** Milliseconds since the epoch after which the proof counts no more; the socket closes then (4514). */
  readonly expiresAt?: number;
  /** What the proof allows its bearer; absent if it does not say. */
  readonly scopes?: readonly string[];
}

/**
 * Says who a request comes from. MUST answer `null` for a request without a valid proof, and MUST
 * NOT fall back to any default user. Called once for each request, before it is accepted; a
 * rejection counts as `null`, and the operator hears of it.
 */
export type Authenticate = (request: IncomingMessage) => Promise<Identity | null>;
