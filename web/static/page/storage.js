// Storage, at the foot of the page: how much this browser keeps, whether it may evict it, and a button that deletes
// models.

import { find } from './dom.js';
import { megabytes } from './format.js';
import { say } from './i18n.js';
import { isPersisted, persist, storageEstimate } from '../common/platform.js';
import { Residua } from '../residua.js';

/**
 * @param {{ onDeleted: () => void }} handlers
 *   onDeleted: downloaded models were deleted from this device; one that is in use stays in use
 */
export function createStorage({ onDeleted }) {
  const details = find('#kept', HTMLDetailsElement);
  const summary = find('#kept-sum', HTMLElement);
  const modelsText = find('#kept-models', HTMLElement);
  const persistenceText = find('#kept-stays', HTMLElement);
  const askButton = find('#kept-ask', HTMLButtonElement);
  const deleteButton = find('#kept-delete', HTMLButtonElement);

  askButton.addEventListener('click', async () => {
    const persisted = await persist();
    await show();
    if (!persisted) say(persistenceText, 'kept.refused');
  });
  deleteButton.addEventListener('click', async () => {
    deleteButton.disabled = true;
    await Residua.forgetDownloaded().catch(() => {});
    await show();
    say(modelsText, 'kept.deleted');
    onDeleted();
  });
  details.addEventListener('toggle', () => { if (details.open) void show(); });

  async function show() {
    const none = { downloaded: 0, own: 0 };
    const [{ usage }, { downloaded, own }, persisted] =
      await Promise.all([storageEstimate(), Residua.storage().catch(() => none), isPersisted()]);
    const models = downloaded + own;
    // A browser that does not give its total usage may have stored models all the same.
    if (usage === undefined) say(summary, 'kept.sum.models', () => ({ size: megabytes(models) }));
    else say(summary, 'kept.sum', () => ({ size: megabytes(usage) }));
    say(modelsText, downloaded > 0 ? 'kept.models' : 'kept.none', () => ({ size: megabytes(downloaded) }));
    say(persistenceText, persisted ? 'kept.stays' : 'kept.may-go');
    askButton.hidden = persisted !== false; // true: nothing to ask for; undefined: the browser cannot be asked
    deleteButton.disabled = downloaded === 0; // a person's own models are deleted in the model chooser
    details.hidden = usage === undefined && models === 0;
  }

  return { show };
}
