// How many pictures still wait for their features. Those that were missing when the project was opened can be left for
// later.

import { announce } from '../announce.js';
import { make } from '../dom.js';
import { button, progressBar } from '../elements.js';
import { say } from '../i18n.js';
import { row } from './elements.js';

/**
 * @param {import('./context.js').TeachContext} context
 * @param {import('./project.js').Project} project
 * @param {{ readonly pending: number }} additions  pending: files that are still to be stored
 * @param {() => HTMLElement} home  gets the focus when a button that has it goes
 */
export function createExtractionProgress(context, project, additions, home) {
  const count = make('p', 'teach-looking');
  const bar = progressBar('teach.looking.bar');
  const stop = button('teach.stop', 'quiet', () => {
    isStopping = true;
    project.stopCatchingUp();
  });
  const resume = button('teach.looking.resume', 'plain', project.catchUp);
  const buttons = row(stop, resume);
  const element = make('div', 'teach-progress', count, bar, buttons);
  let wasBusy = false;
  /** Whether a person has pressed Stop, and the picture that is looked at is not done. */
  let isStopping = false;

  return {
    element,

    /** @param {number} stored  how many pictures there are */
    show(stored) {
      const { waiting = 0, missing = 0 } = context.teacher ?? {};
      const total = stored + additions.pending;
      const done = stored - waiting - missing;
      const isBusy = waiting > 0 || additions.pending > 0;
      const isStopped = !isBusy && missing > 0 && project.hasEngine && !context.readOnly;
      isStopping &&= isBusy;
      const hadFocus = buttons.contains(document.activeElement);
      element.hidden = !isBusy && !isStopped;
      bar.hidden = !isBusy;
      stop.hidden = !isBusy || !(project.isCatchingUp || isStopping);
      resume.hidden = !isStopped;
      resume.disabled = context.training;
      buttons.hidden = stop.hidden && resume.hidden;
      if (hadFocus) ([stop, resume].find(one => !one.hidden) ?? home()).focus({ preventScroll: true });
      if (isBusy) {
        Object.assign(bar, { max: total, value: done });
        say(count, 'teach.looking', { done, total });
      } else if (isStopped) say(count, 'teach.looking.stopped', { count: missing });
      else if (wasBusy && stored > 0) announce('teach.looked', { count: stored });
      wasBusy = isBusy;
    },
  };
}
