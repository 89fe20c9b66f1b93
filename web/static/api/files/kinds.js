// @ts-check
/**
 * What kind of file something is, by its first bytes, by its name, and, if it is a zip archive, by the names of the
 * files in it.
 */

/**
 * - safetensors, onnx, json: what a model is loaded from
 * - project: a project that Teach has saved; taught: weights that Teach has saved
 * - picture
 * - pictures: a zip archive of pictures; teachable-machine: the same, as Teachable Machine saves its projects
 * - teachable-export: a zip archive with a model that Teachable Machine has exported
 * - zip-model: a zip archive with a .safetensors or .onnx file
 * - zip: any other zip archive; broken-zip: one whose list of files cannot be read
 * - archive: an archive that cannot be opened here, such as rar, 7z or tar
 * - pytorch, keras, tfjs, tensorflow, tflite, coreml, tensorrt, gguf, numpy: models, or weights, of these
 * - other-model: a model of a program that is none of these
 * - weights: a .bin file, which may be of many programs
 * - unknown
 * @typedef {'safetensors' | 'onnx' | 'json' | 'project' | 'taught' | 'picture' | 'pictures' | 'teachable-machine'
 *   | 'zip-model' | 'zip' | 'broken-zip' | 'archive' | Foreign | 'unknown'} FileKind
 */
/**
 * Models that cannot be loaded.
 * @typedef {'pytorch' | 'keras' | 'tfjs' | 'tensorflow' | 'tflite' | 'coreml' | 'tensorrt' | 'gguf' | 'numpy'
 *   | 'teachable-export' | 'other-model' | 'weights'} Foreign
 */

/** @type {ReadonlySet<string>} */
const foreign = new Set(['pytorch', 'keras', 'tfjs', 'tensorflow', 'tflite', 'coreml', 'tensorrt', 'gguf', 'numpy',
  'teachable-export', 'other-model', 'weights']);

/** Whether a file is a model that cannot be loaded. @param {FileKind} kind @returns {kind is Foreign} */
export const isForeign = kind => foreign.has(kind);

/** Extensions of pictures, those included that not every browser decodes. */
const pictureName =
  /\.(jpe?g|jpe|jfif|png|apng|webp|gif|bmp|dib|avif|hei[cf]|tiff?|jxl|jp2|j2k|psd|ico|svg)$/i;

/** Files that systems put into folders and archives by themselves. Nobody misses them. */
const clutter = /(^|\/)(__MACOSX\/|\.(?!\.)|(thumbs\.db|desktop\.ini|ehthumbs\.db|icon\r)$)/i;

/** How Teachable Machine names the pictures of a class: CLASS-!-0.jpg. */
const teachableMachineName = /^(.+)-!-\d+\.\w+$/;

/** What extensions mean when the bytes do not tell. @type {[RegExp, FileKind][]} */
const byName = [
  [/\.(pt|pth|ckpt|pkl|pickle|torchscript|ptl|pte)$/i, 'pytorch'],
  [/\.(h5|hdf5|keras)$/i, 'keras'],
  [/\.(tflite|lite|litertlm)$/i, 'tflite'],
  [/\.(pb|pbtxt|meta|index|data-\d+-of-\d+)$/i, 'tensorflow'],
  [/\.(mlmodel|mlmodelc|mlpackage)(\.zip)?$/i, 'coreml'],
  [/\.(engine|trt|plan)$/i, 'tensorrt'],
  [/\.(gguf|ggml)$/i, 'gguf'],
  [/\.(npz|npy)$/i, 'numpy'],
  [/\.(pdparams|pdmodel|pdiparams|caffemodel|prototxt|params|ncnn|param|weights|mnn|rknn|om|dlc|msgpack|ot|joblib)$/i,
    'other-model'],
  [/\.(rar|7z|tar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|cab|iso|dmg|lzh|arj)$/i, 'archive'],
  [/\.bin$/i, 'weights'],
  [/\.zip$/i, 'broken-zip'],
  [/\.safetensors$/i, 'safetensors'],
  [/\.onnx$/i, 'onnx'],
  [/\.json$/i, 'json'],
];

/** The first bytes of kinds of files, from some place on. @type {[number, string, FileKind][]} */
const byHead = [
  [0, '\xFF\xD8\xFF', 'picture'], [0, '\x89PNG', 'picture'], [0, 'GIF8', 'picture'], [8, 'WEBP', 'picture'],
  [0, 'II*\0', 'picture'], [0, 'MM\0*', 'picture'], [4, 'ftypavi', 'picture'], [4, 'ftyphe', 'picture'],
  [4, 'ftypmif1', 'picture'], [4, 'ftypmsf1', 'picture'],
  [0, '\x80\x02', 'pytorch'], [0, '\x80\x03', 'pytorch'], [0, '\x80\x04', 'pytorch'], [0, '\x80\x05', 'pytorch'],
  [0, '\x89HDF', 'keras'],
  [4, 'TFL3', 'tflite'],
  [0, 'GGUF', 'gguf'],
  [0, '\x93NUMPY', 'numpy'],
  [0, 'ftrt', 'tensorrt'], [0, 'ptrt', 'tensorrt'],
  [0, 'Rar!\x1A\x07', 'archive'], [0, '7z\xBC\xAF\x27\x1C', 'archive'], [257, 'ustar', 'archive'],
  [0, '\xFD7zXZ', 'archive'], [0, 'BZh', 'archive'], [0, '\x28\xB5\x2F\xFD', 'archive'],
];

