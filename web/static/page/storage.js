// What this browser keeps of Residua, at the foot of the page: how much, whether it will stay, and how to be rid of the models.

import { find } from './dom.js';
import { megabytes } from './format.js';
import { say } from './i18n.js';
import { deleteDownloaded, keptModels } from '../api/models/cache.js';
import { isPersisted, persist, storageEstimate } from '../common/platform.js';

/** @param {{ onDeleted: () => void }} handlers onDeleted: the models are gone from this device; one that is in use stays in use */
export function createKept({ onDeleted }) {
  const details = find('#kept', HTMLDetailsElement);
  const summary = find('#kept-sum', HTMLElement);
  const words = find('#kept-models', HTMLElement);
  const stays = find('#kept-stays', HTMLElement);
  const ask = find('#kept-ask', HTMLButtonElement);
  const remove = find('#kept-delete', HTMLButtonElement);

  ask.addEventListener('click', async () => {
    const kept = await persist();
    await show();
    if (!kept) say(stays, 'kept.refused');
  });
  remove.addEventListener('click', async () => {
    remove.disabled = true;
    await deleteDownloaded().catch(() => {});
    await show();
    say(words, 'kept.deleted');
    onDeleted();
  });
  details.addEventListener('toggle', () => { if (details.open) void show(); });

  async function show() {
    const [{ usage }, models, kept] = await Promise.all([storageEstimate(), keptModels().catch(() => []), isPersisted()]);
    const bytes = models.reduce((sum, model) => sum + (model.about ? 0 : model.bytes), 0); // a person's own are the chooser's to delete
    const all = models.reduce((sum, model) => sum + model.bytes, 0);
    // A browser that does not say how much is kept in all may keep models all the same.
    if (usage === undefined) say(summary, 'kept.sum.models', () => ({ size: megabytes(all) }));
    else say(summary, 'kept.sum', () => ({ size: megabytes(usage) }));
    say(words, bytes > 0 ? 'kept.models' : 'kept.none', () => ({ size: megabytes(bytes) }));
    say(stays, kept ? 'kept.stays' : 'kept.may-go');
    ask.hidden = kept !== false; // it has promised, or cannot be asked
    remove.disabled = bytes === 0;
    details.hidden = usage === undefined && all === 0;
  }

  return { show };
}
