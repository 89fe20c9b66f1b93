// Pictures of the other domain without labels: chosen or dropped, counted, and removed.

import { make } from '../../dom.js';
import { button, fileInput, statusLine } from '../../elements.js';
import { isHidden, readDrop } from '../../folders.js';
import { decimal } from '../../format.js';
import { say, text } from '../../i18n.js';
import { makeDropTarget } from '../droptarget.js';
import { row } from '../elements.js';

/**
 * @param {import('../context.js').TeachContext} context
 * @param {import('../additions.js').Additions} additions
 */
export function createUnlabelled(context, additions) {
  const input = fileInput({ multiple: true, accept: 'image/*' }, files => void add(files));
  const choose = button('domains.unlabelled.add', 'plain', () => input.click());
  const remove = button('domains.unlabelled.remove', 'quiet', () => void removeAll());
  const stop = button('teach.stop', 'quiet', () => adding?.abort());
  const state = statusLine('hint');
  const element = make('div', 'domains-unlabelled', row(choose, remove, stop), state, input);
  stop.hidden = true;
  /** @type {AbortController | undefined} */
  let adding;

  makeDropTarget(element, { onDrop: data => void takeDrop(data) });

  /** @param {File[]} files */
  async function add(files) {
    if (adding || context.readOnly) return;
    const { signal } = (adding = new AbortController());
    show();
    await additions.add('', files, { signal });
    adding = undefined;
    show();
  }

  /** Takes files, and those of folders at all depths, whose names mean nothing here. @param {DataTransfer} data */
  async function takeDrop(data) {
    if (context.readOnly) return context.messages.tell('error.read-only');
    try {
      const { files, inFolders } = await readDrop(data);
      const all = [...files, ...inFolders.filter(one => !isHidden(one)).map(({ file }) => file)];
      if (all.length > 0) await add(all);
      else context.messages.tell('hint.no-file');
    } catch (error) {
      context.messages.error(error);
    }
  }

  async function removeAll() {
    const { teacher } = context;
    if (!teacher || !confirm(text('domains.unlabelled.confirm', { count: teacher.unlabelled.length }) ?? '')) return;
    await teacher.remove(teacher.unlabelled.map(({ id }) => id)).catch(context.onError);
    context.show();
  }

  function show() {
    const count = context.teacher?.unlabelled.length ?? 0;
    choose.disabled = context.readOnly || !!adding;
    stop.hidden = !adding;
    remove.hidden = count === 0;
    remove.disabled = context.readOnly || context.training || !!adding;
    say(state, count > 0 ? 'domains.unlabelled.some' : 'domains.unlabelled.none', () =>
      ({ count, shown: decimal(count, 0) }));
  }

  return { element, show };
}
