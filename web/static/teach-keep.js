// Keeping what was made: what this browser keeps, the project as a file, the weights as a file, and a new start.

import { make } from './dom.js';
import { megabytes } from './format.js';
import { say } from './i18n.js';
import { save } from './numbers.js';
import { mainRun, button, part, words } from './teach-parts.js';
import { readProject, writeProject } from './teach/project.js';

/** @typedef {{ usage?: () => Promise<{ pictures: number, bytes: number, inputBytes: number, inputBudget: number, quota: number }> }} Measured  a store that knows what it takes */

/**
 * @param {import('./teach-parts.js').Desk} desk
 * @param {{ onReplaced: () => void }} handlers onReplaced: another project is there, or none
 */
export function createKeep(desk, { onReplaced }) {
  const usage = make('p', 'prose');
  const state = make('p', 'teach-state');
  state.role = 'status';
  const bar = make('progress');
  say(bar, 'task.bar', {}, 'aria-label');
  const file = make('input');
  Object.assign(file, { type: 'file', accept: '.zip,.residua,application/zip', hidden: true });
  const saveButton = button('teach.keep.save', 'plain', () => void download());
  const openButton = button('teach.keep.open', 'plain', () => file.click());
  const weights = button('teach.keep.weights', 'plain', () => void downloadWeights());
  const over = button('teach.keep.over', 'quiet', () => confirm(true));
  const question = words('p', 'teach.keep.sure');
  const yes = button('teach.keep.yes', 'plain danger', () => void startOver());
  const sure = make('div', 'teach-sure', question, make('div', 'teach-row', yes, button('teach.keep.no', 'plain', () => confirm(false))));
  sure.role = 'group';
  const element = part('keep', usage, make('div', 'teach-row', saveButton, openButton, weights, over), sure, bar, state, file);
  sure.hidden = bar.hidden = true;
  let measuring = false;

  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    file.value = '';
    if (chosen) void open(chosen);
  });

  /** @param {boolean} on */
  function confirm(on) {
    sure.hidden = !on;
    over.hidden = on;
    if (on) say(question, 'teach.keep.sure', { count: desk.teacher?.classes.reduce((sum, { pictures }) => sum + pictures.length, 0) ?? 0 });
    (on ? yes : over).focus();
  }

  /**
   * @param {string} key
   * @param {() => Promise<void>} work
   */
  async function busy(key, work) {
    say(state, key);
    bar.hidden = false;
    bar.removeAttribute('value');
    saveButton.disabled = openButton.disabled = over.disabled = true;
    try {
      await work();
    } catch (error) {
      state.textContent = '';
      desk.messages.error(error);
    }
    bar.hidden = true;
    saveButton.disabled = openButton.disabled = over.disabled = false;
    desk.refresh();
  }

  const step = (/** @type {{ done: number, total: number }} */ { done, total }) => { Object.assign(bar, { max: total, value: done }); };

  const download = () => busy('teach.keep.saving', async () => {
    const { teacher } = desk;
    const kept = await teacher?.store.load();
    if (!teacher || !kept) return say(state, 'teach.keep.nothing');
    save(await writeProject(teacher.store, kept.head, kept.pictures, { onProgress: step }), 'residua-project.zip');
    say(state, 'teach.keep.saved');
  });

  /** @param {File} chosen */
  const open = chosen => busy('teach.keep.opening', async () => {
    const { teacher } = desk;
    if (!teacher) return;
    const { store } = teacher;
    const project = await readProject(chosen, { onProgress: step });
    // Its list is sound. Only now what was there before makes room.
    await teacher.clear();
    await store.saveHead(project.head);
    for await (const { record, blob, features, small, input } of project.pictures) {
      await store.putPicture(record, { blob, ...(features && small ? { features, small, input } : {}) });
    }
    for (const [name, bytes] of project.weights) await store.putWeights(name, bytes);
    await teacher.restore();
    for (const { name, error } of project.faults) desk.messages.fault(name, error);
    say(state, 'teach.keep.opened', { count: project.total });
    onReplaced();
  });

  const downloadWeights = () => busy('teach.keep.saving', async () => {
    const depth = mainRun(desk.teacher)?.depth;
    const bytes = depth && await desk.teacher?.store.weights(/** @type {any} */ (depth));
    if (!bytes) return say(state, 'teach.keep.nothing');
    save(new Blob([bytes]), `residua-${depth}.safetensors`);
    say(state, 'teach.keep.saved');
  });

  async function startOver() {
    await busy('teach.keep.clearing', async () => {
      await desk.teacher?.clear();
      say(state, 'teach.keep.cleared');
      onReplaced();
    });
    confirm(false);
  }

  return {
    element,
    async show() {
      const { teacher } = desk;
      element.hidden = !teacher;
      weights.disabled = !mainRun(teacher);
      openButton.disabled = over.disabled = desk.readOnly || desk.training;
      const store = /** @type {Measured | undefined} */ (teacher?.store);
      if (!store?.usage) return say(usage, 'teach.keep.memory');
      if (measuring) return;
      measuring = true;
      try {
        const { pictures, bytes, quota } = await store.usage();
        say(usage, 'teach.keep.usage', () => ({ count: pictures, size: megabytes(bytes), quota: megabytes(quota) }));
      } catch {
        usage.textContent = ''; // the store was closed: another tab has it
      }
      measuring = false;
    },
  };
}
