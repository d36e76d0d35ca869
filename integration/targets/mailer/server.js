// A shop that says "taken" and mails the invoice: nobody but the mail server, or the API that mails, sees
// whose invoice goes to whom. With MAIL=shared there is one mail object for everybody.
import { createServer, request as send } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";

const { MAIL_HOST, MAIL_PORT, MAIL_API, DIGEST_API, VIA, MAIL, LOGS, PORT } = process.env;
const pause = () => new Promise((resolve) => setTimeout(resolve, 2));

const sharedMail = { headers: {}, attachments: [] };

async function mailInvoice(user, invoice) {
  const mail = MAIL === "shared" ? sharedMail : { headers: {}, attachments: [] };
  mail.attachments = [{ name: "invoice.txt", content: Buffer.from(invoice).toString("base64") }];
  await pause();
  mail.to = `${user}@example.com`;
  mail.subject = "Your invoice";
  await (VIA === "http" ? overHttp(mail) : overSmtp(mail));
}

async function overSmtp({ to, subject, attachments }) {
  const socket = connect({ host: MAIL_HOST, port: Number(MAIL_PORT) });
  const lines = socket[Symbol.asyncIterator]();
  const say = async (text) => {
    if (text !== undefined) socket.write(`${text}\r\n`);
    let answer = "";
    while (!/^\d{3} .*\r\n$/m.test(answer)) answer += (await lines.next()).value;
  };
  const parts = attachments.map(
    ({ name, content }) =>
      `--cut\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=${name}\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${content.replaceAll(/.{60}/g, "$&\r\n")}\r\n`,
  );
  await say();
  await say("EHLO shop");
  await say("MAIL FROM:<shop@example.com>");
  await say(`RCPT TO:<${to}>`);
  await say("DATA");
  await say(
    `To: ${to}\r\nSubject: ${subject}\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n` +
      `--cut\r\n\r\nThank you.\r\n${parts.join("")}--cut--\r\n.`,
  );
  await say("QUIT");
  socket.destroy();
}

async function overHttp({ to, subject, attachments }) {
  await post(`${MAIL_API}/v1/send`, { to, subject, attachments });
}

async function post(url, body) {
  const asked = send(url, { method: "POST", headers: { "content-type": "application/json" } });
  asked.end(JSON.stringify(body));
  const [response] = await once(asked, "response");
  response.resume();
  await once(response, "end");
  if (response.statusCode !== 202) throw new Error(`status ${response.statusCode}`);
}

const sold = [];
setInterval(() => {
  const users = sold.splice(0);
  if (users.length > 0 && DIGEST_API) post(DIGEST_API, { users }).catch(() => {});
}, 20).unref();

async function takeOrder(request, response) {
  const user = request.headers["x-user"];
  if (user === undefined) return response.writeHead(401).end();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { invoice } = JSON.parse(Buffer.concat(chunks).toString());
  if (LOGS === "chatty") console.log(`${request.method} ${request.url} by ${user}`);
  await mailInvoice(user, invoice);
  sold.push(user);
  response.writeHead(202).end("taken");
}

createServer((request, response) => {
  takeOrder(request, response).catch(() => response.destroy());
}).listen(Number(PORT), "127.0.0.1");
