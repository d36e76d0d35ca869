import { createServer, type IncomingMessage } from "node:http";
import { type Entry, write } from "./guest-book.ts";

function mottoOf({ url = "/" }: IncomingMessage): string {
  return new URL(url, "http://localhost").searchParams.get("motto") ?? "";
}

const server = createServer((request, response) => {
  const page: readonly Entry[] = write(mottoOf(request));
  response.end(JSON.stringify(page));
});
// oxlint-disable-next-line node/no-process-env -- where servers get their port from
server.listen(Number(process.env["PORT"]), "127.0.0.1");
