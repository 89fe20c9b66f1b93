// Reads files and folders that were dropped or chosen, with their paths, and tells pictures from other files by their
// names.

/** @typedef {{ path: string, file: File }} FileInFolder */
/**
 * What was dropped. A folder may be empty.
 * @typedef {{ files: File[], hasFolders: boolean, inFolders: FileInFolder[] }} Dropped
 */
/**
 * onFound hears how many files were found so far; onFault of a file or folder that cannot be read, without which
 * reading ends there and rejects
 * @typedef {{ signal?: AbortSignal, onFound?: (count: number) => void, onFault?: (path: string) => void }} Options
 */

/** How deep folders within folders are read. */
const maxDepth = 32;

/** Files and folders that systems and programs put there by themselves. Nobody wants to hear of them. */
const hidden = /^\.|^(thumbs\.db|ehthumbs\.db|desktop\.ini|icon\r|__macosx|@eadir|\$recycle\.bin)$/i;
/** Endings of pictures. Those that cannot be decoded are here too: the engine says what to do about them. */
const picture = /\.(jpe?g|jpe|jfif|png|apng|gif|webp|bmp|dib|tiff?|avif|hei[cf]|jxl|jp2|j2k|psd|ico|svg|\d+)$/i;
/** Names without an ending, of files that are texts. */
const textFile = /^(readme|licen[cs]e|copying|notice|authors|changelog|citation|makefile|dockerfile|labels|classes)$/i;

/**
 * Whether a file may be a picture. Only its decoder can be sure.
 * @param {string} name
 * @param {Blob} file
 */
export const mayBePicture = (name, file) =>
  file.type.startsWith('image/') || picture.test(name) || !name.includes('.') && !textFile.test(name);

/** @param {string} path */
export const partsOf = path =>
  (path.includes('\\') ? path.replaceAll('\\', '/') : path).split('/').filter(part => part && part !== '.');

/** Whether nobody has put the file there. @param {{ path: string }} file */
export const isHidden = ({ path }) => partsOf(path).some(part => hidden.test(part));

/**
 * What a drop holds. It must be called in the event: the browser empties the data when that is over.
 * @param {DataTransfer} data
 * @returns {{ files: File[], folders: FileSystemDirectoryEntry[] }}
 */
export function openDrop(data) {
  const items = [...data.items]
    .filter(({ kind }) => kind === 'file')
    .map(item => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  return {
    files: items.flatMap(({ entry, file }) => (file && !entry?.isDirectory ? [file] : [])),
    folders: items.flatMap(({ entry }) =>
      (entry?.isDirectory ? [/** @type {FileSystemDirectoryEntry} */ (entry)] : [])),
  };
}

/**
 * Reads folders at all depths.
 * @param {FileSystemDirectoryEntry[]} folders
 * @param {Options} [options]
 * @returns {Promise<FileInFolder[]>} those that were found until the signal was aborted
 */
export async function filesIn(folders, options = {}) {
  /** @type {FileInFolder[]} */
  const found = [];
  for (const folder of folders) await readFolder(folder, `${folder.name}/`, maxDepth, found, options);
  return found;
}

/**
 * Reads a drop. It must be called in the event.
 * @param {DataTransfer} data
 * @returns {Promise<Dropped>}
 */
export async function readDrop(data) {
  const { files, folders } = openDrop(data);
  return { files, hasFolders: folders.length > 0, inFolders: await filesIn(folders) };
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @param {string} path  of what is inside
 * @param {number} depth
 * @param {FileInFolder[]} found  gets the files
 * @param {Options} options
 */
async function readFolder(folder, path, depth, found, options) {
  const { signal, onFound, onFault } = options;
  const reader = folder.createReader();
  while (!signal?.aborted) {
    /** @type {FileSystemEntry[]} a hundred at most */
    let entries = [];
    try {
      entries = await new Promise((done, failed) => reader.readEntries(done, failed));
    } catch (error) {
      if (!onFault) throw error;
      onFault(path);
    }
    if (entries.length === 0) return;
    const read = await Promise.all(entries.filter(({ isFile }) => isFile).map(entry => fileIn(entry, path, onFault)));
    for (const one of read) if (one) found.push(one);
    onFound?.(found.length);
    for (const one of entries) {
      if (one.isFile || depth === 0) continue;
      await readFolder(/** @type {FileSystemDirectoryEntry} */ (one), `${path}${one.name}/`, depth - 1, found, options);
    }
  }
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} path  of its folder
 * @param {Options['onFault']} onFault
 * @returns {Promise<FileInFolder | undefined>}
 */
async function fileIn(entry, path, onFault) {
  try {
    const file = await new Promise((done, failed) =>
      /** @type {FileSystemFileEntry} */ (entry).file(done, failed));
    return { path: path + entry.name, file };
  } catch (error) {
    if (!onFault) throw error;
    onFault(path + entry.name);
  }
}

/** Files that were chosen with their folders. @param {File[]} files @returns {FileInFolder[]} */
export const withPaths = files => files.map(file => ({ path: file.webkitRelativePath || file.name, file }));
