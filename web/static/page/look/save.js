// The buttons of Look inside that save the numbers and the picture as files.

import { find } from '../dom.js';
import { save } from '../download.js';
import { createTask } from '../task.js';

/** @param {{ table: () => string | undefined, picture: () => Promise<Blob> }} sources table: as CSV, if there is one */
export function createSave({ table, picture }) {
  const task = createTask(find('#save-task', HTMLElement));

  find('#save-csv', HTMLButtonElement).addEventListener('click', () => {
    const text = table();
    if (text !== undefined) save(new Blob([text], { type: 'text/csv' }), 'residua-blocks.csv');
  });
  find('#save-png', HTMLButtonElement).addEventListener('click', async () => {
    task.idle();
    try {
      save(await picture(), 'residua.png');
    } catch (error) {
      console.error(error);
      task.refuse('numbers.png.failed');
    }
  });
}
