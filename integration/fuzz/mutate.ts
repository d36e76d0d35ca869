import type { Random } from "../chaos/random.ts";

const TOKENS: readonly Buffer[] = Object.freeze(
  [
    "__proto__",
    '{"type":"run"',
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\0",
    "\u2028",
    "[[[[[[[[",
    "1e999",
    "-1",
    "\\ud800",
    "%00",
    "%",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "0\r\n\r\n",
  ]
    .map((token) => Buffer.from(token))
    // No beginning of a character, half of one, and what UTF-8 forbids.
    .concat([Buffer.from([0xff]), Buffer.from([0xc3]), Buffer.from([0xed, 0xa0, 0x80])]),
);

/** Changes bytes at random, a few times. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let changed = bytes;
  for (let times = random.between(1, 4); times > 0; times -= 1)
    changed = mutateOnce(changed, random);
  return changed;
}

function mutateOnce(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + random.between(1, 32));
  switch (random.below(6)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    case 4: {
      const part = bytes.subarray(at, end);
      const repeated = Array.from({ length: random.between(2, 200) }, () => part);
      return Buffer.concat([bytes.subarray(0, at), ...repeated, bytes.subarray(end)]);
    }
    default:
      return Buffer.concat([bytes.subarray(0, at), random.pick(TOKENS), bytes.subarray(at)]);
  }
}
