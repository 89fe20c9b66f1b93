// @ts-check
/** Explains why a model did not come, where the engine cannot know it. */
import { crossOrigin, ResiduaError } from '../errors.js';
import { isBlockedByHost } from '../images.js';

/** @typedef {{ models: string, model: string }} Wanted  the address of the models' folder, and the model's name */

/**
 * The error that a person can act on.
 * @param {unknown} error  of the engine
 * @param {Wanted} wanted
 * @param {(options: { models: string }) => Promise<{ name: string, own: boolean }[]>} list  lists the models
 * @returns {Promise<unknown>}
 */
export async function explained(error, { models, model }, list) {
  if (!(error instanceof ResiduaError)) return error;
  if (error.code === 'no-model') return noModel(models, model, await list({ models }).catch(() => []));
  const manifest = new URL(`${model}/manifest.json`, models);
  // What came first is asked about: when the manifest was here, the host lets this page read.
  const isFirst = error.code === 'offline' && error.details.file === 'manifest.json';
  return isFirst && await isBlockedByHost(manifest) ? crossOrigin(models) : error;
}

/**
 * @param {string} models
 * @param {string} model
 * @param {{ name: string, own: boolean }[]} all
 */
function noModel(models, model, all) {
  const names = all.map(({ name }) => name);
  const isShipped = all.some(({ name, own }) => name === model && !own);
  const cure = isShipped
    ? 'Copy the folder models of the built site there, or say with the option models where it is.'
    : `The names that exist are ${names.join(', ')}.`;
  return new ResiduaError('no-model', `There is no model "${model}" in ${models}. ${cure}`,
    { name: model, folder: models, names: names.join(', ') });
}
