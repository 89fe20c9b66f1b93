// What this browser keeps of Residua, at the foot of the page: how much, whether it will stay, and how to be rid of the models.

import { find } from './dom.js';
import { megabytes } from './format.js';
import { say } from './i18n.js';
import { isPersisted, persist, storageEstimate } from '../common/platform.js';
import { Residua } from '../residua.js';

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
    await Residua.forgetDownloaded().catch(() => {});
    await show();
    say(words, 'kept.deleted');
    onDeleted();
  });
  details.addEventListener('toggle', () => { if (details.open) void show(); });

  async function show() {
    const none = { downloaded: 0, own: 0 };
    const [{ usage }, { downloaded, own }, kept] = await Promise.all([storageEstimate(), Residua.storage().catch(() => none), isPersisted()]);
    const all = downloaded + own;
    // A browser that does not say how much is kept in all may keep models all the same.
    if (usage === undefined) say(summary, 'kept.sum.models', () => ({ size: megabytes(all) }));
    else say(summary, 'kept.sum', () => ({ size: megabytes(usage) }));
    say(words, downloaded > 0 ? 'kept.models' : 'kept.none', () => ({ size: megabytes(downloaded) }));
    say(stays, kept ? 'kept.stays' : 'kept.may-go');
    ask.hidden = kept !== false; // it has promised, or cannot be asked
    remove.disabled = downloaded === 0; // a person's own are the chooser's to delete
    details.hidden = usage === undefined && all === 0;
  }

  return { show };
}
