// Which of the files that come in are photos, and which are a network's.

/** File extensions of networks that can be loaded. */
export const modelFiles = ['.safetensors', '.onnx'];
/** File extensions of networks that cannot. They are told from photos all the same, for a better error message. */
const foreignModelFiles = ['.pt', '.pth', '.ckpt', '.bin', '.h5', '.keras', '.pb', '.weights'];
/** File extensions of an ONNX network's weights that are in files of their own. */
const dataFiles = ['.data', '.onnx_data'];
/** File extensions of what is published beside a network: its description, and its classes' names. */
const sideFiles = ['.json', '.txt', '.names', '.csv', '.tsv', '.labels', '.lst', '.md', '.yaml', '.yml', '.toml'];
/** File extensions of pictures, for which not every system gives a type. */
const pictureFiles = ['.avif', '.bmp', '.gif', '.heic', '.heif', '.jfif', '.jpe', '.jpeg', '.jpg', '.jxl', '.png',
  '.svg', '.tif', '.tiff', '.webp'];

/** Whether a file has the name of one that a network can be loaded from. @param {string} path */
export const isNetworkName = path => modelFiles.some(extension => path.toLowerCase().endsWith(extension));

/** @param {File} file @param {string[]} extensions */
const hasExtension = ({ name }, extensions) => extensions.some(extension => name.toLowerCase().endsWith(extension));

/** @param {File} file */
const isPicture = file => file.type.startsWith('image/') || hasExtension(file, pictureFiles);

/** @param {File} file */
const isText = file => hasExtension(file, sideFiles) || file.type.startsWith('text/');

/**
 * Separates a network's files from photos. Beside a network everything that is no picture belongs to it: the engine
 * tells which file is what, and names those that it does not use.
 * @param {File[]} files
 * @returns {{ photos: File[], model?: File, files: File[], dataAlone?: File }} model: the file that gives the network
 *   its name; files: all that are no photos; dataAlone: without a model, a file of weights that belong to one
 */
export function sortFiles(files) {
  const networks = files.filter(file => hasExtension(file, [...modelFiles, ...foreignModelFiles]));
  const model = networks.find(file => hasExtension(file, modelFiles)) ?? networks[0];
  const dataAlone = model ? undefined : files.find(file => hasExtension(file, dataFiles));
  const isPhoto = model
    ? (/** @type {File} */ file) => isPicture(file)
    : (/** @type {File} */ file) => !isText(file) && !hasExtension(file, dataFiles);
  return { model, dataAlone, files: files.filter(file => !isPhoto(file)), photos: files.filter(isPhoto) };
}
