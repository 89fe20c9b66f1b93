// A project belongs to the model that it was taught on, for its features are that model's. With another model the room
// rests, says whose the project is, and offers to take the pictures along.

import { announce } from '../announce.js';
import { find, make } from '../dom.js';
import { alertLine, button, statusLine } from '../elements.js';
import { say } from '../i18n.js';
import { sayError } from '../notices.js';
import { Residua, storedModel } from '../../residua.js';
import { row } from './elements.js';

/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {{ title: string, now: string }} Titles  of the project's model, and of the one that is there */

/** What people call a model. @param {string} name */
async function titleOf(name) {
  const models = await Residua.models().catch(() => []);
  return models.find(one => one.name === name)?.title ?? name;
}

/**
 * The question whether to take the pictures along, with what stays and what goes.
 * @param {{ onYes: () => Promise<void>, onNo: () => void }} handlers  onYes rejects if they could not be taken
 */
function createConfirmation({ onYes, onNo }) {
  const stays = make('p');
  const goes = make('p');
  const elsewhere = make('p');
  const state = statusLine();
  const fault = alertLine();
  const yes = button('models.teach.take.yes', 'plain danger', take);
  const no = button('teach.keep.no', 'plain', onNo);
  const element = make('div', 'teach-sure', stays, goes, elsewhere, row(yes, no), state, fault);
  element.role = 'group';
  element.hidden = true;
  say(element, 'models.teach.take', {}, 'aria-label');

  async function take() {
    yes.disabled = no.disabled = true;
    fault.textContent = '';
    say(state, 'models.teach.take.busy');
    try {
      await onYes();
    } catch (error) {
      sayError(fault, error);
    }
    state.textContent = '';
    yes.disabled = no.disabled = false;
    if (fault.textContent) no.focus();
  }

  return {
    element,
    /** @param {Titles} titles @param {boolean} isElsewhere  whether another tab has the project */
    ask(titles, isElsewhere) {
      say(stays, 'models.teach.take.stays', titles);
      say(goes, 'models.teach.take.goes', titles);
      elsewhere.hidden = !isElsewhere;
      if (isElsewhere) say(elsewhere, 'models.teach.take.elsewhere');
      fault.textContent = '';
      element.hidden = false;
      yes.focus();
    },
  };
}

/**
 * Tells other tabs that the project has become another model's.
 * @param {() => void} onHeard  Another tab says so.
 * @returns {() => void} says so
 */
function createTabs(onHeard) {
  if (!('BroadcastChannel' in globalThis)) return () => {};
  const channel = new BroadcastChannel('residua project');
  channel.onmessage = onHeard;
  return () => channel.postMessage('other model');
}

/**
 * @param {object} options
 * @param {(net: Net | undefined) => void} options.serve  gets the network that the room may use
 * @param {(model: string) => void} options.onUse  The project's model is wanted.
 * @param {(isOther: boolean) => void} options.onOther  hears whether the project is another model's
 * @param {() => Promise<boolean>} options.isElsewhere  whether another tab has the project
 * @param {(net: Net, isElsewhere: boolean) => Promise<void>} options.takeAlong
 *   makes the project that network's; the room has it then. It rejects if nothing was changed
 */
export function createModelCheck({ serve, onUse, onOther, isElsewhere, takeAlong }) {
  const room = find('#teach', HTMLElement);
  const sentence = statusLine();
  const use = button('models.teach.use', 'plain', () => onUse(model));
  const take = button('models.teach.take', 'plain', ask);
  const choice = row(use, take);
  const confirmation = createConfirmation({ onYes: confirmed, onNo: decline });
  const banner = make('div', 'notice teach-other', sentence, choice, confirmation.element);
  banner.hidden = true;
  room.prepend(banner);
  const tellTabs = createTabs(() => void check(net));
  let turn = 0;
  let model = '';
  let elsewhere = false;
  /** Whether a person has chosen another network in the room, and the banner gets the focus. */
  let isExpected = false;
  /** @type {Net | undefined} */ let net;
  /** @type {Titles} */ let titles = { title: '', now: '' };

  async function ask() {
    elsewhere = await isElsewhere();
    choice.hidden = true;
    confirmation.ask(titles, elsewhere);
  }

  function decline() {
    showChoice();
    take.focus();
  }

  function showChoice() {
    choice.hidden = false;
    confirmation.element.hidden = true;
  }

  async function confirmed() {
    const mine = turn;
    if (!net) return;
    await takeAlong(net, elsewhere);
    tellTabs();
    if (mine !== turn) return check(net); // another network has come meanwhile
    const hadFocus = banner.contains(document.activeElement) || document.activeElement === document.body;
    show(false);
    announce('models.teach.taken', titles);
    if (hadFocus) find('#teach-title', HTMLElement).focus();
  }

  /** @param {boolean} isOther */
  function show(isOther) {
    room.toggleAttribute('data-other', isOther);
    banner.hidden = !isOther;
    showChoice();
    onOther(isOther);
  }

  /** @param {Net | undefined} next */
  async function check(next) {
    const mine = ++turn;
    net = next;
    // Where the browser keeps nothing, or cannot tell, there is no other project.
    const found = next && await storedModel().catch(() => undefined);
    const isOther = !!next && !!found && found !== next.info.model;
    const title = isOther ? await titleOf(found) : '';
    if (mine !== turn) return;
    if (isOther) {
      model = found;
      titles = { title, now: next.info.title };
      say(sentence, 'models.teach', titles);
      say(use, 'models.teach.use', titles);
    }
    serve(isOther ? undefined : next);
    show(isOther);
    if (isOther && isExpected) {
      isExpected = false;
      take.focus();
    }
  }

  return {
    /** Says that a network is there, or is no longer. @param {Net | undefined} next */
    serve: check,

    /** Looks again whose the project is. */
    again: () => void check(net),

    /** A person has chosen another network in the room. */
    expect() {
      isExpected = true;
    },
  };
}
