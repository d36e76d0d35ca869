import { expect, it } from "vitest";
import { canTouch } from "../../../src/detectors/heap-graph/own-variables.ts";

const wanted = { className: "Manager", variable: "table" };
const touches = (text: string): boolean =>
  canTouch("server.mjs", `const table = new Map();${text}`, wanted);

it.each([
  ["the class itself", "class Manager { send(a) { table.get(a); } }"],
  [
    "a function that the class calls",
    "class Manager { send() { find(); } } function find() { return table; }",
  ],
  [
    "a constant that the class uses",
    "const find = () => table; const Manager = class { send = find; };",
  ],
  [
    "a default of a parameter",
    "class Manager { constructor(users = table) { this.users = users; } }",
  ],
  [
    "another module of the program, for all one knows",
    'import { ask } from "./other.js"; export class Manager { send() { ask(); } } export function find() { return table; }',
  ],
  ["code that can't be seen", "const make = () => class { send() {} };"],
])("a class touches a table that is named by %s", (_, text) => {
  expect(touches(text)).toBe(true);
});

it.each([
  [
    "only the program beside it names it",
    "class Manager { sockets = new Set(); } function managerOf(a) { return table.get(a) ?? new Manager(a); }",
  ],
  [
    "a property has the same name",
    "class Manager { table = 1; send() { return this.table + { table: 2 }.table; } }",
  ],
  [
    "a package can't know it",
    'import { ask } from "ask"; class Manager { send() { ask(); } } export const find = () => table;',
  ],
])("a class does not touch a table if %s", (_, text) => {
  expect(touches(text)).toBe(false);
});
