// Which of the files that come in are photos, and which are a network's.

/** File extensions of networks that can be loaded. */
export const modelFiles = ['.safetensors', '.onnx'];
/** File extensions of networks that cannot. They are told from photos all the same, for a better error message. */
const foreignModelFiles = ['.pt', '.pth', '.ckpt', '.bin', '.h5', '.keras'];

/** @param {File} file @param {string[]} extensions */
const hasExtension = ({ name }, extensions) => extensions.some(extension => name.toLowerCase().endsWith(extension));

/**
 * Separates a network's files from photos.
 * @param {File[]} files
 * @returns {{ photos: File[], model?: File, side: File[] }} side: JSON files, which describe a network
 */
export function sortFiles(files) {
  const side = files.filter(file => hasExtension(file, ['.json']));
  const networks = files.filter(file => hasExtension(file, [...modelFiles, ...foreignModelFiles]));
  const model = networks.find(file => hasExtension(file, modelFiles)) ?? networks[0];
  return { model, side, photos: files.filter(file => !side.includes(file) && !networks.includes(file)) };
}
