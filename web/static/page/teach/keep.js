// Keeping what was made: what this browser keeps, the project as a file, the network as a file, the way back of each, a link, and a new start.

import { make } from '../dom.js';
import { megabytes } from '../format.js';
import { say } from '../i18n.js';
import { save } from '../download.js';
import { mainRun, button, part, words } from './parts.js';
import { createShare } from './share.js';
import { checkFile, isEngineFault } from '../../residua.js';

/** @typedef {{ usage?: () => Promise<import('../../residua.js').Usage> }} Measured  a store that knows what it takes */
/** @typedef {import('../../residua.js').ExportFormat} ExportFormat */

/** Files that this part opens, by their names. */
export const ourFiles = /\.(zip|safetensors|onnx)$/i;

/** What the network can be saved as: the file's name, and whether all of the network is in it. @type {Record<'learnt' | 'onnx' | 'safetensors', string>} */
const formats = { learnt: 'residua-learnt.safetensors', onnx: 'residua-network.onnx', safetensors: 'residua-network.safetensors' };

/**
 * @param {import('./parts.js').Desk} desk
 * @param {{ onReplaced: () => void }} handlers onReplaced: another project is there, other weights, or none
 */
export function createKeep(desk, { onReplaced }) {
  const usage = make('p', 'prose');
  const state = make('p', 'teach-state');
  state.role = 'status';
  const bar = make('progress');
  say(bar, 'task.bar', {}, 'aria-label');
  const file = make('input');
  Object.assign(file, { type: 'file', accept: '.zip,.safetensors,.onnx,application/zip', hidden: true });
  const saveButton = button('teach.keep.save', 'plain', () => void download());
  const openButton = button('teach.keep.open', 'plain', () => file.click());
  const over = button('teach.keep.over', 'quiet', () => ask('sure', startOver, over));
  const format = make('select', '', ...Object.keys(formats).map(name => {
    const option = words('option', `teach.keep.format.${name}`);
    option.value = name;
    return option;
  }));
  const network = button('teach.keep.network', 'plain', () => void downloadNetwork());
  const take = make('div', 'teach-row teach-take', make('label', 'teach-move', words('span', 'teach.keep.format'), format), network);
  const share = createShare(desk);
  const question = make('p');
  const yes = button('teach.keep.yes', 'plain danger', () => answer(true));
  const sure = make('div', 'teach-sure', question, make('div', 'teach-row', yes, button('teach.keep.no', 'plain', () => answer(false))));
  sure.role = 'group';
  const element = part('keep', usage, make('div', 'teach-row', saveButton, openButton, over), take, share.element, sure, bar, state, file);
  sure.hidden = bar.hidden = true;
  let measuring = false;
  let working = false;
  /** What is asked about, and where the keyboard goes afterwards. @type {{ act: () => unknown, home: HTMLElement } | undefined} */
  let asked;

  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    file.value = '';
    if (chosen) void open(chosen);
  });

  const pictures = () => desk.teacher?.classes.reduce((sum, { pictures }) => sum + pictures.length, 0) ?? 0;

  /**
   * Asks before something is lost.
   * @param {'sure' | 'replace'} what
   * @param {() => unknown} act
   * @param {HTMLElement} home
   */
  function ask(what, act, home) {
    asked = { act, home };
    say(question, `teach.keep.${what}`, { count: pictures() });
    say(yes, what === 'sure' ? 'teach.keep.yes' : 'teach.keep.replace.yes');
    sure.hidden = false;
    yes.focus();
  }

  /** @param {boolean} yes */
  function answer(yes) {
    const mine = asked;
    asked = undefined;
    sure.hidden = true;
    mine?.home.focus();
    if (yes) mine?.act();
  }

  /**
   * @param {string} key
   * @param {() => Promise<void>} work
   */
  async function busy(key, work) {
    if (working) return;
    working = true;
    say(state, key);
    bar.hidden = false;
    bar.removeAttribute('value');
    desk.update();
    try {
      await work();
    } catch (error) {
      state.removeAttribute('data-i18n');
      state.textContent = '';
      if (isEngineFault(error)) desk.retire(error);
      else desk.messages.error(error);
    }
    bar.hidden = true;
    working = false;
    desk.refresh();
  }

  const step = (/** @type {{ done: number, total: number }} */ { done, total }) => { if (total > 0) Object.assign(bar, { max: total, value: done }); };

  const download = () => busy('teach.keep.saving', async () => {
    const { teacher } = desk;
    if (!teacher || teacher.classes.length === 0) return say(state, 'teach.keep.nothing');
    save(await teacher.export('project', { onProgress: step }), 'residua-project.zip');
    say(state, 'teach.keep.saved');
  });

  const downloadNetwork = () => busy('teach.keep.saving', async () => {
    const method = mainRun(desk.teacher)?.method;
    if (!desk.teacher || !method) return say(state, 'teach.keep.nothing');
    const as = /** @type {keyof typeof formats} */ (format.value);
    save(await desk.teacher.export(as === 'learnt' ? /** @type {ExportFormat} */ (method) : as), formats[as]);
    say(state, 'teach.keep.saved');
  });

  /** @param {File} chosen */
  async function open(chosen) {
    if (desk.readOnly || desk.training) return;
    let replaces = false;
    await busy('teach.keep.opening', async () => {
      // What cannot be opened is told before anybody is asked to give something up for it.
      replaces = await checkFile(chosen) === 'project' && pictures() > 0;
      state.textContent = '';
      if (!replaces) await bring(chosen);
    });
    if (replaces) ask('replace', () => busy('teach.keep.opening', () => bring(chosen)), openButton);
  }

  /** @param {File} chosen */
  async function bring(chosen) {
    const teacher = await desk.ready();
    const brought = await teacher.import(chosen, { onProgress: step });
    onReplaced();
    if (brought.kind === 'weights') return say(state, 'teach.keep.opened.weights', { classes: brought.run.classes.join(', ') });
    for (const { name, error } of brought.faults) desk.messages.fault(name, error);
    say(state, 'teach.keep.opened', { count: brought.total });
  }

  const startOver = () => busy('teach.keep.clearing', async () => {
    await desk.teacher?.clear();
    say(state, 'teach.keep.cleared');
    onReplaced();
  });

  return {
    element,
    open,
    async show() {
      const { teacher } = desk;
      element.hidden = !teacher;
      take.hidden = !mainRun(teacher);
      share.show();
      saveButton.disabled = network.disabled = working;
      openButton.disabled = over.disabled = working || desk.readOnly || desk.training;
      over.hidden = saveButton.hidden = (teacher?.classes.length ?? 0) === 0;
      const store = /** @type {Measured | undefined} */ (teacher?.store);
      if (!store?.usage) return say(usage, 'teach.keep.memory');
      if (measuring) return;
      measuring = true;
      try {
        const { pictures, bytes, weightBytes, inputBytes, inputBudget, quota } = await store.usage();
        say(usage, quota > 0 ? 'teach.keep.usage' : 'teach.keep.no-quota', () => ({
          count: pictures, size: megabytes(bytes + weightBytes), quota: megabytes(quota), inputs: megabytes(inputBytes), budget: megabytes(inputBudget),
        }));
      } catch {
        usage.textContent = ''; // the store was closed: another tab has it
      }
      measuring = false;
    },
  };
}
