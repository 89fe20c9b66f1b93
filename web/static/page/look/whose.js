// A sentence that says whose answers the room explains, where there is a choice, and buttons that change it.

import { alternatives, nameOfClasses } from '../classwords.js';
import { find, make } from '../dom.js';
import { button } from '../elements.js';
import { decimal } from '../format.js';
import { say, text } from '../i18n.js';
import { offerOf } from '../session.js';
import { blockName } from './lab.js';

/** @typedef {import('../classifiers.js').Kind} Kind */
/** @typedef {import('../session.js').State} State */

/** @param {{ onChoose: (kind: Kind) => void }} handlers */
export function createWhose({ onChoose }) {
  const sentence = make('span');
  const part = make('span');
  /** @type {Record<Kind, HTMLButtonElement>} */
  const buttons = {
    theirs: button('look.whose.theirs.ask', 'quiet', () => choose('theirs')),
    own: button('look.whose.ask', 'quiet', () => choose('own')),
    shared: button('look.whose.ask', 'quiet', () => choose('shared')),
  };
  const element = make('p', 'look-whose', sentence, ' ', part, ' ', ...Object.values(buttons));
  element.hidden = true;
  find('#look-body', HTMLElement).prepend(element);

  /** @param {Kind} kind */
  function choose(kind) {
    onChoose(kind);
    // The button that was pressed is gone.
    Object.values(buttons).find(one => !one.hidden)?.focus();
  }

  /** What the classes of an offer are called. @param {import('../classifiers.js').Offer} offer */
  const named = ({ foreign, classes }) =>
    text(foreign ? 'look.whose.foreign' : 'look.whose.own', { classes: nameOfClasses(classes) }) ?? '';

  return {
    /** @param {State} state */
    show(state) {
      const { info, offered, look } = state;
      const offer = offerOf(state);
      const chosen = offer ? look.classes : 'theirs';
      element.hidden = !info || !offered.own && !offered.shared;
      if (!info || element.hidden) return;
      say(sentence, offer ? 'look.whose' : 'look.whose.theirs', () =>
        ({ title: info.title, classes: offer ? named(offer) : decimal(info.classes, 0) }));
      sentence.title = offer ? alternatives(offer.classes) : '';
      const ends = offer?.blocks.at(-1);
      part.hidden = ends === undefined || ends === info.blocks.length - 1;
      if (!part.hidden) say(part, 'look.whose.blocks', () => ({ block: blockName(info.blocks, ends ?? 0) }));
      say(buttons.theirs, 'look.whose.theirs.ask', () => ({ classes: decimal(info.classes, 0) }));
      for (const kind of /** @type {const} */ (['own', 'shared'])) {
        const other = offered[kind];
        if (other) say(buttons[kind], 'look.whose.ask', () => ({ classes: named(other) }));
      }
      for (const kind of /** @type {Kind[]} */ (['theirs', 'own', 'shared'])) {
        const isThere = kind === 'theirs' || offered[kind]?.model === info.model;
        buttons[kind].hidden = kind === chosen || !isThere;
      }
    },
  };
}
