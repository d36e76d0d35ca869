// Prints a token that is good for an hour. Usage: node dist/token.js <user> [tenant]
import { SignJWT } from "jose";
import { readSettings } from "./settings.ts";

const [user = "alice", tenant = "default"] = process.argv.slice(2);
const { secret } = readSettings(process.env);
const token = await new SignJWT({ tenant })
  .setProtectedHeader({ alg: "HS256" })
  .setSubject(user)
  .setIssuedAt()
  .setExpirationTime("1h")
  .sign(new TextEncoder().encode(secret));
console.log(token);
