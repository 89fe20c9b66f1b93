// Pictures of the other domain without labels: added by choice, counted, and removed.

import { make } from '../../dom.js';
import { button, fileInput, statusLine } from '../../elements.js';
import { decimal } from '../../format.js';
import { say, text } from '../../i18n.js';
import { isEngineFault } from '../../../residua.js';
import { row } from '../elements.js';

/** @param {import('../context.js').TeachContext} context */
export function createUnlabelled(context) {
  const input = fileInput({ multiple: true, accept: 'image/*' }, files => void add(files));
  const choose = button('domains.unlabelled.add', 'plain', () => input.click());
  const remove = button('domains.unlabelled.remove', 'quiet', () => void removeAll());
  const state = statusLine('hint');
  const element = make('div', 'domains-unlabelled', row(choose, remove), state, input);

  /** @param {File[]} files */
  async function add(files) {
    const teacher = await context.ready();
    for (const file of files) {
      try {
        await teacher.addUnlabelled(file, { name: file.name });
      } catch (error) {
        if (isEngineFault(error)) return context.onEngineFault(error);
        if (/** @type {any} */ (error)?.code === 'storage-full') return context.messages.error(error, file.name);
        context.messages.fault(file.name, error);
      }
      context.showSoon();
    }
  }

  async function removeAll() {
    const { teacher } = context;
    if (!teacher || !confirm(text('domains.unlabelled.confirm', { count: teacher.unlabelled.length }) ?? '')) return;
    await teacher.remove(teacher.unlabelled.map(({ id }) => id)).catch(context.onError);
    context.show();
  }

  return {
    element,
    show() {
      const count = context.teacher?.unlabelled.length ?? 0;
      choose.disabled = context.readOnly;
      remove.hidden = count === 0;
      remove.disabled = context.readOnly || context.training;
      say(state, count > 0 ? 'domains.unlabelled.some' : 'domains.unlabelled.none', () =>
        ({ count, shown: decimal(count, 0) }));
    },
  };
}
