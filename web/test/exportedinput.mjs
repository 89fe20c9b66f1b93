// What another program does with a network that Teach has exported: it reads the model card in the file, and prepares
// pictures as that says. Nothing here is shared with what the page does.

/** The length of a varint at a place, and its value. @param {Buffer} bytes @param {number} at */
function varint(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at };
  }
}

/**
 * A text in the metadata of a safetensors or ONNX file, or '' if it has none under this key.
 * @param {Buffer} file
 * @param {string} key
 * @returns {string}
 */
export function metadataOf(file, key) {
  if (file[8] === 0x7b) { // "{": a safetensors file begins with its header's length
    const header = JSON.parse(file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString());
    return header.__metadata__[key] ?? '';
  }
  // In ONNX a property is a message with the key as its field 1 and the text as field 2, both with their lengths.
  const property = Buffer.concat([Buffer.from([0x0a, key.length]), Buffer.from(key), Buffer.from([0x12])]);
  const at = file.indexOf(property);
  if (at < 0) return '';
  const { value, end } = varint(file, at + property.length);
  return file.subarray(end, end + value).toString();
}

/**
 * A network's input of a picture that the card's network would not scale: its shorter side is as long as the card says.
 * @param {Buffer} file  the network
 * @param {{ pixels: Uint8Array, width: number, height: number }} picture  R, G, B of each pixel
 * @param {{ mirrored?: boolean }} [options]
 * @returns {{ data: Float32Array, dims: number[] }}  1×3×height×width
 */
export function inputOf(file, { pixels, width, height }, { mirrored = false } = {}) {
  const card = JSON.parse(metadataOf(file, 'residua.card'));
  const { inputSize: seen, shortSide, channelOrder, rescale, mean, std } = card;
  if (Math.min(width, height) !== shortSide) throw new Error(`the card wants a shorter side of ${shortSide} pixels`);
  const [left, top] = [(width - seen) / 2, (height - seen) / 2];
  if (left % 1 || top % 1) throw new Error('the middle of the picture lies between two pixels');
  const order = channelOrder === 'BGR' ? [2, 1, 0] : [0, 1, 2];
  const data = new Float32Array(3 * seen * seen);
  order.forEach((channel, c) => {
    for (let at = 0; at < seen * seen; at++) {
      const column = mirrored ? seen - 1 - at % seen : at % seen;
      const pixel = (Math.floor(at / seen) + top) * width + column + left;
      data[c * seen * seen + at] = (pixels[3 * pixel + channel] * rescale - mean[c]) / std[c];
    }
  });
  return { data, dims: [1, 3, seen, seen] };
}

/**
 * The probabilities that a program gives who reads the file with onnxruntime-web: the softmax of the logits or, where
 * the file says so, of the mean of the logits for a picture and its mirror image.
 * @param {Buffer} file  ONNX
 * @param {{ pixels: Uint8Array, width: number, height: number }[]} pictures
 * @returns {Promise<number[][]>}  of each picture, one of each class
 */
export async function answersOf(file, pictures) {
  const { InferenceSession, Tensor, env } = await import('onnxruntime-web');
  env.wasm.numThreads = 1;
  const session = await InferenceSession.create(file, { executionProviders: ['wasm'] });
  const logits = async (/** @type {typeof pictures[0]} */ picture, mirrored = false) => {
    const { data, dims } = inputOf(file, picture, { mirrored });
    const { y } = await session.run({ x: new Tensor('float32', data, dims) });
    return Array.from(/** @type {Float32Array} */ (y.data));
  };
  const isMirrored = metadataOf(file, 'residua.onepass') !== '';
  const answers = [];
  for (const picture of pictures) {
    let z = await logits(picture);
    if (isMirrored) {
      const other = await logits(picture, true);
      z = z.map((value, i) => (value + other[i]) / 2);
    }
    answers.push(softmax(z));
  }
  await session.release();
  return answers;
}

/** @param {number[]} z */
export function softmax(z) {
  const most = Math.max(...z);
  const powers = z.map(value => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(value => value / sum);
}

/** The largest difference of two lists of answers. @param {number[][]} a @param {number[][]} b */
export const differenceOf = (a, b) =>
  Math.max(...a.flatMap((row, i) => row.map((value, k) => Math.abs(value - (b[i]?.[k] ?? Infinity)))));
