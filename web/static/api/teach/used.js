// @ts-check
/**
 * What the engine does for a teacher: Residua gives it these, and nobody else.
 * @typedef {object} Engine
 * @property {import('../../zproto.js').Info} info  one object as long as the engine lives
 * @property {(op: import('../../zproto.js').Op, args: object, sent: { buffers?: import('../../residua.js').Buffers, onProgress?: (p: any, buffers: import('../../residua.js').Buffers) => void, signal?: AbortSignal, stop?: AbortSignal }) => Promise<import('../../residua.js').Reply>} ask
 * @property {(image: import('../../residua.js').ImageSource, op: import('../../zproto.js').Op, args: object, sent: { signal?: AbortSignal }) => Promise<import('../../residua.js').Reply>} askAbout
 * @property {(reason: string) => Error} badArgument
 */

/**
 * Which training's weights each engine has, by its info: several teachers may use one engine.
 * @type {WeakMap<object, import('./run.js').Run>}
 */
export const used = new WeakMap();
