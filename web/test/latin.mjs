// Latin words that are left on a Chinese page.

/** Words that are written so in Chinese as well: names, units, formats and formulas. */
const allowed = new RegExp(`^(${[
  'Residua', 'ResNet', 'ImageNet', 'Grad-CAM', 'CAM', 'CSV', 'JSON', 'PNG', 'JPEG', 'ONNX', 'PyTorch', 'torchvision',
  'timm', 'Hugging', 'Face', '[Ss]afetensors', 'labels\\.txt', 'Viridis', 'Magma', 'English', 'SIMD', 'MB', 'KB', 'kB',
  'ms', 'GFLOPs?', 'CPU', 'SGD', 'Adam[W]?', 'ReLU', 'Veit', 'Wilber', 'Belongie', 'Wilson', 'logit',
  'CKA', 'MMD', 'AdaBN', 'LogME', 'AI',
  'Esc', 'Enter', 'Tab', 'Home', 'End', 'Shift', 'Ctrl', 'Delete', 'Backspace', 'Page', 'Up', 'Down',
  '[xyFfhwx]', 'V1', 'W', 'GB', 'bit', 'onnx', 'model\\.onnx\\.data', 'config\\.json', 'preprocessor',
  'PDF', '\\S+\\.(jpg|pdf|png)', 'photos', 'alp', 'barn', 'zebra', 'cat', 'dog', // files of the tests
].join('|')})$`);

/** It runs in the page: the Latin words that are seen, outside of what is marked as another language's. */
function latinWords() {
  const words = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = /** @type {HTMLElement} */ (node.parentElement);
    const others = '[lang="en"], [translate="no"], .original, script, svg title, #model-credit, .photo-name';
    if (!element.checkVisibility() || element.closest(others)) continue;
    const text = (node.textContent ?? '').replaceAll(/“[^”]*”/g, ''); // the titles of papers
    for (const [word] of text.matchAll(/[A-Za-z][A-Za-z.-]*[A-Za-z]/g)) {
      words.add(`${word}\t${text.trim().slice(0, 60)}`);
    }
  }
  return [...words];
}

/**
 * The Latin words that are seen on a Chinese page and that Chinese does not have, each with the text round it.
 * @param {import('playwright-core').Page} page
 */
export const latinOn = async page =>
  (await page.evaluate(latinWords)).filter(line => !allowed.test(line.split('\t')[0]));
