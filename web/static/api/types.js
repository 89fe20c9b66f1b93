// @ts-check
/** Types that several parts of the API share. */

/**
 * @typedef {Blob | ImageBitmap | ImageData | HTMLCanvasElement | OffscreenCanvas | HTMLImageElement | HTMLVideoElement
 *   | VideoFrame | string | URL} ImageSource
 */
/**
 * What to leave out of which blocks, by their index.
 * @typedef {Record<number, import('../zproto.js').Ablation>} Ablate
 */
/** @typedef {Record<string, Float32Array | Uint16Array | Uint8Array>} Buffers  typed arrays by name */
/**
 * What is posted to the engine along with a request.
 * @typedef {object} Sent
 * @property {Blob | ImageBitmap | ImageData} [image]
 * @property {number} [key]  identifies the image, so that the engine can reuse its last pass; 0: it cannot
 * @property {MessagePort} [port]
 * @property {Blob[]} [files]
 * @property {Buffers} [buffers]
 */
/**
 * The engine's answer to a request.
 * @typedef {object} Reply
 * @property {string} json
 * @property {Float32Array} data  the buffer of that name, if the operation returns one
 * @property {Buffers} buffers
 */
/**
 * @typedef {object} AskOptions
 * @property {(progress: any, buffers: Buffers) => void} [onProgress]
 * @property {AbortSignal} [signal]  cancels the request
 * @property {AbortSignal} [stop]  asks the engine to finish early and answer with what it has
 */
/**
 * What the other parts of the API need of the engine.
 * @typedef {object} Engine
 * @property {import('../zproto.js').Info} info  the same object for the engine's whole life
 * @property {(op: import('../zproto.js').Op, args: object, options: Sent & AskOptions) => Promise<Reply>} ask
 * @property {(
 *   image: ImageSource, op: import('../zproto.js').Op, args: object, options: AskOptions
 * ) => Promise<Reply>} askAbout
 */
export {};
