// Models in several files, made of one that is in a single file, as PyTorch's exporter and Hugging Face's libraries
// write them.

/**
 * Saves a safetensors file as a checkpoint in two parts with their index.
 * @param {Buffer} whole
 * @returns {{ parts: [Buffer, Buffer], names: [string, string], index: string }}
 */
export function inParts(whole) {
  const begin = 8 + Number(whole.readBigUInt64LE());
  const { __metadata__: metadata, ...tensors } = JSON.parse(whole.subarray(8, begin).toString());
  const entries = Object.entries(tensors)
    .toSorted(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  const half = entries.length >> 1;
  const part = (/** @type {typeof entries} */ some) => {
    const from = some[0][1].data_offsets[0];
    const to = some[some.length - 1][1].data_offsets[1];
    const moved = some.map(([name, { data_offsets: [a, b], ...rest }]) =>
      [name, { ...rest, data_offsets: [a - from, b - from] }]);
    const header = Buffer.from(JSON.stringify({ __metadata__: metadata ?? {}, ...Object.fromEntries(moved) }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, header, whole.subarray(begin + from, begin + to)]);
  };
  const names = /** @type {[string, string]} */ (
    ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']);
  const map = Object.fromEntries(entries.map(([name], i) => [name, names[Number(i >= half)]]));
  return {
    parts: [part(entries.slice(0, half)), part(entries.slice(half))],
    names,
    index: JSON.stringify({ metadata: { total_size: whole.length - begin }, weight_map: map }),
  };
}

/** The fields of a protocol buffer: each with its bytes, and its content. @param {Buffer} message */
function* fieldsOf(message) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const from = at;
    const tag = varint();
    const kind = tag & 7;
    if (kind === 0) varint();
    const length = { 0: 0, 1: 8, 2: 0, 5: 4 }[kind] ?? 0;
    const size = kind === 2 ? varint() : length;
    const content = message.subarray(at, at += size);
    yield { number: tag >> 3, bytes: message.subarray(from, at), content };
  }
}

/** @param {number} number @param {Buffer | string} content */
function field(number, content) {
  const bytes = Buffer.from(content);
  const head = [];
  for (let n of [number << 3 | 2, bytes.length]) {
    for (; n > 127; n = Math.floor(n / 128)) head.push(n % 128 | 128);
    head.push(n);
  }
  return Buffer.concat([Buffer.from(head), bytes]);
}

/**
 * Replaces some fields.
 * @param {Buffer} message
 * @param {number} number
 * @param {(content: Buffer) => Buffer} to  gives a field of that number anew
 */
const changed = (message, number, to) => Buffer.concat([...fieldsOf(message)]
  .map(one => (one.number === number ? to(one.content) : one.bytes)));

/**
 * Moves the weights of an ONNX file to another file.
 * @param {Buffer} whole
 * @param {string} file its name
 * @returns {{ graph: Buffer, data: Buffer }}
 */
export function withExternalData(whole, file) {
  /** @type {Buffer[]} */
  const moved = [];
  let offset = 0;
  const entry = (/** @type {string} */ key, /** @type {string} */ value) =>
    field(13, Buffer.concat([field(1, key), field(2, value)]));
  const graph = changed(whole, 7, content => field(7, changed(content, 5, tensor => field(5, changed(tensor, 9, raw => {
    moved.push(raw);
    offset += raw.length;
    return Buffer.concat([entry('location', file), entry('offset', String(offset - raw.length)),
      entry('length', String(raw.length)), Buffer.from([14 << 3, 1])]);
  })))));
  return { graph, data: Buffer.concat(moved) };
}
