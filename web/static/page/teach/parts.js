// The parts of the room, each with what it needs of the others.

import { announce } from '../announce.js';
import { createAdditions } from './additions.js';
import { createArchives } from './archives.js';
import { createClasses } from './classes.js';
import { createComparison } from './comparison.js';
import { createDataset } from './dataset.js';
import { createDomains } from './domains/section.js';
import { createEvaluation } from './evaluation.js';
import { createExtractionProgress } from './extractionprogress.js';
import { createFiles } from './files.js';
import { createLeftRight } from './leftright.js';
import { countAll } from './runs.js';
import { createSelection } from './selection.js';
import { createStarters } from './starters.js';
import { createTraining } from './training.js';
import { createTry } from './try.js';
import { createUndo } from './undo.js';
import { createWarnings } from './warnings.js';
import { createWelcome } from './welcome.js';

/** @typedef {import('./context.js').TeachContext} TeachContext */
/** @typedef {ReturnType<typeof createParts>} Parts */

/**
 * @param {TeachContext} context
 * @param {object} handlers
 * @param {import('./project.js').Project} handlers.project
 * @param {() => void} handlers.onTrained  A training or a comparison has ended.
 * @param {() => void} handlers.onReplaced  Another project is there, or other weights, or none.
 * @param {(name: string) => void} handlers.onNetwork  Another network shall be taught.
 * @param {(probed?: import('../../zproto.js').ProbedBlock[]) => void} handlers.onProbed  hears what each block knows
 */
export function createParts(context, { project, onTrained, onReplaced, onNetwork, onProbed }) {
  const home = () => classes.addButton;
  const additions = createAdditions(context);
  const dataset = createDataset(context, additions);
  const archives = createArchives(context, { additions, dataset, onSaved: file => files.open(file) });
  const undo = createUndo(context, { home });
  const selection = createSelection(context, { onDelete: ids => void undo.removePictures(ids), home });
  const classes = createClasses(context, { additions, archives, selection, undo });
  const warnings = createWarnings(context, { selection, goTo: classes.goTo });
  const training = createTraining(context, {
    onTrained: () => announce('teach.state.spoken'),
    onEnd: onTrained,
    goTo: classes.goTo,
    onAsk: () => domains.ask(),
  });
  const evaluation = createEvaluation(context, { onDistances: () => domains.goToDistances() });
  const comparison = createComparison(context, { onEnd: onTrained });
  const domains = createDomains(context, {
    additions, onTeach: training.runFrom, onNetwork, onProbed, onReplaced: onTrained,
  });
  const starters = createStarters(context, { additions, onLoaded: () => void finishLesson() });

  const leftRight = createLeftRight(context, { additions, onLoaded: () => void finishLesson() });

  const files = createFiles(context, { onReplaced, onPictures: file => void archives.take([file]) });

  /** Goes on with a lesson once its pictures are there: a training, its evaluation, the map, the comparison. */
  async function finishLesson() {
    classes.element.scrollIntoView({ block: 'start' });
    evaluation.expectMap(true);
    const isTrained = await training.run();
    context.lesson = '';
    context.show();
    if (!isTrained) return evaluation.expectMap(false);
    evaluation.element.scrollIntoView({ block: 'start' });
    await evaluation.drawMap(); // first, for the comparison leaves the engine no time for it
    await comparison.run();
  }

  return {
    additions, archives, dataset, undo, selection, classes, warnings, training, evaluation, comparison, domains,
    starters,
    welcome: createWelcome({ dataset, starters, leftRight, onBegin: classes.addClass }),
    progress: createExtractionProgress(context, project, additions, home),
    tryIt: createTry(context, additions),
    files,
  };
}

/**
 * Brings all parts up to date.
 * @param {TeachContext} context
 * @param {Parts} parts
 */
export function showParts({ teacher }, parts) {
  parts.classes.show();
  parts.selection.show();
  parts.progress.show(countAll(teacher));
  parts.warnings.show();
  parts.training.show();
  parts.evaluation.show();
  parts.comparison.show();
  parts.domains.show();
  parts.tryIt.show();
  void parts.files.show();
  void parts.starters.show();
}
