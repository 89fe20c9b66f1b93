// Reads files and folders that were dropped or chosen, with their paths.

/** @typedef {{ path: string, file: File }} FileInFolder */
/**
 * What was dropped. A folder may be empty.
 * @typedef {{ files: File[], hasFolders: boolean, inFolders: FileInFolder[] }} Dropped
 */

/** How deep folders within folders are read. */
const maxDepth = 32;

/**
 * Reads a drop. It must be called in the event: the browser empties the data when that is over.
 * @param {DataTransfer} data
 * @returns {Promise<Dropped>}
 */
export async function readDrop(data) {
  const items = [...data.items]
    .filter(({ kind }) => kind === 'file')
    .map(item => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const folders = items.flatMap(({ entry }) =>
    (entry?.isDirectory ? [/** @type {FileSystemDirectoryEntry} */ (entry)] : []));
  /** @type {FileInFolder[]} */
  const inFolders = [];
  for (const folder of folders) await readFolder(folder, `${folder.name}/`, maxDepth, inFolders);
  return {
    files: items.flatMap(({ entry, file }) => (file && !entry?.isDirectory ? [file] : [])),
    hasFolders: folders.length > 0,
    inFolders,
  };
}

/**
 * @param {FileSystemDirectoryEntry} entry
 * @param {string} path  of what is inside
 * @param {number} depth
 * @param {FileInFolder[]} found  gets the files
 */
async function readFolder(entry, path, depth, found) {
  const reader = entry.createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} a hundred at most */
    const entries = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (entries.length === 0) return;
    for (const one of entries) {
      if (one.isFile) {
        found.push({ path: path + one.name, file: await fileOf(/** @type {FileSystemFileEntry} */ (one)) });
      } else if (depth > 0) {
        await readFolder(/** @type {FileSystemDirectoryEntry} */ (one), `${path}${one.name}/`, depth - 1, found);
      }
    }
  }
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
const fileOf = entry => new Promise((done, failed) => entry.file(done, failed));

/** Files that were chosen with their folders. @param {File[]} files @returns {FileInFolder[]} */
export const withPaths = files => files.map(file => ({ path: file.webkitRelativePath || file.name, file }));
