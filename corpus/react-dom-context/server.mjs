// A mail order house: a long page of orders for customers, a short one for everybody; the header says who is signed in.
import { createServer } from "node:http";
import React from "react";
import server from "react-dom/server.js";

const element = React.createElement;
const Customer = React.createContext(undefined);

function Greeting() {
  const greet = (name) => element("p", null, name === undefined ? "Sign in" : `Hello ${name}`);
  return element(Customer.Consumer, null, greet);
}

function Order({ number }) {
  const text = `Order ${number}: ${"a teapot, ".repeat(120)}packed and sent`;
  return element("li", null, text);
}

function Orders({ customer }) {
  const numbers = Array.from({ length: 600 }, (_, number) => number);
  const orders = numbers.map((number) => element(Order, { key: number, number }));
  return element(
    Customer.Provider,
    { value: customer },
    element(Greeting),
    element("ol", null, orders),
  );
}

function Imprint() {
  return element("main", null, element(Greeting), element("p", null, "Teapots & Sons, est. 1890"));
}

createServer((request, response) => {
  if (request.url === "/healthz") return response.end("ok");
  const customer = request.headers.authorization?.replace(/^Bearer /, "");
  if (request.url === "/orders" && customer === undefined) return response.writeHead(401).end();
  const page = request.url === "/orders" ? element(Orders, { customer }) : element(Imprint);
  const html = server.renderToNodeStream(page);
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  html.pipe(response);
  response.once("close", () => html.destroy());
}).listen(process.env.PORT);
