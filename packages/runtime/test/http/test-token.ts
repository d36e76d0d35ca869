import { SignJWT } from "jose";

export const TEST_SECRET = "a secret of the tests, with more than 32 bytes";

/** A token that the server under test accepts, unless told otherwise. */
export function signToken(
  userId: string,
  claims: Readonly<Record<string, unknown>> = {},
  secret: string = TEST_SECRET,
): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(userId)
    .sign(new TextEncoder().encode(secret));
}
