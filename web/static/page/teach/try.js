// Try it: what the taught network says to a picture that it has never seen, or to what the camera sees.

import { make } from '../dom.js';
import { percent } from '../format.js';
import { say, text } from '../i18n.js';
import { sayError } from '../notices.js';
import { decodeImage } from '../../common/platform.js';
import { readDrop } from './intake.js';
import { createLive } from './live.js';
import { button, mainRun, part, words } from './parts.js';
import { isEngineFault } from '../../residua.js';

/** @typedef {Awaited<ReturnType<import('./parts.js').Teacher['predict']>>} Answer */

/** The side of what is shown of the picture. */
const side = 224;
/** So many classes are listed. */
const most = 8;

/**
 * What a taught network says, as bars.
 * @param {Answer} answer
 */
export function bars({ predictions, none }) {
  const list = make('ol', 'guesses teach-guesses');
  list.setAttribute('role', 'list');
  list.toggleAttribute('data-none', none);
  say(list, 'teach.try.label', {}, 'aria-label');
  /** @param {Element} label  @param {number} probability */
  const line = (label, probability) => {
    const share = make('span', 'share');
    say(share, 'teach.try.share', () => ({ share: percent(probability) }));
    const bar = make('span', 'bar');
    bar.ariaHidden = 'true';
    bar.style.setProperty('--share', String(probability));
    return make('li', '', label, ' ', share, bar);
  };
  if (none) list.append(make('li', 'teach-none', words('span', 'teach.none', 'label'), make('span', 'share')));
  list.append(...predictions.slice(0, most).map(({ label, probability }) => line(make('span', 'label', label), probability)));
  return list;
}

/** @param {import('./parts.js').Desk} desk */
export function createTry(desk) {
  const files = make('input');
  Object.assign(files, { type: 'file', accept: 'image/*', hidden: true });
  const live = createLive({ ask: predict, onAnswer: found => answer.replaceChildren(bars(found)), onFail: tell });
  const choose = button('teach.try.choose', 'plain', () => files.click());
  const filmButton = button('teach.try.live', 'plain', () => void film());
  const empty = words('p', 'teach.try.empty', 'hint');
  const photo = make('canvas', 'teach-tried');
  photo.width = photo.height = side;
  photo.role = 'img';
  const answer = make('div', 'teach-answer');
  const spoken = make('p', 'spoken');
  spoken.role = 'status';
  const fault = make('p', 'task-fault');
  fault.role = 'alert';
  live.video.hidden = photo.hidden = true;
  const element = part('try', empty, make('div', 'teach-trying', make('div', 'teach-view', photo, live.video), answer),
    make('div', 'teach-row', choose, filmButton), fault, spoken, files);
  /** The newest picture that was asked about. */
  let newest = 0;

  files.addEventListener('change', () => {
    const [file] = files.files ?? [];
    files.value = '';
    if (file) void ask(file, file.name);
  });
  element.addEventListener('dragover', event => {
    event.preventDefault();
    element.toggleAttribute('data-over', true);
  });
  element.addEventListener('dragleave', event => {
    if (!element.contains(/** @type {Node | null} */ (event.relatedTarget))) element.removeAttribute('data-over');
  });
  element.addEventListener('drop', async event => {
    event.preventDefault();
    event.stopPropagation();
    element.removeAttribute('data-over');
    if (!event.dataTransfer) return;
    const { files: [file] } = await readDrop(event.dataTransfer);
    if (file) void ask(file, file.name);
    else desk.messages.tell('hint.no-file');
  });

  /** @param {unknown} error */
  function tell(error) {
    if (isEngineFault(error)) desk.retire(error);
    else sayError(fault, error);
  }

  /** @param {Blob} blob */
  async function predict(blob) {
    const run = mainRun(desk.teacher);
    if (!run || !desk.teacher) throw undefined;
    return desk.teacher.predict(blob, { method: /** @type {any} */ (run.method) });
  }

  /**
   * @param {Blob} blob
   * @param {string} name
   */
  async function ask(blob, name) {
    live.stop();
    const mine = ++newest;
    fault.textContent = '';
    empty.hidden = true;
    if (!mainRun(desk.teacher)) return say(fault, 'teach.try.first');
    if (desk.training) answer.replaceChildren(words('p', 'teach.try.waits', 'hint'));
    try {
      const found = await predict(blob);
      if (mine !== newest) return;
      answer.replaceChildren(bars(found));
      const [best] = found.predictions;
      say(spoken, found.none ? 'teach.try.spoken.none' : 'answer.spoken', () => ({ label: best.label, probability: percent(best.probability) }));
      const bitmap = await decodeImage(blob).catch(() => null);
      photo.hidden = !bitmap || mine !== newest;
      if (!bitmap || photo.hidden) return;
      const square = Math.min(bitmap.width, bitmap.height) * (desk.teacher?.cropRatio ?? 1);
      photo.getContext('2d')?.drawImage(bitmap, (bitmap.width - square) / 2, (bitmap.height - square) / 2, square, square, 0, 0, side, side);
      bitmap.close();
      say(photo, 'photo.alt', () => ({ name: name || (text('photo.pasted') ?? '') }), 'aria-label');
    } catch (error) {
      if (mine === newest) tell(error);
    }
  }

  /** Switches the camera on or off. */
  async function film() {
    if (live.on) return live.stop();
    newest++;
    fault.textContent = '';
    if (!mainRun(desk.teacher)) return say(fault, 'teach.try.first');
    empty.hidden = photo.hidden = true;
    live.video.hidden = false;
    say(filmButton, 'teach.try.still');
    const why = await live.start(() => {
      live.video.hidden = true;
      say(filmButton, 'teach.try.live');
    });
    if (!why) return;
    live.video.hidden = true;
    say(filmButton, 'teach.try.live');
    say(fault, why);
  }

  return {
    element,
    ask,
    show() {
      const run = mainRun(desk.teacher);
      choose.disabled = filmButton.disabled = !run;
      if (!run) {
        live.stop();
        newest++;
        answer.replaceChildren();
        photo.hidden = true;
        empty.hidden = false;
      }
      if (!empty.hidden) say(empty, run ? 'teach.try.ready' : 'teach.try.empty');
    },
    leave: live.stop,
  };
}
