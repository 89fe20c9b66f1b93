// The analyses after a run: they are computed when somebody asks for them, one after the other, and can be cancelled.

import { domains } from './settings.js';

/** @typedef {import('./types.js').Lab} Lab */
/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').DataName} DataName */
/** @typedef {import('./record.js').RunRecord} RunRecord */
/** @typedef {'landscape' | 'paths' | 'transfer'} Analysis */

/**
 * By network, where there are any.
 * @typedef {object} Results
 * @property {(import('./types.js').Landscape | undefined)[]} landscapes
 * @property {(import('./types.js').PathGradient[] | undefined)[]} paths
 * @property {import('./types.js').Transfer} [transfer]
 * @property {Settings} [transferOf]  the settings that the transfer was made with
 */

/** How fine a landscape is, and how far it goes: in norms of the filters. */
const grid = { side: 25, span: 1 };

/** The domain to learn first, for the one that the settings name. @param {Settings['data']} data */
export function otherDomain(data) {
  const all = domains[data.name].filter(domain => domain !== '');
  const here = data.domain || all[0];
  return all.find(domain => domain !== here);
}

/** The networks that have paths: those whose blocks add. @param {Settings} settings */
export const withPaths = ({ networks }) => networks.flatMap(({ join }, i) => (join === 'add' ? [i] : []));

/** The networks that have numbers still. @param {RunRecord} record */
const sound = ({ networks }) => networks.flatMap(({ divergedAt }, i) => (divergedAt > 0 ? [] : [i]));

/**
 * The networks of a run that an analysis is about.
 * @param {'landscape' | 'paths'} kind
 * @param {RunRecord} record
 */
function networksOf(kind, record) {
  const all = sound(record);
  return kind === 'landscape' ? all : withPaths(record.settings).filter(i => all.includes(i));
}

/**
 * Why an analysis has no network.
 * @param {'landscape' | 'paths'} kind
 * @param {RunRecord} record
 * @returns {string | undefined} the key of a sentence
 */
export function obstacleOf(kind, record) {
  if (networksOf(kind, record).length > 0) return undefined;
  const isPlain = kind === 'paths' && withPaths(record.settings).length === 0;
  return isPlain ? 'skiplab.paths.no-residual' : 'skiplab.compute.diverged';
}

/**
 * @param {object} options
 * @param {(name: DataName) => Promise<Lab>} options.lab  with a set of pictures
 * @param {() => Lab | undefined} options.trained  with the networks of the run
 * @param {(steps: { done: number, total: number }) => void} options.onProgress
 * @param {(network: number, landscape: import('./types.js').Landscape) => void} options.onLandscape
 * @param {(network: number, paths: import('./types.js').PathGradient[]) => void} options.onPaths
 */
export function createAnalyses({ lab, trained, onProgress, onLandscape, onPaths }) {
  /** @type {Results} */
  let results = { landscapes: [], paths: [] };
  /** @type {AbortController | undefined} */
  let control;

  /**
   * @param {readonly number[]} networks
   * @param {(network: number, onProgress: import('./types.js').OnProgress) => Promise<void>} compute
   */
  async function each(networks, compute) {
    for (const [at, network] of networks.entries()) {
      await compute(network, ({ done, total }) =>
        onProgress({ done: at * total + done, total: total * networks.length }));
    }
  }

  /** @param {Analysis} kind @param {Settings} settings @param {AbortSignal} signal @param {RunRecord} [record] */
  async function run(kind, settings, signal, record) {
    const mine = results;
    const engine = (kind === 'transfer' ? undefined : trained()) ?? await lab(settings.data.name);
    const networks = record && kind !== 'transfer' ? networksOf(kind, record) : [];
    if (kind === 'landscape') {
      await each(networks, async (network, onProgress) => {
        mine.landscapes[network] = await engine.landscape({ network, ...grid, onProgress, signal });
        if (mine === results) onLandscape(network, mine.landscapes[network]);
      });
    } else if (kind === 'paths') {
      await each(networks, async (network, onProgress) => {
        mine.paths[network] = await engine.paths({ network, onProgress, signal });
        if (mine === results) onPaths(network, mine.paths[network]);
      });
    } else {
      const from = otherDomain(settings.data);
      if (from === undefined) return;
      const domain = settings.data.domain || domains[settings.data.name].find(one => one !== '' && one !== from) || '';
      const data = { ...settings.data, domain };
      const options = { from: { ...data, domain: from }, onProgress, signal };
      mine.transfer = await engine.transfer({ ...settings, data }, options);
      mine.transferOf = settings;
    }
  }

  return {
    get results() { return results; },
    get isBusy() { return !!control; },

    /** The networks have changed: what was computed is about others. */
    clear() {
      control?.abort();
      results = { landscapes: [], paths: [] };
    },

    /**
     * @param {Analysis} kind
     * @param {Settings} settings
     * @param {RunRecord} [record]
     */
    async compute(kind, settings, record) {
      const mine = control = new AbortController();
      try {
        await run(kind, settings, mine.signal, record);
      } finally {
        if (control === mine) control = undefined;
      }
    },

    cancel: () => control?.abort(),
  };
}
