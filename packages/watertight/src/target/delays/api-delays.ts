import crypto from "node:crypto";
import dns from "node:dns";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import timers from "node:timers/promises";
import zlib from "node:zlib";
import type { Delayer } from "./delayer.ts";

type AnyFunction = (this: unknown, ...parameters: unknown[]) => unknown;
type Api = Record<string, unknown>;

/** Calls whose last parameter is called when they are done. */
const CALLBACK_APIS = Object.freeze({
  fs: "access appendFile chmod close copyFile fsync lstat mkdir open read readFile readdir rename rm rmdir stat truncate unlink utimes write writeFile",
  crypto: "hkdf pbkdf2 randomBytes randomFill scrypt",
  dns: "lookup resolve resolve4 resolve6",
  zlib: "brotliCompress brotliDecompress deflate deflateRaw gunzip gzip inflate inflateRaw unzip",
});
/** Calls that answer a promise. */
const PROMISE_APIS = Object.freeze({
  fs: "access appendFile chmod copyFile lstat mkdir open readFile readdir rename rm rmdir stat truncate unlink utimes writeFile",
  subtle: "decrypt deriveBits deriveKey digest encrypt exportKey generateKey importKey sign verify",
  timers: "setTimeout setImmediate",
});

/**
 * Makes Node itself slower by a few milliseconds here and there: files, timers, names, compression,
 * cryptography, and answers from other servers. All of them may take that long on any machine, so
 * whatever order comes of it can happen. What arrives on one connection stays in its order.
 */
export function delayApis(delayer: Delayer, setTimer: typeof setTimeout): void {
  const callBack: Wrap = (name, original) => delayCallback(name, original, { delayer, setTimer });
  const promise: Wrap = (name, original) => delayPromise(name, original, { delayer, setTimer });
  wrapAll(fs as unknown as Api, "fs", CALLBACK_APIS.fs, callBack);
  wrapAll(crypto as unknown as Api, "crypto", CALLBACK_APIS.crypto, callBack);
  wrapAll(dns as unknown as Api, "dns", CALLBACK_APIS.dns, callBack);
  wrapAll(zlib as unknown as Api, "zlib", CALLBACK_APIS.zlib, callBack);
  wrapAll(fs.promises as unknown as Api, "fs.promises", PROMISE_APIS.fs, promise);
  wrapAll(timers as unknown as Api, "timers/promises", PROMISE_APIS.timers, promise);
  wrapAll(Object.getPrototypeOf(crypto.subtle) as Api, "subtle", PROMISE_APIS.subtle, promise);
  delayTimers(delayer);
  delayAnswers(delayer, setTimer);
  syncBuiltinESMExports();
}

interface Means {
  readonly delayer: Delayer;
  readonly setTimer: typeof setTimeout;
}

type Wrap = (name: string, original: AnyFunction) => AnyFunction;

function wrapAll(api: Api, room: string, names: string, wrap: Wrap): void {
  for (const name of names.split(" ")) {
    const original = api[name];
    if (typeof original !== "function") continue;
    replace(api, name, wrap(`${room}.${name}`, original as AnyFunction));
  }
}

/** Keeps what hangs on a function, such as how `util.promisify` treats it. */
function replace(api: Api, name: string, replacement: AnyFunction): void {
  const original = api[name] as AnyFunction;
  const {
    length: _,
    name: __,
    prototype: ___,
    ...kept
  } = Object.getOwnPropertyDescriptors(original);
  Object.defineProperties(replacement, kept);
  Object.defineProperty(api, name, { value: replacement, writable: true, configurable: true });
}

function delayCallback(name: string, original: AnyFunction, means: Means): AnyFunction {
  return function delayed(this: unknown, ...parameters) {
    const done = parameters.at(-1);
    if (typeof done !== "function") return original.apply(this, parameters);
    const late: AnyFunction = function late(this: unknown, ...results) {
      const ms = means.delayer.pause(name);
      if (ms === 0) return done.apply(this, results);
      means.setTimer(() => done.apply(this, results), ms);
    };
    return original.apply(this, [...parameters.slice(0, -1), late]);
  };
}

function delayPromise(name: string, original: AnyFunction, means: Means): AnyFunction {
  return function delayed(this: unknown, ...parameters) {
    const result = original.apply(this, parameters);
    const ms = means.delayer.pause(name);
    if (ms === 0 || !(result instanceof Promise)) return result;
    const wait = (): Promise<void> => new Promise((resolve) => void means.setTimer(resolve, ms));
    return result.then(
      (value: unknown) => wait().then(() => value),
      (error: unknown) =>
        wait().then(() => {
          throw error;
        }),
    );
  };
}

/** A timer may always be late; never early. */
function delayTimers(delayer: Delayer): void {
  const original = globalThis.setTimeout as unknown as AnyFunction;
  const late: AnyFunction = function late(this: unknown, callback, ms = 0, ...parameters) {
    const extra = delayer.pause("setTimeout");
    return original.call(this, callback, Number(ms) + extra, ...parameters);
  };
  replace(globalThis as unknown as Api, "setTimeout", late);
}

/** What another server answers comes later, in its order; `null` is the end of it. */
function delayAnswers(delayer: Delayer, setTimer: typeof setTimeout): void {
  const prototype = net.Socket.prototype as unknown as Api;
  const connect = prototype["connect"] as AnyFunction;
  replace(prototype, "connect", function delayed(this: unknown, ...parameters) {
    delayArrivals(this as net.Socket, delayer, setTimer);
    return connect.apply(this, parameters);
  });
}

function delayArrivals(socket: net.Socket, delayer: Delayer, setTimer: typeof setTimeout): void {
  if (Object.hasOwn(socket, "push")) return;
  const push = socket.push.bind(socket);
  let queue: Promise<void> | undefined;
  let waiting = 0;
  const deliver = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    const ms = delayer.pause("socket");
    if (queue === undefined && ms === 0) return push(chunk, encoding);
    waiting += 1;
    queue = (queue ?? Promise.resolve())
      .then(() => new Promise<void>((resolve) => void setTimer(resolve, ms)))
      .then(() => {
        waiting -= 1;
        if (waiting === 0) queue = undefined;
        if (!socket.destroyed) push(chunk, encoding);
      });
    return socket.readableLength < socket.readableHighWaterMark;
  };
  Object.defineProperty(socket, "push", { value: deliver, configurable: true, writable: true });
}
