// @ts-check
/** The numbers of layers, which come as one array for all networks. */

/**
 * @typedef {object} LayerNumbers  one number for each layer, from the input to the output
 * @property {Float32Array} activations  root mean square of the layer's output, after its activation
 * @property {Float32Array} outputGradients  root mean square of the loss's gradient by that output
 * @property {Float32Array} weightGradients  Euclidean norm of the loss's gradient by the layer's weights
 */

const names = /** @type {const} */ (['activations', 'outputGradients', 'weightGradients']);

/**
 * Gives each network its part of the buffers. All networks' layers are there, one network after the other.
 * @template {{ networks: any[] }} T
 * @param {T} message
 * @param {import('../types.js').Buffers} buffers
 * @returns {T & { networks: LayerNumbers[] }}
 */
export function numbersByNetwork(message, buffers) {
  let at = 0;
  for (const network of message.networks) {
    for (const name of names) {
      network[name] = /** @type {Float32Array} */ (buffers[name]).slice(at, at + network.layerCount);
    }
    at += network.layerCount;
  }
  return /** @type {any} */ (message);
}
