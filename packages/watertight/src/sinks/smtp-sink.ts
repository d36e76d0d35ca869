import { callbackify } from "node:util";
import PostalMime, { type Address, decodeWords, type Email } from "postal-mime";
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerEnvelope,
  type SMTPServerSession,
} from "smtp-server";
import { HOST, listen } from "./listen.ts";
import { readAtMost } from "./read-at-most.ts";
import type { Sink } from "./sink.ts";
import { MAX_MESSAGE_BYTES, type SinkLog } from "./sink-log.ts";

/**
 * Starts a mail server that takes every mail for everybody, from anybody, and records it decoded before it
 * says so. It offers no TLS, and lets everybody in who says a name and a password.
 */
export async function startSmtpSink({
  name,
  log,
}: {
  readonly name: string;
  readonly log: SinkLog;
}): Promise<Sink> {
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth: (auth, _session, callback) => callback(null, { user: auth.username ?? "anybody" }),
    onData: callbackify(async (stream: SMTPServerDataStream, { envelope }: SMTPServerSession) => {
      const { bytes, isCut } = await readAtMost(stream, MAX_MESSAGE_BYTES);
      if (isCut) log.noteCut();
      await recordMail(bytes, envelope, log);
    }),
  });
  // A client that breaks off is no error of the sink.
  server.on("error", () => {});
  const port = await listen(server.server);
  return {
    name,
    url: `smtp://${HOST}:${port}`,
    host: HOST,
    port,
    take: () => log.take(),
    get gaps() {
      return log.gaps;
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function recordMail(raw: Buffer, envelope: SMTPServerEnvelope, log: SinkLog): Promise<void> {
  const email = await PostalMime.parse(raw).catch(() => undefined);
  const recipients = Buffer.from(
    [
      ...envelope.rcptTo.map(({ address }) => address),
      ...[email?.to, email?.cc, email?.bcc].flatMap((list) => (list ?? []).map(textOf)),
    ].join("\n"),
  );
  const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
  const rest = email === undefined ? [raw] : partsOf(email);
  const newline = Buffer.from("\n");
  const bytes = [recipients, Buffer.from(from), ...rest].flatMap((part) => [part, newline]);
  log.record({ what: "mail", bytes: Buffer.concat(bytes), addressee: [recipients] });
}

function textOf(address: Address): string {
  const { name, group = [] } = address;
  return [name, address.address, ...group.map(textOf)].filter(Boolean).join(" ");
}

/** Everything that a reader may get to see, the most visible first. */
function partsOf({ subject, text, html, headers, attachments }: Email): readonly Buffer[] {
  const lines = headers.map(({ originalKey, value }) => `${originalKey}: ${decodeWords(value)}`);
  return [
    ...[subject, text, html, ...lines].map((part) => Buffer.from(part ?? "")),
    ...attachments.flatMap(({ filename, content }) => [
      Buffer.from(filename ?? ""),
      typeof content === "string" ? Buffer.from(content) : Buffer.from(new Uint8Array(content)),
    ]),
  ];
}
