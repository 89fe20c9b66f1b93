// The end-to-end tests: the built page in Chromium, used as a person would. Run with: node --test e2e.mjs

import './e2e/answers.mjs';
import './e2e/badinput.mjs';
import './e2e/canvas.mjs';
import './e2e/download.mjs';
import './e2e/lacking.mjs';
import './e2e/look.mjs';
import './e2e/inspect.mjs';
import './e2e/models.mjs';
import './e2e/page.mjs';
import './e2e/share.mjs';
import './e2e/start.mjs';
import './e2e/teach.mjs';
import './e2e/teachfaults.mjs';
import './e2e/teachfiles.mjs';
import './e2e/threads.mjs';
