// What is dropped on the room, read: files, and folders with all that is in them.

/** @typedef {{ name: string, files: File[], folders: Folder[] }} Folder */

/** Files that systems put into folders by themselves. */
const ignored = /^\.|^(thumbs\.db|desktop\.ini)$/i;
/** Folders within folders are read so deep. */
const deepest = 8;

/**
 * @param {DataTransfer} data is emptied by the browser when the event is over: what is in it is taken at once
 * @returns {Promise<{ files: File[], folders: Folder[] }>}
 */
export function readDrop(data) {
  const items = [...data.items].filter(({ kind }) => kind === 'file').map(item => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  return (async () => {
    /** @type {Folder[]} */
    const folders = [];
    for (const { entry } of items) {
      if (entry?.isDirectory) folders.push(await readFolder(/** @type {FileSystemDirectoryEntry} */ (entry), deepest));
    }
    return { files: items.flatMap(({ entry, file }) => (file && !entry?.isDirectory ? [file] : [])), folders };
  })();
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
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return folder;
    for (const one of some) {
      if (ignored.test(one.name)) continue;
      if (one.isFile) folder.files.push(await new Promise((done, failed) => /** @type {FileSystemFileEntry} */ (one).file(done, failed)));
      else if (depth > 0) folder.folders.push(await readFolder(/** @type {FileSystemDirectoryEntry} */ (one), depth - 1));
    }
  }
}

/** All files of a folder. @param {Folder} folder @returns {File[]} */
export const allFiles = ({ files, folders }) => [...files, ...folders.flatMap(allFiles)];

/**
 * The classes that a folder stands for: each of its folders is one; a folder of files only is one itself.
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
