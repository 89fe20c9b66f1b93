// Taught heads as safetensors files, for tests and for commands that upload many: sound ones, and ones that are wrong
// in a chosen way.

/** The features of ResNet-50. */
export const features = 2048;

/** The greatest upload that a server takes. */
export const maxUpload = 4 << 20;

/** @typedef {{ name: string, dtype: string, shape: number[], data: Uint8Array }} Tensor */

/** @param {string} name @param {number[]} shape @param {(i: number) => number} value @returns {Tensor} */
export function tensor(name, shape, value) {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i));
  return { name, dtype: 'F32', shape, data: new Uint8Array(values.buffer) };
}

/**
 * The parts of a head's file: its description and its tensors. Another seed gives another head.
 * @param {{ classes?: string[], seed?: number, d?: number }} [options]  d: features
 */
export function headParts({ classes = ['cat', 'dog'], seed = 0, d = features } = {}) {
  const n = classes.length;
  const value = (/** @type {number} */ i) => 0.5 + ((i * 7 + seed) % 1009) / 1024;
  return {
    /** @type {Record<string, unknown>} */
    card: {
      version: 1, model: 'resnet50', classes,
      strength: 0.1, temperature: 2.5, limit: 0.4, keep: 0.95, n: 30 + seed,
    },
    tensors: [
      tensor('head.mean', [d], value),
      tensor('head.std', [d], value),
      tensor('head.weight', [n, d], value),
      tensor('head.bias', [n], value),
      tensor('threshold.means', [n, d], value),
    ],
  };
}

/**
 * Writes a safetensors file. Names may be twice in it, which a JSON object would not allow.
 * @param {Record<string, string>} metadata @param {Tensor[]} tensors
 * @returns {Buffer}
 */
export function safetensors(metadata, tensors) {
  let at = 0;
  const entries = tensors.map(({ name, dtype, shape, data }) => {
    const entry = `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [at, at + data.length] })}`;
    at += data.length;
    return entry;
  });
  let header = `{${[`"__metadata__":${JSON.stringify(metadata)}`, ...entries].join(',')}}`;
  header += ' '.repeat((8 - (Buffer.byteLength(header) % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), ...tensors.map(({ data }) => data)]);
}

/** @param {ReturnType<typeof headParts>} parts */
export const headFile = ({ card, tensors }) => safetensors({ 'residua.taught': JSON.stringify(card) }, tensors);

/** A file that a server takes. @param {Parameters<typeof headParts>[0]} [options] */
export const soundHead = options => headFile(headParts(options));

/** Names of classes that no server keeps. */
export const hostileLabels = [
  '', ' ', '\u200b', 'x'.repeat(65), 'cat\n', '\x00', '\x1b[31mred', 'cat\u0085', 'a\u2028b', 'a\u2029b',
  'cat\u202egod', '\u2066cat\u2069', 'cat\u200f', '\u061ccat', '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>', '"><svg onload=alert(1)>', '</title><script>alert(1)</script>', '<b>cat</b>',
  '<!--', 'cat\ufffd',
];

/** Names that a server keeps, and that are hard on a page all the same. */
export const oddLabels = [
  'javascript:alert(1)', '&lt;img src=x onerror=alert(1)&gt;', '&#x3C;b&#x3E;', '\' onmouseover=\'alert(1)',
  '${alert(1)}{{alert(1)}}', '\u05d7\u05ea\u05d5\u05dc', '\u0642\u0637\u0629 cat 123',
  '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}', 'x'.repeat(64), `Z${'\u0310\u0359\u0353'.repeat(21)}`,
  'c\u200ba\u200bt', '__proto__',
];

/**
 * Every way in which a file can be wrong, with the code of its refusal.
 * @type {Record<string, { code: string, file: (seed: number) => Buffer }>}
 */
export const hostileFiles = Object.fromEntries([
  ...hostileLabels.map((label, i) => /** @type {const} */ ([`label ${i}`, {
    code: 'bad-label',
    file: (/** @type {number} */ seed) => soundHead({ classes: ['cat', label], seed }),
  }])),
  changed('one class', 'not-a-head', parts => { parts.card.classes = ['cat']; }),
  changed('three names for two classes', 'not-a-head', parts => { parts.card.classes = ['cat', 'dog', 'cow']; }),
  changed('a network of no name', 'not-a-head', parts => { parts.card.model = '<script>'; }),
  changed('an unknown field', 'not-a-head', parts => { parts.card.html = '<script>'; }),
  changed('a tensor missing', 'not-a-head', parts => { parts.tensors.splice(1, 1); }),
  changed('a tensor too many', 'not-a-head', parts => {
    parts.tensors.push(tensor('layer4.2.conv1.weight', [4], () => 1));
  }),
  changed('a wrong shape', 'not-a-head', parts => { parts.tensors[2].shape = [features, 2]; }),
  changed('halves', 'not-a-head', parts => {
    parts.tensors[3] = { name: 'head.bias', dtype: 'F16', shape: [2], data: new Uint8Array(4) };
  }),
  changed('NaN', 'not-finite', parts => {
    parts.tensors[2] = tensor('head.weight', [2, features], i => (i === 9 ? NaN : 1));
  }),
  changed('infinity', 'not-finite', parts => { parts.tensors[3] = tensor('head.bias', [2], () => -Infinity); }),
  changed('a deviation of 0', 'not-a-head', parts => { parts.tensors[1] = tensor('head.std', [features], () => 0); }),
  changed('one name twice', 'not-safetensors', parts => {
    parts.tensors[1] = { ...parts.tensors[1], name: 'head.mean' };
  }),
  ['more metadata', {
    code: 'not-a-head',
    file: seed => {
      const { card, tensors } = headParts({ seed });
      return safetensors({ 'residua.taught': JSON.stringify(card), format: 'pt' }, tensors);
    },
  }],
  ['a long header', {
    code: 'not-a-head',
    file: seed => safetensors({ 'residua.taught': ' '.repeat(1 << 14) }, headParts({ seed }).tensors),
  }],
  ['no metadata', { code: 'not-a-head', file: seed => safetensors({}, headParts({ seed }).tensors) }],
  ['truncated', { code: 'not-safetensors', file: seed => soundHead({ seed }).subarray(0, -1 - (seed % 1000)) }],
  ['a byte too many', {
    code: 'not-safetensors',
    file: seed => Buffer.concat([soundHead({ seed }), Buffer.from([0])]),
  }],
  ['a claim of 2^63 bytes', { code: 'not-a-head', file: () => Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x80, 0x7b, 0x7d]) }],
  ['a page', { code: 'not-a-head', file: seed => Buffer.from(`<!doctype html><script>alert(${seed})</script>`) }],
  ['nothing', { code: 'not-safetensors', file: () => Buffer.alloc(0) }],
]);

/**
 * @param {string} name
 * @param {string} code
 * @param {(parts: ReturnType<typeof headParts>) => void} change
 * @returns {[string, { code: string, file: (seed: number) => Buffer }]}
 */
function changed(name, code, change) {
  return [name, {
    code,
    file: seed => {
      const parts = headParts({ seed });
      change(parts);
      return headFile(parts);
    },
  }];
}
