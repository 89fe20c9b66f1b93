// Who answers: the choice between the model's classes, those of the project, and those that somebody has shared. It
// holds for all rooms, and is in the session. The taught ones answer here for the photo.

import { toClasses } from '../address.js';
import { alternatives, nameOfClasses } from '../classwords.js';
import { find, make } from '../dom.js';
import { alertLine, button, glossary } from '../elements.js';
import { say, setText, text } from '../i18n.js';
import { sayError } from '../notices.js';
import { classifierOf, offerOf, shownAnswer } from '../session.js';
import { predictionList } from './predictionlist.js';

/** @typedef {import('../classifiers.js').Kind} Kind */
/** @typedef {import('../classifiers.js').Offer} Offer */
/** @typedef {import('../session.js').State} State */

/** The buttons that choose the classes. @param {(which: Kind) => void} onChoose */
function createChoice(onChoose) {
  const buttons = {
    theirs: button('teach.mine.theirs', 'quiet', () => onChoose('theirs')),
    own: button('teach.mine.own', 'quiet', () => onChoose('own')),
    shared: button('teach.mine.shared', 'quiet', () => onChoose('shared')),
  };
  const element = make('div', 'teach-mine', ...Object.values(buttons));
  element.role = 'group';
  say(element, 'teach.mine.label', {}, 'aria-label');

  /** Somebody else's classes are called by their names. @param {'own' | 'shared'} which @param {Offer} [offer] */
  function name(which, offer) {
    buttons[which].hidden = !offer;
    if (!offer) return;
    const { foreign, classes } = offer;
    setText(buttons[which], () => (foreign ? nameOfClasses(classes) : text('teach.mine.own') ?? ''));
    setText(buttons[which], () => alternatives(classes), 'title');
  }

  return {
    element,
    /** @param {State} state */
    show(state) {
      const { info, offered, look } = state;
      const chosen = offerOf(state) ? look.classes : 'theirs';
      for (const [which, one] of Object.entries(buttons)) one.ariaPressed = String(which === chosen);
      say(buttons.theirs, info?.own ? 'teach.mine.model' : 'teach.mine.theirs');
      name('own', offered.own);
      name('shared', offered.shared);
      element.hidden = !offered.own && !offered.shared;
    },
    /** @param {Kind} which */
    focus: which => buttons[which].focus(),
  };
}

/**
 * @param {{
 *   session: import('../session.js').Session,
 *   onAdd: (photo: import('../photos.js').Photo) => void,
 *   onFail: (error: unknown) => void,
 * }} options  onAdd hears of a photo that shall be added to the person's classes
 */
export function createOwnClasses({ session, onAdd, onFail }) {
  const section = find('#answer', HTMLElement);
  const choice = createChoice(choose);
  const note = make('p', 'hint teach-mine-note');
  const answer = make('div', 'teach-mine-answer');
  answer.ariaLive = 'polite';
  const terms = glossary(['answer.sure']);
  const changed = make('p', 'altered');
  const fault = alertLine();
  find('h2', HTMLElement, section).after(choice.element, note, answer, changed, fault, terms);
  /** What was asked last. @type {{ by: import('../classifiers.js').Classifier, photo: object } | undefined} */
  let asked;
  /** The answer in the list. @type {object | undefined} */
  let listed;
  /** @type {AbortController | undefined} */ let running;

  /** @param {Kind} which  whose class is the best guess, until a person chooses another */
  function choose(which) {
    session.update({ look: { ...session.state.look, ...toClasses(which) } });
  }

  /** @param {unknown} error */
  function showError(error) {
    sayError(fault, error);
    onFail(error);
  }

  /** Asks the chosen classifier about the photo, when the model has answered it: then it can be decoded. */
  async function ask(/** @type {State} */ state) {
    const { photo, answer } = state;
    const by = classifierOf(state);
    const next = by?.offer && photo && answer ? { by, photo } : undefined;
    if (next?.by === asked?.by && next?.photo === asked?.photo) return;
    running?.abort();
    fault.textContent = '';
    asked = next;
    if (!next || !by?.offer || !photo) return;
    const { signal } = (running = new AbortController());
    try {
      const prediction = await by.classify(photo.blob, { signal });
      if (!signal.aborted) session.update({ taught: { offer: by.offer, answer: prediction } });
    } catch (error) {
      if (!signal.aborted) showError(error);
    }
  }

  /** @param {State} state */
  function showChoice(state) {
    const offer = offerOf(state);
    choice.show(state);
    section.toggleAttribute('data-mine', !!offer);
    note.hidden = !offer?.foreign;
    say(note, state.look.classes === 'shared' ? 'teach.mine.shared.text' : 'teach.mine.foreign.text');
  }

  /** @param {{ answer: any, changed: number }} shown @param {State} state */
  function listOf({ answer: prediction, changed: parts }, state) {
    // A network with parts taken out finds every picture strange, and that says nothing about the picture.
    if (parts > 0) return predictionList({ ...prediction, none: false, unlike: false });
    const { photo } = state;
    const offer = offerOf(state);
    const add = photo && offer?.kind === 'own' ? button('teach.unlike.teach', 'plain', () => onAdd(photo)) : null;
    return predictionList(prediction, { imported: offer?.imported, add });
  }

  /** @param {State} state */
  function showAnswer(state) {
    const shown = offerOf(state) && shownAnswer(state);
    answer.hidden = !offerOf(state) || !state.photo;
    terms.hidden = answer.hidden || !shown;
    const { look } = state;
    const parts = look.room === 'look' ? Object.keys(look.ablate).length : 0;
    changed.hidden = parts === 0;
    changed.toggleAttribute('data-waiting', !shown?.changed); // it keeps its room
    say(changed, 'lab.altered', { count: shown?.changed || parts });
    if (shown?.answer === listed) return;
    listed = shown?.answer;
    answer.replaceChildren(...(shown ? [listOf(shown, state)] : []));
  }

  session.subscribe((now, before) => {
    const isOther = offerOf(now) !== offerOf(before);
    if (isOther || now.offered !== before.offered || now.info !== before.info) showChoice(now);
    showAnswer(now);
    void ask(now);
  });
  showChoice(session.state);
  showAnswer(session.state);

  return {
    /** Takes classes that can answer from now on, or hears that they can no longer. */
    offer(/** @type {'own' | 'shared'} */ which, /** @type {Offer | undefined} */ offer) {
      const { offered, look } = session.state;
      if (offered[which] === offer) return;
      const gone = !offer && look.classes === which;
      session.update({
        offered: { ...offered, [which]: offer },
        ...(gone ? { look: { ...look, ...toClasses('theirs') } } : {}),
      });
    },
    /** Chooses classes that are there. @param {Kind} which */
    use(which) {
      choose(which);
      choice.focus(which);
    },
  };
}
