import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { startOne, textOf } from "./collected.ts";

/** Speaks the protocol line by line, as RFC 5321 has it. */
async function sendMail(port: number, recipients: readonly string[], mail: string): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  await answered(socket, "220");
  await say(socket, "EHLO client", "250 ");
  await say(socket, "MAIL FROM:<sender@example.com>", "250");
  for (const one of recipients) await say(socket, `RCPT TO:<${one}>`, "250");
  await say(socket, "DATA", "354");
  await say(socket, `${mail.replaceAll("\n", "\r\n")}\r\n.`, "250");
  await say(socket, "QUIT", "221");
  socket.destroy();
}

function say(socket: Socket, line: string, expected: string): Promise<string> {
  const answer = answered(socket, expected);
  socket.write(`${line}\r\n`);
  return answer;
}

function answered(socket: Socket, expected: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
      const last = text.trimEnd().split("\r\n").at(-1) ?? "";
      if (!/^\d{3} /.test(`${last} `) || !text.endsWith("\r\n")) return;
      socket.off("data", hear);
      if (last.startsWith(expected.trim())) resolve(text);
      else reject(new Error(`Expected ${expected}, got ${text}`));
    };
    socket.on("data", hear);
    socket.once("error", reject);
  });
}

const ATTACHMENT = Buffer.from("the invoice of a user whose secret is a long one").toString(
  "base64",
);

const MAIL = `From: Shop <shop@example.com>
To: =?utf-8?B?${Buffer.from("Álice").toString("base64")}?= <alice@example.com>
Subject: =?utf-8?Q?Your_invoice_=C3=A4?=
X-Trace: =?utf-8?Q?trace=5Fid?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=cut

--cut
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Dear =C3=81lice, a line that is so long that it has to be bro=
ken in the middle
--cut
Content-Type: text/html; charset=utf-8

<p>Dear <b>customer</b></p>
--cut
Content-Type: application/octet-stream; name=invoice.bin
Content-Disposition: attachment; filename=invoice.bin
Content-Transfer-Encoding: base64

${ATTACHMENT.slice(0, 20)}
${ATTACHMENT.slice(20)}
--cut--
`;

describe("a mail sink", () => {
  it("reads subject, text, HTML, headers, recipients and attachments, decoded", async () => {
    await using sink = await startOne({ kind: "smtp" });
    await sendMail(sink.port, ["alice@example.com", "hidden@example.com"], MAIL);

    const [message, ...others] = sink.take();
    expect(others).toEqual([]);
    expect(message).toMatchObject({ what: "mail", index: 0 });
    const text = textOf(message);
    for (const part of [
      "Your invoice ä",
      "Dear Álice, a line that is so long that it has to be broken in the middle",
      "<p>Dear <b>customer</b></p>",
      "X-Trace: trace_id",
      "sender@example.com",
      "invoice.bin",
      "the invoice of a user whose secret is a long one",
    ]) {
      expect(text).toContain(part);
    }
    expect(message?.addressee.map(String)).toEqual([
      "alice@example.com\nhidden@example.com\nÁlice alice@example.com",
    ]);
  });

  it("records a mail that is none as it came", async () => {
    await using sink = await startOne({ kind: "smtp" });
    await sendMail(sink.port, ["bob@example.com"], "no header, no body");

    expect(textOf(sink.take()[0])).toContain("no header, no body");
  });

  it("lets everybody in who says a name, and offers no encryption that nobody could check", async () => {
    await using sink = await startOne({ kind: "smtp" });
    const socket = connect({ host: "127.0.0.1", port: sink.port });
    await answered(socket, "220");
    const offer = await say(socket, "EHLO client", "250 ");
    expect(offer).not.toContain("STARTTLS");
    const proof = Buffer.from("\0user\0password").toString("base64");
    await say(socket, `AUTH PLAIN ${proof}`, "235");
    socket.destroy();
  });

  it("takes mails of many lines at once", async () => {
    await using sink = await startOne({ kind: "smtp" });
    const names = Array.from({ length: 8 }, (_, place) => `user${place}`);
    await Promise.all(
      names.map((name) =>
        sendMail(sink.port, [`${name}@example.com`], `Subject: ${name}\n\nto ${name}`),
      ),
    );

    const messages = sink.take();
    expect(messages.map(({ index }) => index)).toEqual(names.map((_, place) => place));
    const subjects = messages.map((message) => /user\d(?=\nto)/.exec(textOf(message))?.[0]);
    expect(new Set(subjects)).toEqual(new Set(names));
  });
});
