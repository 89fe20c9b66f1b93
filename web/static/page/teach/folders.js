// Reads files and folders that were dropped or chosen, and finds the classes in them.

/** @typedef {{ name: string, files: File[], folders: Folder[] }} Folder */

/** Hidden files, and those that systems put into folders by themselves. */
const ignored = /^\.|^(thumbs\.db|desktop\.ini)$/i;
/** How deep folders within folders are read. */
const maxDepth = 8;

/**
 * Reads a drop. It must be called in the event: the browser empties the data when that is over.
 * @param {DataTransfer} data
 * @returns {Promise<{ files: File[], folders: Folder[] }>}
 */
export async function readDrop(data) {
  const items = [...data.items]
    .filter(({ kind }) => kind === 'file')
    .map(item => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  /** @type {Folder[]} */
  const folders = [];
  for (const { entry } of items) {
    if (entry?.isDirectory) folders.push(await readFolder(/** @type {FileSystemDirectoryEntry} */ (entry), maxDepth));
  }
  return { files: items.flatMap(({ entry, file }) => (file && !entry?.isDirectory ? [file] : [])), folders };
}

/**
 * @param {FileSystemDirectoryEntry} entry
 * @param {number} depth
 * @returns {Promise<Folder>}
 */
async function readFolder(entry, depth) {
  /** @type {Folder} */
  const folder = { name: entry.name, files: [], folders: [] };
  const reader = entry.createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} a hundred at most */
    const entries = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (entries.length === 0) return folder;
    for (const one of entries) {
      if (ignored.test(one.name)) continue;
      if (one.isFile) folder.files.push(await fileOf(/** @type {FileSystemFileEntry} */ (one)));
      else if (depth > 0) {
        folder.folders.push(await readFolder(/** @type {FileSystemDirectoryEntry} */ (one), depth - 1));
      }
    }
  }
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
const fileOf = entry => new Promise((done, failed) => entry.file(done, failed));

/** All files of a folder. @param {Folder} folder @returns {File[]} */
export const allFiles = ({ files, folders }) => [...files, ...folders.flatMap(allFiles)];

/**
 * The classes in a folder: each folder inside is one. A folder of files only is a class itself.
 * @param {Folder} folder
 * @returns {{ name: string, files: File[] }[]}
 */
export function classesOf(folder) {
  if (folder.folders.length === 0) return [{ name: folder.name, files: folder.files }];
  const inside = folder.folders.map(one => ({ name: one.name, files: allFiles(one) }));
  return folder.files.length > 0 ? [...inside, { name: folder.name, files: folder.files }] : inside;
}

/**
 * Files that were chosen with their folders.
 * @param {File[]} files
 * @returns {Folder[]}
 */
export function foldersOf(files) {
  /** @type {Folder} */
  const root = { name: '', files: [], folders: [] };
  for (const file of files) {
    const path = file.webkitRelativePath.split('/').slice(0, -1);
    if (ignored.test(file.name)) continue;
    let at = root;
    for (const name of path) {
      let next = at.folders.find(one => one.name === name);
      if (!next) at.folders.push(next = { name, files: [], folders: [] });
      at = next;
    }
    at.files.push(file);
  }
  return root.folders;
}
