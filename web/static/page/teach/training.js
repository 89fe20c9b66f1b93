// Training: starts it, stops it, resumes one that was interrupted, and says how it goes.

import { isEngineFault } from '../../residua.js';
import { blockLabels } from './domains/names.js';
import { mainRun } from './runs.js';
import { obstacleTo } from './trainingobstacle.js';
import { createTrainingPanel } from './trainingpanel.js';
import { rememberedSettings, rememberSettings } from './trainingsettings.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {import('./context.js').Teacher} Teacher */
/** @typedef {import('./context.js').Run} Run */

/** Only a training of the last block can go on from a checkpoint. @param {Teacher | undefined} teacher */
async function canResume(teacher) {
  const checkpoint = await teacher?.store.weights('checkpoint').catch(() => null);
  return !!checkpoint && rememberedSettings().method === 'last-block';
}

/**
 * @param {TeachContext} context
 * @param {object} handlers
 * @param {() => void} handlers.onTrained  There is a result.
 * @param {() => void} handlers.onEnd  The engine is free again.
 * @param {(name: string) => void} handlers.goTo  shows a class
 * @param {() => void} handlers.onAsk  A person wants to know which network and which block suit.
 */
export function createTraining(context, { onTrained, onEnd, goTo, onAsk }) {
  const panel = createTrainingPanel({
    onStart: () => (obstacle() ? explain() : run()),
    onStop: () => running?.abort(),
    onResume: () => run({ resume: true }),
    onSettings: () => show(),
    onAsk,
  });
  /** @type {AbortController | undefined} */
  let running;
  /** Whether a training was interrupted that can be resumed. */
  let interrupted = false;

  const obstacle = () => obstacleTo(context, panel.settings.get());

  /** Says why the training cannot start, and shows the class that is in the way. */
  function explain() {
    const name = obstacle()?.name;
    panel.emphasizeObstacle();
    if (name) goTo(name);
  }

  /** @param {{ resume?: boolean }} [options] @returns {Promise<boolean>} whether it came to its end */
  async function run({ resume = false } = {}) {
    const { teacher } = context;
    if (!teacher || running) return false;
    const { signal } = (running = new AbortController());
    const result = await train(teacher, resume, signal);
    await checkInterrupted();
    return !!result && !result.stopped;
  }

  /** @param {Teacher} teacher @param {boolean} resume @param {AbortSignal} signal */
  async function train(teacher, resume, signal) {
    const settings = resume ? rememberedSettings() : panel.settings.get();
    rememberSettings(settings);
    setBusy(true);
    panel.begin({ isWaiting: teacher.waiting > 0, keepCurves: resume });
    try {
      const result = await teacher.train({
        ...settings, resume, signal, onAugmented: panel.showAugmented, onPrepared: panel.showPrepared,
        onStep: panel.showStep,
      });
      setBusy(false);
      panel.report(result);
      onTrained();
      return result;
    } catch (error) {
      setBusy(false);
      panel.end();
      // A training that a person stops before there is anything to keep is no error.
      const isCancelled = signal.aborted && /** @type {any} */ (error)?.code === 'cancelled';
      if (isEngineFault(error)) context.onEngineFault(error);
      else if (!isCancelled) panel.fail(error);
      return undefined;
    }
  }

  /** @param {boolean} on */
  function setBusy(on) {
    context.training = on;
    if (!on) running = undefined;
    panel.setBusy(on);
    if (!on) onEnd();
    show();
  }

  async function checkInterrupted() {
    interrupted = await canResume(context.teacher);
    show();
  }

  function show() {
    panel.show({
      obstacle: obstacle(),
      isTrained: !!mainRun(context.teacher),
      isBusy: context.training,
      canResume: interrupted,
      canAsk: !mainRun(context.teacher)?.imported, // there are no pictures to ask about
    });
  }

  return {
    element: panel.element,
    show,
    run: () => run(),
    stop: () => running?.abort(),

    /** Teaches the last layer from other blocks than the last. @param {number[]} blocks */
    runFrom(blocks) {
      const { teacher } = context;
      if (!teacher) return;
      const isLast = blocks.length === 1 && blocks[0] === teacher.blocks.length - 1;
      const { augmentations } = panel.settings.get();
      const settings = { method: 'head', augmentations, blocks: isLast ? [] : blocks };
      panel.settings.set(settings, () => blockLabels(teacher.blocks, blocks));
      panel.element.scrollIntoView({ block: 'start' });
      void run();
    },

    /** Shows the result of the last training, after the page was opened. */
    async restore() {
      const last = mainRun(context.teacher);
      await checkInterrupted();
      if (last) {
        panel.settings.set(last, () => blockLabels(context.teacher?.blocks ?? [], last.blocks));
        panel.report(last);
      } else {
        panel.clear(); // another tab may have deleted it
        panel.settings.set({ ...panel.settings.get(), blocks: [] }); // they may be another network's
      }
      if (interrupted) panel.tellInterrupted();
    },

    clear() {
      interrupted = false;
      panel.clear();
      show();
    },
  };
}
