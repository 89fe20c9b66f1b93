// @ts-check
/** Types that several parts of the API share. */

/** @typedef {Blob | ImageBitmap | ImageData | HTMLCanvasElement | OffscreenCanvas | HTMLImageElement | string | URL} ImageSource */
/** @typedef {Record<string, Float32Array | Uint16Array | Uint8Array>} Buffers  typed arrays by their names */
/**
 * What goes along with a question to the engine.
 * @typedef {object} Sent
 * @property {Blob | ImageBitmap | ImageData} [image]
 * @property {number} [key]  by which the engine knows the image again
 * @property {MessagePort} [port]
 * @property {Blob[]} [files]
 * @property {Buffers} [buffers]
 */
/** @typedef {{ json: string, data: Float32Array, buffers: Buffers }} Reply  data: the buffer of this name, if the operation gives it */
/**
 * @typedef {object} AskOptions
 * @property {(progress: any, buffers: Buffers) => void} [onProgress]
 * @property {AbortSignal} [signal]  gives the question up
 * @property {AbortSignal} [stop]  asks for an early answer
 */
/**
 * What the engine does for the parts of the API.
 * @typedef {object} Engine
 * @property {import('../zproto.js').Info} info  one object as long as the engine lives
 * @property {(op: import('../zproto.js').Op, args: object, options: Sent & AskOptions) => Promise<Reply>} ask
 * @property {(image: ImageSource, op: import('../zproto.js').Op, args: object, options: AskOptions) => Promise<Reply>} askAbout
 */
export {};
