// A link that somebody shared was opened. A dialog asks before anything is loaded: the file with the classifier is all that was fetched by
// then. Its names are a stranger's words, and shown as text that acts on nothing round it. What a person has here stays, unless they say otherwise.

import { announce } from '../announce.js';
import { make } from '../dom.js';
import { kilobytes } from '../format.js';
import { say, text } from '../i18n.js';
import { sayError } from '../notices.js';
import { button, words } from './parts.js';
import { Residua, sharing } from '../../residua.js';

/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {ReturnType<typeof import('./room.js').createTeach>} Teach */

const { describe, fetchShare, sanitizeName, maxHeader, renameClasses } = sharing;

/** A choice in the dialog: the key of its words, its looks, and what it does. @typedef {[key: string, className: string, act: () => unknown]} Choice */

/**
 * @param {object} options
 * @param {Pick<Teach, 'owned' | 'adopt'>} options.teach
 * @param {() => void} options.onWanted  the model is wanted now
 * @param {(which: 'own' | 'shared') => void} options.onLoaded  which classes it has become
 * @param {() => void} options.onClosed
 * @param {(error: unknown) => void} options.onFail  hears of errors after which the engine may be of no use
 */
export function createShared({ teach, onWanted, onLoaded, onClosed, onFail }) {
  const title = words('h2', 'shared.title');
  title.id = 'shared-title';
  const sentence = make('p');
  sentence.role = 'status';
  const names = make('ul', 'share-names');
  names.setAttribute('role', 'list');
  names.tabIndex = 0; // it scrolls
  say(names, 'shared.names', {}, 'aria-label');
  const safe = words('p', 'shared.safe', 'hint');
  const bar = make('progress');
  say(bar, 'shared.title', {}, 'aria-label');
  const actions = make('div', 'teach-row');
  const dialog = make('dialog', 'shared', title, sentence, names, safe, bar, actions);
  dialog.setAttribute('aria-labelledby', title.id);
  document.body.append(dialog);

  let running = new AbortController();
  /** @type {Net | undefined} */ let net;
  /** @type {((net: Net) => void)[]} */ let waiters = [];
  /** What was fetched, with its names made safe to show. @type {{ file: Blob, model: string } | undefined} */ let fetched;
  /** What is used for this visit, and the teacher who has it in an engine. @type {{ file: Blob, model: string, by?: Net, teacher?: ReturnType<typeof importInto> } | undefined} */
  let guest;

  dialog.addEventListener('close', () => {
    if (dialog.open) return; // another link came at once
    running.abort();
    onClosed();
  });

  /**
   * Says something, and what can be done.
   * @param {string} key
   * @param {Choice[]} choices  the first has the focus
   * @param {Parameters<typeof say>[2]} [values]
   */
  function tell(key, choices, values) {
    say(sentence, key, values);
    bar.hidden = true;
    offer(choices);
  }

  /** @param {Choice[]} choices */
  function offer(choices) {
    actions.replaceChildren(...choices.map(([key, className, act]) => button(key, className, act)));
    actions.querySelector('button')?.focus();
  }

  /** @param {string} key of what is being done */
  function wait(key) {
    tell(key, [['shared.no', 'plain', () => dialog.close()]]);
    bar.hidden = false;
  }

  /**
   * @param {unknown} error
   * @param {() => unknown} again
   */
  function fail(error, again) {
    const { code, details = {} } = /** @type {{ code?: string, details?: Record<string, string> }} */ (error ?? {});
    if (code === 'cancelled') return;
    names.hidden = safe.hidden = true;
    const isFinal = code === 'no-share' || code === 'bad-weights';
    /** @type {Choice[]} */
    const choices = [...(isFinal ? [] : [/** @type {Choice} */ (['shared.again', 'main', again])]), ['shared.close', 'plain', () => dialog.close()]];
    const key = `shared.fault.${code}`;
    if (text(key)) return tell(key, choices, details);
    bar.hidden = true;
    sayError(sentence, error);
    offer(choices);
  }

  /** @param {string} id out of an address */
  async function open(id) {
    running.abort();
    const { signal } = (running = new AbortController());
    fetched = undefined;
    names.hidden = safe.hidden = true;
    if (!dialog.open) dialog.showModal();
    wait('shared.fetching');
    try {
      const file = await fetchShare(id, { signal });
      const { model, classes, bytes } = await describe(file, maxHeader);
      const plain = classes.map(sanitizeName);
      fetched = { model, file: plain.every((name, at) => name === classes[at]) ? file : await renameClasses(file, plain) };
      if (signal.aborted) return;
      names.replaceChildren(...plain.map(name => make('li', '', make('bdi', '', name))));
      names.hidden = safe.hidden = false;
      const known = net;
      if (known && known.info.model !== model) return tellOther(model, known);
      tell('shared.ask', [['shared.load', 'main', () => load(signal)], ['shared.no', 'plain', () => dialog.close()]],
        () => ({ count: classes.length, size: kilobytes(bytes), network: titleOf(model) }));
    } catch (error) {
      if (!signal.aborted) fail(error, () => open(id));
    }
  }

  /** A network that is not loaded yet may be one that comes with Residua; any other is called as the file says. @param {string} model */
  const titleOf = model =>
    (net?.info.model === model ? net.info.title : Residua.shipped.find(({ name }) => name === model)?.title ?? model);

  /** It would answer nonsense here. @param {string} model @param {Net} here */
  function tellOther(model, here) {
    tell('shared.other', [['shared.close', 'main', () => dialog.close()]], () => ({ theirs: titleOf(model), ours: here.info.title }));
  }

  /** @param {AbortSignal} signal */
  async function load(signal) {
    if (!fetched) return;
    const { file, model } = fetched;
    wait(net ? 'shared.checking' : 'shared.waiting');
    try {
      if (!net) onWanted();
      const by = net ?? await new Promise(/** @param {(net: Net) => void} done */ done => { waiters.push(done); });
      if (signal.aborted) return;
      if (by.info.model !== model) return tellOther(model, by);
      const teacher = importInto(by, file); // what an engine refuses is not asked about
      await teacher;
      const { classes, pictures, taught, free } = await teach.owned();
      if (signal.aborted) return;
      const tryIt = () => {
        guest = { file, model, by, teacher };
        finish('shared');
      };
      if (classes === 0 && !taught && free) return await adopt(file);
      const replace = /** @type {Choice} */ (['shared.replace', 'plain', () => makeSure(file, signal, pictures)]);
      tell(free ? 'shared.yours' : 'shared.yours.busy', [['shared.try', 'main', tryIt], ...(free ? [replace] : []), ['shared.no', 'plain', () => dialog.close()]],
        { count: pictures, classes });
    } catch (error) {
      if (signal.aborted) return;
      fail(error, () => load(signal));
      onFail(error);
    }
  }

  /**
   * Asks before a project is lost.
   * @param {Blob} file
   * @param {AbortSignal} signal
   * @param {number} pictures
   */
  function makeSure(file, signal, pictures) {
    tell('shared.sure', [
      ['shared.back', 'plain', () => load(signal)],
      ['shared.sure.yes', 'plain danger', async () => {
        try {
          const { free } = await teach.owned();
          if (free) await adopt(file);
          else await load(signal);
        } catch (error) {
          fail(error, () => load(signal));
          onFail(error);
        }
      }],
    ], { count: pictures });
  }

  /** @param {Blob} file */
  async function adopt(file) {
    wait('shared.checking');
    await teach.adopt(file);
    finish('own');
  }

  /** @param {'own' | 'shared'} which */
  function finish(which) {
    dialog.close();
    onLoaded(which);
    announce(`shared.done.${which}`);
  }

  return {
    open,

    /** Says that a network is there, is no longer, or could not be loaded. @param {Net | undefined} next @param {unknown} [error] */
    serve(next, error) {
      net = next;
      if (next) for (const waiter of waiters.splice(0)) waiter(next);
      const { signal } = running;
      if (error && waiters.length > 0 && dialog.open) {
        waiters = [];
        fail(error, () => load(signal));
      }
    },

    /** What the shared classifier says to a picture. @param {Blob} blob @param {AbortSignal} [signal] */
    async predict(blob, signal) {
      const by = net ?? await new Promise(/** @param {(net: Net) => void} done */ done => { waiters.push(done); });
      if (!guest) throw new Error('nothing was loaded');
      if (guest.by !== by) guest = { ...guest, by, teacher: importInto(by, guest.file) }; // the engine is another one
      return (await /** @type {ReturnType<typeof importInto>} */ (guest.teacher)).predict(blob, { signal });
    },
  };
}

/**
 * A teacher who keeps nothing, with a head that an engine has checked.
 * @param {Net} net
 * @param {Blob} file
 */
async function importInto(net, file) {
  const teacher = net.teach();
  await teacher.import(file);
  return teacher;
}
