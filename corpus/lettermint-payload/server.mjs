// A shop that sends mails through a mail service, with one client object for the whole process.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { Lettermint } from "lettermint";

const mails = new Lettermint({ apiToken: "shop", baseUrl: process.env.MAIL_API });
let outbox = Promise.resolve();

/** Mails leave one after another, each when the one before has been taken. */
function send(write) {
  const sent = outbox.then(() => write(mails.email.from("shop@example.com")).send());
  outbox = sent.catch(() => {});
  return sent;
}

function welcome(customer) {
  return send((mail) =>
    mail.to(`${customer}@example.com`).subject("Welcome").text(`Welcome, ${customer}!`),
  );
}

async function sendInvoice(customer, article) {
  await wait(10 + 50 * Math.random());
  const invoice = Buffer.from(`Invoice to ${customer}\n1 ${article}, 80.00\n`).toString("base64");
  await send((mail) =>
    mail
      .to(`${customer}@example.com`)
      .subject("Your invoice")
      .text("It is attached.")
      .attach("invoice.txt", invoice)
      .metadata({ customer }),
  );
}

createServer(async (request, response) => {
  if (request.url === "/healthz") return response.end("ok");
  const customer = request.headers.authorization?.replace(/^Bearer /, "");
  if (customer === undefined) return response.writeHead(401).end();
  try {
    const { article } = await json(request);
    if (request.url === "/customers") await welcome(customer);
    if (request.url === "/orders") await sendInvoice(customer, article);
    response.writeHead(202).end();
  } catch {
    response.writeHead(400).end();
  }
}).listen(process.env.PORT);
