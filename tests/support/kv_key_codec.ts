/**
 * Deno KV's key order as text: a key becomes a string whose UTF-16 order equals the byte order of
 * the real encoding (FoundationDB tuples), one code unit per byte. Its length is the key's size.
 */
const BYTES = "\x01";
const STRING = "\x02";
const INTEGER_ZERO = 0x14;
const DOUBLE = "\x21";
const FALSE = "\x26";
const TRUE = "\x27";
const END = "\x00";
const PLAIN = /^[ -~]*$/;

const utf8 = new TextEncoder();
const scratch = new DataView(new ArrayBuffer(8));

export function encodeKey(key: Deno.KvKey): string {
  let text = "";
  for (let index = 0; index < key.length; index++) text += encodePart(key[index]);
  return text;
}

function encodePart(part: Deno.KvKeyPart | undefined): string {
  switch (typeof part) {
    case "string":
      return STRING + (PLAIN.test(part) ? part : escape(utf8.encode(part))) + END;
    case "number":
      return DOUBLE + encodeDouble(part);
    case "bigint":
      return encodeInteger(part);
    case "boolean":
      return part ? TRUE : FALSE;
  }
  if (part instanceof Uint8Array) return BYTES + escape(part) + END;
  throw new TypeError("A key part must be a string, number, bigint, boolean or Uint8Array");
}

function escape(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte === 0 ? "\x00\xff" : String.fromCharCode(byte);
  return text;
}

function encodeDouble(value: number): string {
  scratch.setFloat64(0, value);
  const negative = scratch.getUint8(0) >= 0x80;
  let text = "";
  for (let index = 0; index < 8; index++) {
    const byte = scratch.getUint8(index);
    const flipped = negative ? byte ^ 0xff : index === 0 ? byte ^ 0x80 : byte;
    text += String.fromCharCode(flipped);
  }
  return text;
}

function encodeInteger(value: bigint): string {
  if (value === 0n) return String.fromCharCode(INTEGER_ZERO);
  const negative = value < 0n;
  const bytes: number[] = [];
  for (let rest = negative ? -value : value; rest > 0n; rest >>= 8n) {
    bytes.unshift(Number(rest & 0xffn));
  }
  const long = bytes.length > 8;
  const size = long ? 9 : bytes.length;
  const head = [negative ? INTEGER_ZERO - size : INTEGER_ZERO + size];
  if (long) head.push(negative ? bytes.length ^ 0xff : bytes.length);
  const body = negative ? bytes.map((byte) => byte ^ 0xff) : bytes;
  return String.fromCharCode(...head, ...body);
}
