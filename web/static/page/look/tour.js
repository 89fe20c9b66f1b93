// The guided look: from the photo to the answer in six steps, each of which shows its place on the canvas. It is
// offered by a button, and goes on where it was stopped.

import { find } from '../dom.js';
import { decimal } from '../format.js';
import { say } from '../i18n.js';
import { recall, remember } from '../settings.js';

/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('../../residua.js').Info} Info */
/** @typedef {{ name: string, text?: string, look: Partial<Look>, place?: number }} Step */

/**
 * The steps. A place is where the photo rests in the network, 0 … 1, as in the animation; without one all is shown.
 * @param {Info} info
 * @returns {Step[]}
 */
function stepsOf({ blocks, join }) {
  // A block that keeps the size compares x with the sum at a glance.
  const example = Math.max(blocks.findIndex(({ projection }, i) => i > 0 && !projection), 0);
  const cells = blocks.length + 5; // the photo, the filters and the stem before the blocks, the features and the answer
  /** @type {Partial<Look>} */
  const network = { scene: 'network', channel: -1 };
  return [
    { name: 'photo', look: network, place: 0 },
    { name: 'stem', look: { scene: 'filters', channel: -1 } },
    {
      name: 'block', look: { scene: 'block', block: example, channel: -1 },
      text: { none: 'tour.block.none', add: 'tour.block.text' }[join] ?? 'tour.block.joined',
    },
    { name: 'blocks', look: network, text: join === 'none' ? 'tour.blocks.none' : 'tour.blocks.text' },
    { name: 'features', look: network, place: (cells - 1.5) / cells },
    { name: 'answer', look: network, place: 1 },
  ];
}

/**
 * @param {{ onChange: (change: Partial<Look>) => void, onPlace: (place: number) => void }} handlers
 *   onPlace: the photo shall rest at a place of the network; -1: all is shown
 */
export function createTour({ onChange, onPlace }) {
  const panel = find('#tour', HTMLElement);
  const start = find('#tour-start', HTMLButtonElement);
  const back = find('#tour-back', HTMLButtonElement);
  const next = find('#tour-next', HTMLButtonElement);
  /** @type {Info | undefined} */
  let info;
  /** @type {Step[]} */
  let steps = [];
  /** The step that is shown, or that it goes on with. */
  let current = 0;

  start.addEventListener('click', () => {
    panel.hidden = false;
    remember('tour', 'seen');
    go(current);
    next.focus({ preventScroll: true });
    sayStart();
  });
  back.addEventListener('click', () => { if (current > 0) go(current - 1); });
  next.addEventListener('click', () => {
    if (current < steps.length - 1) return go(current + 1);
    current = 0;
    stop();
  });
  find('#tour-stop', HTMLButtonElement).addEventListener('click', stop);
  document.addEventListener('keydown', event => {
    // In a list that is open, and in a dialog, Escape closes that.
    const isElsewhere = event.target instanceof Element && event.target.closest('[role="combobox"], select, [popover]');
    if (event.key === 'Escape' && !panel.hidden && !isElsewhere && !event.defaultPrevented) stop();
  });

  function stop() {
    panel.hidden = true;
    onPlace(-1);
    sayStart();
    start.focus();
  }

  function sayStart() {
    const seen = recall('tour') ? 'tour.again' : 'tour.start';
    say(start, current > 0 ? 'tour.resume' : seen);
    start.hidden = !panel.hidden;
  }

  /** @param {number} step */
  function go(step) {
    current = step;
    const { name, look, place = -1, text = `tour.${name}.text` } = steps[step];
    const blocks = info?.blocks ?? [];
    say(find('#tour-count', HTMLElement), 'tour.count', { step: step + 1, steps: steps.length });
    say(find('#tour-title', HTMLElement), `tour.${name}.title`, name === 'blocks' ? { count: blocks.length } : {});
    say(find('#tour-text', HTMLElement), text, () => ({
      count: decimal(blocks.at(-1)?.channels ?? 0, 0), classes: decimal(info?.classes ?? 0, 0),
    }));
    // It is not disabled, because a disabled button would lose the focus.
    back.ariaDisabled = String(step === 0);
    say(next, step === steps.length - 1 ? 'tour.done' : 'tour.next');
    onChange(look);
    onPlace(place);
    panel.scrollIntoView({ block: 'start' }); // with as much of the canvas below it as there is room for
  }

  return {
    /** Sets the network, and begins anew. @param {Info} model */
    setModel(model) {
      info = model;
      steps = stepsOf(model);
      current = 0;
      panel.hidden = true;
    },

    /** @param {boolean} possible  whether there is something to look at */
    show(possible) {
      if (!possible) panel.hidden = true;
      sayStart();
      if (!possible) start.hidden = true;
    },
  };
}