/** What the JSON of a TensorFlow.js model begins with. */
const tfjsModel = /"(modelTopology|weightsManifest)"|"format":\s*"(layers|graph)-model"|"TensorFlow\.js/;

/** How many of a file's first bytes kindOf needs. */
export const headBytes = 512;

/**
 * The kind of a file that is no zip archive. The bytes come first; a name counts when they do not tell.
 * @param {Uint8Array} head  the first bytes
 * @param {string} name  may be empty
 * @returns {FileKind}
 */
export function kindOf(head, name) {
  const text = String.fromCharCode(...head.subarray(0, headBytes));
  const known = byHead.find(([at, bytes]) => text.startsWith(bytes, at));
  if (known) return known[2];
  if (text[8] === '{' && text.slice(3, 8) === '\0\0\0\0\0') return 'safetensors';
  if (/^(\xEF\xBB\xBF)?\s*\{/.test(text) && tfjsModel.test(text)) return 'tfjs';
  if (pictureName.test(name)) return 'picture';
  return byName.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
}

/** Whether a name's extension is a picture's. @param {string} name */
export const isPictureName = name => pictureName.test(name) && !clutter.test(name);

/** Whether a system has put a file there, and no person. @param {string} name */
export const isClutter = name => clutter.test(name);

/**
 * What a zip archive is, by the names of the files in it.
 * @param {string[]} all  with the folders they are in
 * @returns {FileKind}
 */
export function zipKind(all) {
  const names = all.filter(name => !isClutter(name) && !name.endsWith('/'));
  const has = (/** @type {string} */ file) => names.some(name => name === file || name.endsWith(`/${file}`));
  const hasType = (/** @type {RegExp} */ type) => names.some(name => type.test(name));

  if (isProject(names)) return 'project';
  // What programs write as zip archives. A checkpoint may have any name, and its files lie in a folder.
  if (has('data.pkl') || has('constants.pkl')) return 'pytorch';
  if (has('model.weights.h5') || (has('metadata.json') && has('config.json') && hasType(/\.h5$/i))) return 'keras';
  if (has('[Content_Types].xml') || has('META-INF/MANIFEST.MF') || has('AndroidManifest.xml')) return 'zip';
  if (names.length > 0 && names.every(name => /\.npy$/i.test(name))) return 'numpy';

  const pictures = names.filter(isPictureName);
  const isTeachableMachine = (/** @type {string} */ name) => teachableMachineName.test(baseOf(name));
  if (pictures.length > 0 && pictures.every(isTeachableMachine)) return 'teachable-machine';
  if (hasType(/\.(safetensors|onnx)$/i)) return 'zip-model';
  if (pictures.length > 0) return 'pictures';
  // A folder of a model, packed by a person or for download.
  if (teachableExport(names)) return 'teachable-export';
  if (has('model.json') && hasType(/\.bin$/i)) return 'tfjs';
  for (const [pattern, kind] of byName) if (isForeign(kind) && names.some(name => pattern.test(name))) return kind;
  return 'zip';
}

/**
 * In which format Teachable Machine has exported a model.
 * @param {string[]} names  of the files in the archive
 * @returns {string} empty: it is no such export
 */
export function teachableExport(names) {
  const bases = new Set(names.filter(name => !isClutter(name)).map(baseOf));
  const has = (/** @type {string[]} */ ...all) => all.every(name => bases.has(name));
  if (has('model.json', 'weights.bin', 'metadata.json')) return 'TensorFlow.js';
  if (!bases.has('labels.txt')) return '';
  if (has('keras_model.h5')) return 'Keras';
  if ([...bases].some(name => /^model(_unquant|_edgetpu)?\.tflite$/.test(name))) return 'TensorFlow Lite';
  return names.some(name => /(^|\/)model\.savedmodel\/saved_model\.pb$/.test(name)) ? 'TensorFlow' : '';
}

/** The files of a project that Teach has saved, and what people may have added. */
const projectFile = /^(project\.json|(pictures|features|small|inputs|blocks|weights)\/.+|[^/]+\.(txt|md))$/;

/**
 * Whether files are those of a project, which may have been packed again with its folder. Other programs have a
 * project.json too, among files with other names.
 * @param {string[]} names
 */
function isProject(names) {
  const [described] = names.filter(name => /^([^/]+\/)?project\.json$/.test(name));
  if (!described) return false;
  const folder = described.slice(0, -'project.json'.length);
  return names.every(name => name.startsWith(folder) && projectFile.test(name.slice(folder.length)));
}

/** A name without its folders. @param {string} path */
export const baseOf = path => path.slice(path.lastIndexOf('/') + 1);

/**
 * The folder that Teachable Machine's name of a picture stands for: CLASS/CLASS-!-0.jpg for CLASS-!-0.jpg.
 * @param {string} path
 */
export function teachableMachinePath(path) {
  const base = baseOf(path);
  return `${teachableMachineName.exec(base)?.[1] ?? ''}/${base}`;
}
