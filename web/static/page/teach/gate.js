// What is taught stays with the model that it was taught on: its features are that model's. With another one the room Teach rests, and says whose it is.

import { find, make } from '../dom.js';
import { say } from '../i18n.js';
import { keptModels } from '../../api/models/cache.js';
import { shipped } from '../../api/models/shipped.js';
import { answer, openExisting } from '../../api/teach/idb.js';

/** @typedef {import('../models/loader.js').Net} Net */

/** The database of teach/store.js. */
const database = 'residua-teach';

/**
 * The model of the project that is kept, if it has classes; a project without any is of no model yet.
 * @returns {Promise<string | undefined>}
 */
async function projectModel() {
  const db = await openExisting(database);
  if (!db) return undefined;
  try {
    const head = await answer(db.transaction('state').objectStore('state').get('head'));
    return head?.classes?.length > 0 ? head.model : undefined;
  } finally {
    db.close();
  }
}

/** What people call a model. @param {string} name */
async function titleOf(name) {
  const kept = (await keptModels().catch(() => [])).find(one => one.name === name);
  return shipped.find(({ model }) => model === name)?.title ?? kept?.about?.title ?? name;
}

/**
 * @param {{ serve: (net: Net | undefined) => void, onUse: (model: string) => void, onOther: (other: boolean) => void }} options
 *   serve gets the network that the room may work with; onOther hears whether the room rests
 */
export function createTeachGate({ serve, onUse, onOther }) {
  const room = find('#teach', HTMLElement);
  const words = make('p');
  const use = make('button', 'plain');
  use.type = 'button';
  const banner = make('div', 'notice teach-other', words, use);
  banner.role = 'status';
  banner.hidden = true;
  room.prepend(banner);
  let turn = 0;
  let model = '';
  use.addEventListener('click', () => onUse(model));

  return {
    /** Says that a network is there, or is no longer. @param {Net | undefined} net */
    async serve(net) {
      const mine = ++turn;
      // Where nothing can be kept, or nobody can tell, there is no other project.
      const found = net && await projectModel().catch(() => undefined);
      const other = !!net && !!found && found !== net.info.model;
      const title = other ? await titleOf(found) : '';
      if (mine !== turn) return;
      room.toggleAttribute('data-other', other);
      banner.hidden = !other;
      if (other) {
        model = found;
        say(words, 'models.teach', { title, now: net.info.title });
        say(use, 'models.teach.use', { title });
      }
      serve(other ? undefined : net);
      onOther(other);
    },
  };
}
