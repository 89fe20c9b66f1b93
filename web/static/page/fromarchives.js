// What was dropped outside Teach, but is for Teach: archives of pictures, and files that Teach has saved. A person is
// asked first.

import { hasPictures } from './arrivals.js';
import { listOf } from './format.js';
import { capacity as limit, photoOf } from './photos.js';
import { ask } from './question.js';
import { files as api } from '../residua.js';

/** @typedef {import('./arrivals.js').Arrival} Arrival */

/**
 * @param {object} handlers
 * @param {(file: File) => Promise<unknown>} handlers.onTeach  The file is to be opened in Teach.
 * @param {(photos: import('./photos.js').Photo[]) => void} handlers.onPhotos  at least one
 * @param {(arrival: Arrival) => void} handlers.onTable  The archive's pictures are to be in the table.
 * @param {import('./intake.js').Handlers['onRefusal']} handlers.onRefusal
 * @param {(error: unknown, name: string) => void} handlers.onError  An archive of this name cannot be unpacked.
 */
export function createFromArchives({ onTeach, onPhotos, onTable, onRefusal, onError }) {
  /** Puts the few pictures of an archive on the stage. @param {Arrival} arrival */
  async function show(arrival) {
    const { name } = arrival.file;
    const { pictures } = api.picturesIn(arrival, name);
    try {
      const { files, broken } = await api.unpackPictures(arrival.file, pictures);
      if (files.length === 0) return onRefusal('files.broken-zip', {}, name);
      onPhotos(files.map(({ file }) => photoOf(file)));
      if (broken.length > 0) onRefusal('files.left', { count: broken.length, files: listOf(broken) }, name);
    } catch (error) {
      onError(error, name);
    }
  }

  /** @param {Arrival} arrival */
  async function offerOne(arrival) {
    const { file } = arrival;
    if (!hasPictures(arrival)) {
      const answer = await ask({
        title: 'files.ask.taught.title', text: 'files.ask.taught', values: { name: file.name },
        answers: { teach: 'files.ask.taught.yes' },
      });
      if (answer) await onTeach(file);
      return;
    }
    const { length: count } = api.picturesIn(arrival, file.name).pictures;
    const answer = await ask({
      title: 'files.ask.pictures.title', text: 'files.ask.pictures', values: { name: file.name, count },
      answers: {
        teach: 'files.ask.pictures.teach',
        ...(count > limit ? {} : { look: 'files.ask.pictures.look' }),
        table: 'files.ask.pictures.table',
      },
    });
    if (answer === 'teach') await onTeach(file);
    if (answer === 'look') await show(arrival);
    if (answer === 'table') onTable(arrival);
  }

  return {
    /** Asks about each, one after the other. @param {Arrival[]} arrivals */
    async offer(arrivals) {
      for (const arrival of arrivals) await offerOne(arrival);
    },
  };
}
