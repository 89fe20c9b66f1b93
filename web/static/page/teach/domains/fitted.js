// One press takes a classifier that was fitted to other pictures into use, in the place of what was taught; another
// puts that back.

import { make } from '../../dom.js';
import { button, clearText, statusLine } from '../../elements.js';
import { say, text } from '../../i18n.js';
import { row } from '../elements.js';
import { mainRun } from '../runs.js';

/** @typedef {import('../context.js').Run} Run */
/** @typedef {Awaited<ReturnType<import('../context.js').Teacher['adapt']>>} Adapted */
/** @typedef {import('../../../zproto.js').AdaptMethod} AdaptMethod */

/**
 * @param {import('../context.js').TeachContext} context
 * @param {{ onReplaced: () => void }} handlers  onReplaced: another classifier answers
 */
export function createFitted(context, { onReplaced }) {
  const used = statusLine('prose');
  const undo = button('domains.gap.undo', 'plain', () => void putBack());
  const element = make('div', 'domains-back', used, row(undo));
  /** The training that was put back. @type {Run | undefined} */
  let undone;
  /** Whether a classifier is just being put in the place of another. */
  let isReplacing = false;

  /** The training whose place a fitted classifier has taken, if it can come back. @returns {Run | undefined} */
  function before() {
    const { teacher } = context;
    if (!teacher || !mainRun(teacher)?.adapted) return undefined;
    return teacher.history.findLast(run => !run.adapted && teacher.canRevert(run));
  }

  /** @param {string} method */
  const sayUsed = method =>
    say(used, 'domains.gap.used', () => ({ way: text(`domains.method.${method}`) ?? method }));

  /** @param {Adapted} adapted @param {AdaptMethod} method @returns {Promise<boolean>} whether it answers now */
  async function use(adapted, method) {
    const { teacher } = context;
    if (!teacher || context.training || context.readOnly) return false;
    return replace(async () => {
      await teacher.useAdapted(adapted, method);
      sayUsed(method);
    });
  }

  async function putBack() {
    const { teacher } = context;
    const run = before();
    if (!teacher || !run || context.training || context.readOnly) return;
    await replace(async () => {
      await teacher.revert(run);
      undone = mainRun(teacher);
      say(used, 'domains.gap.undone');
    });
  }

  /** Only one at a time. @param {() => Promise<void>} change @returns {Promise<boolean>} whether it was made */
  async function replace(change) {
    if (isReplacing) return false;
    isReplacing = true;
    try {
      await change();
      onReplaced();
      return true;
    } catch (error) {
      context.onError(error);
      return false;
    } finally {
      isReplacing = false;
    }
  }

  return {
    element,
    before,
    use,

    show() {
      const isUsed = !!before();
      undo.hidden = !isUsed;
      undo.disabled = context.training || context.readOnly;
      const method = mainRun(context.teacher)?.adapted?.method;
      if (isUsed && method) sayUsed(method);
      else if (!isUsed && (used.dataset.i18n?.startsWith('domains.gap.used') || undone !== mainRun(context.teacher))) {
        clearText(used);
      }
    },
  };
}
