// What the stage shows: the signal of the networks that are chosen, or what is known of those of the run.

import { landscapeVerdict, pathsVerdict, transferVerdict } from './analysis.js';
import { obstacleOf, otherDomain } from './analyses.js';
import { namesOf } from './names.js';
import { isSame } from './settings.js';
import { landscapeTable, layersTable, pathsTable, transferTable } from './tables.js';
import { signalVerdict } from './verdicts.js';

/** @typedef {import('./types.js').Signal} Signal */
/** @typedef {import('./names.js').Part} Part */
/** @typedef {import('./record.js').RunRecord} RunRecord */
/** @typedef {import('./analyses.js').Results} Results */

/** The last norms of each layer. @param {RunRecord} record @param {Part[][]} names */
function normsTable({ norms, started }, names) {
  const networks = norms.at(-1)?.networks ?? [];
  return layersTable(networks.map((one, i) => one && { ...one, layers: started.networks[i].layers }), names);
}

/**
 * What an analysis has found, in words and as a table.
 * @param {'landscape' | 'paths'} which
 * @param {Results} results
 * @param {Part[][]} names
 */
function findings(which, { landscapes, paths }, names) {
  if (which === 'landscape') {
    return {
      said: { networks: names.map((_, i) => landscapes[i] && landscapeVerdict(landscapes[i])) },
      table: () => landscapeTable(landscapes, names),
    };
  }
  return {
    said: { networks: names.map((_, i) => paths[i] && pathsVerdict(paths[i])) },
    table: () => pathsTable(paths, names),
  };
}

/**
 * @param {object} parts
 * @param {import('./stage.js').Stage} parts.stage
 * @param {ReturnType<typeof import('./feed.js').createFeed>} parts.feed
 * @param {ReturnType<typeof import('./choice.js').createChoice>} parts.choice
 * @param {ReturnType<typeof import('./runner.js').createRunner>} parts.runner
 * @param {ReturnType<typeof import('./analyses.js').createAnalyses>} parts.analyses
 * @param {() => boolean} parts.isChanged  whether the run's settings are no longer those that are chosen
 */
export function createScenes({ stage, feed, choice, runner, analyses, isChanged }) {
  /** @type {import('./stage.js').Scene} */ let scene = 'signal';
  /** @type {Signal | undefined} */ let signal;
  /** Whether there can be no signal with these settings. */
  let hasNoSignal = false;

  function showSignal() {
    const names = namesOf(choice.settings.networks);
    const shown = signal;
    stage.name(names, choice.settings.steps);
    if (shown) feed.signal(shown, names, isChanged() ? undefined : runner.record);
    stage.show('signal', {
      hasPicture: !!shown,
      empty: `skiplab.scene.signal.${hasNoSignal ? 'none' : runner.isRunning ? 'later' : 'empty'}`,
      ...(shown ? {
        said: { networks: shown.networks.map(network => signalVerdict(network)) },
        table: () => layersTable(shown.networks, names),
      } : {}),
    });
  }

  function showTransfer() {
    const { transferOf } = analyses.results;
    const transfer = transferOf && isSame(transferOf, choice.settings) ? analyses.results.transfer : undefined;
    const why = otherDomain(choice.settings.data) === undefined ? 'skiplab.transfer.one-domain' : undefined;
    if (transfer) stage.transferChart.show(transfer);
    stage.show('transfer', {
      hasPicture: !!transfer, computes: analyses.isBusy ? undefined : 'skiplab.compute.transfer',
      obstacle: why ?? (runner.isRunning ? 'skiplab.compute.running' : undefined),
      ...(transfer ? {
        said: { networks: [], all: transferVerdict(transfer) }, table: () => transferTable(transfer),
      } : {}),
    });
  }

  /** A scene of the run's networks. @param {'heat' | 'landscape' | 'paths'} which */
  function showTrained(which) {
    const { record } = runner;
    if (!record || record.step === 0) return stage.show(which, { hasPicture: false });
    const names = namesOf(record.settings.networks);
    const { results } = analyses;
    stage.name(names, record.steps);
    feed.run(record, names, results);
    if (which === 'heat') return stage.show('heat', { hasPicture: true, table: () => normsTable(record, names) });
    const has = (which === 'landscape' ? results.landscapes : results.paths).some(Boolean);
    stage.show(which, {
      hasPicture: has, computes: has || analyses.isBusy ? undefined : `skiplab.compute.${which}`,
      obstacle: runner.isRunning ? 'skiplab.compute.running' : obstacleOf(which, record),
      ...(has ? findings(which, results, names) : {}),
    });
  }

  return {
    get scene() { return scene; },
    get hasSignal() { return !!signal; },

    /** Says which scene is shown next. @param {import('./stage.js').Scene} next */
    choose(next) { scene = next; },

    /** @param {Signal | 'none'} [next]  none: there can be none; without it: it is asked for */
    setSignal(next) {
      hasNoSignal = next === 'none';
      signal = next === 'none' ? undefined : next;
    },

    show() {
      if (scene === 'signal') showSignal();
      else if (scene === 'transfer') showTransfer();
      else showTrained(scene);
    },
  };
}
