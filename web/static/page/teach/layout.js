// The elements of the room in their order, and which of them are shown.

import { make } from '../dom.js';
import { button, localized } from '../elements.js';
import { say } from '../i18n.js';
import { recall } from '../settings.js';
import { section } from './elements.js';
import { mainRun } from './runs.js';

/**
 * @param {HTMLElement} root
 * @param {import('./context.js').TeachContext} context
 * @param {import('./parts.js').Parts} parts
 * @param {{ onTakeOver: () => void }} handlers
 */
export function createLayout(root, context, parts, { onTakeOver }) {
  const {
    classes, comparison, domains, evaluation, files, progress, selection, starters, training, tryIt, undo,
  } = parts;
  const title = localized('h2', 'teach.title', 'spoken');
  title.id = 'teach-title';
  title.tabIndex = -1; // gets the focus when the room is there again
  const banner = make('div', 'notice teach-banner',
    localized('p', 'teach.read-only'), button('teach.take-over', 'plain', onTakeOver));
  banner.role = 'status';
  const coming = localized('p', 'teach.coming', 'teach-coming'); // in the dock: when it goes, nothing moves
  const classSection = section('classes-part', classes.element, parts.warnings.element, starters.credits);
  const bench = make('div', 'teach-bench', training.element, tryIt.element);
  const dock = make('div', 'teach-dock', coming, progress.element, parts.archives.element, undo.element,
    selection.element);
  root.append(title, banner, context.messages.element, parts.welcome.element, classSection, bench,
    evaluation.element, comparison.element, domains.element, files.element, dock);
  /** Whether no network is there or on its way. */
  let isAbsent = false;

  return {
    /** Says why there is no network yet. @param {'coming' | 'stopped' | 'failed'} why */
    explain(why) {
      say(coming, why === 'coming' ? 'teach.coming' : `teach.coming.${why}`);
      isAbsent = why !== 'coming';
    },

    /** @param {boolean} hasEngine */
    show(hasEngine) {
      const { teacher, readOnly } = context;
      // A lesson's classes are shown when all their pictures are there, so that nothing on the page moves.
      const hasClasses = (teacher?.classes.length ?? 0) > 0 && context.lesson !== 'filling';
      const run = mainRun(teacher);
      coming.hidden = hasEngine;
      banner.hidden = !readOnly;
      root.toggleAttribute('data-read-only', readOnly);
      root.toggleAttribute('data-lesson', !!context.lesson);
      // A person who has taught before waits for what is kept. Anybody else can begin:
      // what is added waits for the network.
      parts.welcome.element.hidden = teacher ? hasClasses : recall('taught') === 'yes';
      parts.welcome.element.inert = readOnly || isAbsent;
      classSection.hidden = bench.hidden = !hasClasses;
      tryIt.element.hidden = evaluation.element.hidden = !run;
      comparison.element.hidden = !run || !!run.imported;
      domains.element.hidden = run ? !!run.imported : !hasClasses || !domains.isAsked;
    },
  };
}
