import type { Random } from "../chaos/random.ts";
import { clientFrame, type World } from "./grammar.ts";
import type { FuzzInput, Step } from "./input.ts";
import { mutate } from "./mutate.ts";
import { authorization } from "./tokens.ts";

/** A frame of RFC 6455, as right or as wrong as one likes. */
export interface WebSocketFrame {
  readonly payload: Buffer;
  readonly opcode: number;
  readonly isFinal?: boolean;
  readonly isMasked?: boolean;
  readonly reserved?: number;
  /** What the header says, if not the truth. */
  readonly saidLength?: bigint;
}

const MASK = Buffer.from([0x12, 0x34, 0x56, 0x78]);

/** Writes a frame to bytes. */
export function encodeFrame(frame: WebSocketFrame): Buffer {
  const { payload, opcode, isFinal = true, isMasked = true, reserved = 0 } = frame;
  const length = frame.saidLength ?? BigInt(payload.length);
  const form = length < 126n ? Number(length) : length < 65_536n ? 126 : 127;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const header = [Buffer.from([first, (isMasked ? 0x80 : 0) | form])];
  const extended = Buffer.alloc(form === 126 ? 2 : form === 127 ? 8 : 0);
  if (form === 126) extended.writeUInt16BE(Number(length));
  if (form === 127) extended.writeBigUInt64BE(BigInt.asUintN(64, length));
  header.push(extended);
  if (!isMasked) return Buffer.concat([...header, payload]);
  const masked = Buffer.from(payload);
  for (let index = 0; index < masked.length; index += 1) {
    masked[index] = (masked[index] ?? 0) ^ (MASK[index % 4] ?? 0);
  }
  return Buffer.concat([...header, MASK, masked]);
}

/** The request that opens a socket; now and then one that should not. */
function upgrade(random: Random, world: World, userId: string): Buffer {
  const query = random.pick([
    "",
    "",
    "",
    "?after=oldest",
    `?after=${encodeURIComponent(random.pick([...world.positions, "a.0.b"]))}`,
    `?session=${encodeURIComponent(random.pick([...world.sessions, "x"]))}`,
    "?ticket=x",
    "?after=%00%ff&after=oldest&session=",
  ]);
  const lines = [
    `GET /ws${query} HTTP/1.1`,
    "Host: localhost",
    `Connection: ${random.chance(0.97) ? "Upgrade" : "keep-alive, Upgrade"}`,
    `Upgrade: ${random.chance(0.97) ? "websocket" : "h2c"}`,
    `Sec-WebSocket-Version: ${random.chance(0.97) ? "13" : random.pick(["8", "99", "x"])}`,
    `Sec-WebSocket-Key: ${random.chance(0.97) ? "dGhlIHNhbXBsZSBub25jZQ==" : "short"}`,
    `Authorization: ${authorization(random, userId)}`,
    ...(random.chance(0.1) ? ["Sec-WebSocket-Extensions: permessage-deflate; x=1"] : []),
    ...(random.chance(0.1) ? ["Sec-WebSocket-Protocol: a, b, ,"] : []),
    ...(random.chance(0.05) ? ["Origin: http://evil.example"] : []),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/** One socket and everything that is said on it. */
export function webSocketInput(random: Random, world: World, userId: string): FuzzInput {
  const opening = upgrade(random, world, userId);
  const isTorn = random.chance(0.03);
  const steps: Step[] = [{ bytes: isTorn ? mutate(opening, random) : opening, pauseMs: 0 }];
  const kinds = new Set<string>();
  for (let frames = random.between(1, 12); frames > 0; frames -= 1) {
    const [kind, bytes] = saying(random, world);
    kinds.add(kind);
    const pauseMs = random.chance(0.3) ? random.below(30) : 0;
    // What comes in one go with the handshake, or in two halves, is no less a frame.
    const cut = random.chance(0.1) ? random.below(bytes.length + 1) : bytes.length;
    steps.push({ bytes: bytes.subarray(0, cut), pauseMs });
    if (cut < bytes.length) steps.push({ bytes: bytes.subarray(cut), pauseMs: random.below(10) });
  }
  return {
    kind: `ws ${[...kinds].toSorted().join("+")}`,
    userId,
    steps,
    ending: random.pick(["end", "destroy", "reset"]),
    lingerMs: random.chance(0.1) ? 500 : random.between(2, 80),
  };
}

function saying(random: Random, world: World): [kind: string, bytes: Buffer] {
  const payload = Buffer.from(clientFrame(random, world));
  const kind = random.below(12);
  if (kind < 6) return ["grammar", encodeFrame({ payload, opcode: 1 })];
  if (kind < 8) return ["mutation", encodeFrame({ payload: mutate(payload, random), opcode: 1 })];
  if (kind === 8) return ["fragments", fragments(payload, random)];
  if (kind === 9) return ["control", control(random)];
  if (kind === 10) return ["broken", broken(payload, random)];
  return random.chance(0.15) ? ["huge", huge(random)] : ["garbage", garbage(random)];
}

function fragments(payload: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  let rest = payload;
  for (let opcode = 1; rest.length > 0 && parts.length < 40; opcode = 0) {
    const size = random.between(0, Math.ceil(rest.length / 3));
    const isFinal = size >= rest.length || parts.length === 39;
    parts.push(encodeFrame({ payload: rest.subarray(0, size), opcode, isFinal }));
    rest = rest.subarray(size);
    if (random.chance(0.1)) parts.push(encodeFrame({ payload: Buffer.from("!"), opcode: 9 }));
  }
  if (random.chance(0.2)) parts.reverse();
  return Buffer.concat(parts);
}

function control(random: Random): Buffer {
  const codes = [1000, 1001, 1005, 1006, 3000, 4999, 5000, 0, 65_535];
  const code = Buffer.alloc(2);
  code.writeUInt16BE(random.pick(codes));
  const payload = random.pick([
    Buffer.alloc(0),
    code,
    Buffer.from([1]),
    Buffer.concat([code, Buffer.from([0xff, 0xfe])]),
    Buffer.alloc(126, "x"),
  ]);
  const frame = encodeFrame({ payload, opcode: random.pick([8, 9, 10]) });
  return Buffer.concat(Array.from({ length: random.pick([1, 1, 3, 150]) }, () => frame));
}

/** Headers that no client may write. */
function broken(payload: Buffer, random: Random): Buffer {
  const frame = { payload: payload.subarray(0, 200), opcode: 1 };
  switch (random.below(6)) {
    case 0:
      return encodeFrame({ ...frame, opcode: random.pick([2, 3, 7, 11, 15]) });
    case 1:
      return encodeFrame({ ...frame, isMasked: false });
    case 2:
      return encodeFrame({ ...frame, reserved: random.between(1, 7) });
    case 3:
      return encodeFrame({ ...frame, saidLength: random.pick([0n, 5n, 70_000n, 2n ** 63n, -1n]) });
    case 4:
      return encodeFrame({ ...frame, opcode: 0 });
    default:
      return mutate(encodeFrame(frame), random);
  }
}

/** More than a frame may have, and much of what it may. */
function huge(random: Random): Buffer {
  const size = random.pick([300 * 1024, 1024 * 1024, 1024 * 1024 + 1, 10 * 1024 * 1024]);
  const letter = random.pick(["[", " ", '"', "a"]);
  return encodeFrame({ payload: Buffer.alloc(size, letter), opcode: 1 });
}

function garbage(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
}
